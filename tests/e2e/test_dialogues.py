"""The weather and the news in several turns, on every channel: with our own skills, and with OLAMI."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from foundation.words import catalogue, language_of
from tests.e2e.stack import Stack
from tests.e2e.talkers import OnSlack, OnTelegram, OnWeb, Talker
from tests.fakes.olami_server import APP_KEY, APP_SECRET, DETAIL, HEADLINES, OlamiServer
from tests.fakes.open_meteo_server import OpenMeteoServer
from tests.fakes.slack_server import SlackServer
from tests.fakes.source_server import SourceServer
from tests.fakes.telegram_server import TelegramServer
from tests.payloads import SLACK_SECRET, SLACK_TOKEN, TELEGRAM_SECRET, TELEGRAM_TOKEN

SUMMARY = "這個平台昨晚停止所有交易，正在清查損失。"
SUMMARY_HANS = "这个平台昨晚停止所有交易，正在清查损失。"
HEADLINES_HANS = (
    "城市图书馆延长开放",
    "新的自行车道启用",
    "海边音乐节周末登场",
    "数位货币平台暂停交易",
    "文化中心整修完成",
)
DETAIL_HANS = "一家数位货币平台昨晚暂停所有交易，正在清查损失。"


@pytest.fixture(scope="module")
def meteo() -> Iterator[OpenMeteoServer]:
    server = OpenMeteoServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def feed() -> Iterator[SourceServer]:
    server = SourceServer()
    server.start()
    items = "".join(
        f"<item><title>{title}</title><link>https://news.example/{number}</link>"
        f"<description>{SUMMARY if number == 4 else title}</description>"
        f"<pubDate>Sat, 21 Nov 2026 0{9 - number}:00:00 GMT</pubDate></item>"
        for number, title in enumerate(HEADLINES, 1)
    )
    rss = f'<?xml version="1.0"?><rss version="2.0"><channel><title>日報</title>{items}</channel></rss>'
    server.says("rss", rss, "application/rss+xml")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def kkbox() -> Iterator[SourceServer]:
    server = SourceServer()
    server.start()
    songs = [
        {
            "id": f"S{number}",
            "name": f"Song {number}",
            "url": f"https://kkbox.example/song/S{number}",
            "album": {"name": "Blue", "images": [{"url": "https://kkbox.example/cover.jpg"}]},
        }
        for number in (1, 2)
    ]
    server.says("oauth2/token", {"access_token": "token", "expires_in": 3600})
    server.says("v1.1/search", {"tracks": {"data": songs}})
    yield server
    server.stop()


@pytest.fixture(scope="module")
def olami() -> Iterator[OlamiServer]:
    server = OlamiServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def stack(
    tmp_path_factory: pytest.TempPathFactory,
    meteo: OpenMeteoServer,
    feed: SourceServer,
    kkbox: SourceServer,
    olami: OlamiServer,
    telegram: TelegramServer,
    slack: SlackServer,
) -> Iterator[Stack]:
    folder: Path = tmp_path_factory.mktemp("dialogues")
    settings = {
        "NLP_BOTS_DIR": str(_bots(folder / "bots")),
        "NLP_BOT": "demo",
        "NLP_GEOCODING_URL": meteo.url,
        "NLP_FORECAST_URL": meteo.url,
        "NLP_NEWS_FEEDS": f"{feed.url}/rss",
        "NLP_KKBOX_URL": kkbox.url,
        "NLP_KKBOX_ACCOUNT_URL": kkbox.url,
        "KKBOX_CLIENT_ID": "id",
        "KKBOX_CLIENT_SECRET": "secret",
        "OLAMI_URL": f"{olami.url}/",
        "OLAMI_APP_KEY": APP_KEY,
        "OLAMI_APP_SECRET": APP_SECRET,
        "TELEGRAM_BOT_TOKEN": TELEGRAM_TOKEN,
        "TELEGRAM_WEBHOOK_SECRET": TELEGRAM_SECRET,
        "TELEGRAM_API_URL": telegram.url,
        "SLACK_BOT_TOKEN": SLACK_TOKEN,
        "SLACK_SIGNING_SECRET": SLACK_SECRET,
        "SLACK_API_URL": slack.api_url,
    }
    with Stack(folder / "stack", settings) as stack:
        yield stack


def _bots(folder: Path) -> Path:
    """The bots that answer, and one of them that asks OLAMI before itself."""
    for name in ("demo", "weather-zh"):
        shutil.copytree(f"bots/{name}", folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(folder / "weather-zh", folder / "weather-zh-olami")
    config = folder / "weather-zh-olami" / "config.yml"
    text, changes = re.subn(
        r"^engines: \[", "engines: [olami, ", config.read_text("utf-8"), flags=re.MULTILINE
    )
    assert changes == 1
    config.write_text(text, "utf-8")
    return folder


@dataclass(frozen=True)
class Lines:
    """What a person says to a bot, and what its answers tell."""

    bot: str
    locale: str
    weather: str
    which_place: str
    place: str
    told: str
    news: str
    headlines: tuple[str, ...]
    article: str


ENGLISH_WORDS = ("en", "What is the weather today?", "which place?", "Paris")
HANT_WORDS = ("zh-TW", "今天天氣如何？", "哪裡的天氣？", "台北")
HANS_WORDS = ("zh-CN", "今天天气如何？", "哪里的天气？", "上海")
HANT_NEWS = ("告訴我今日新聞", HEADLINES)
HANS_NEWS = ("告诉我今日新闻", HEADLINES_HANS)
DIALOGUES = (
    Lines(
        "demo",
        "en",
        "What is the weather today?",
        "which place?",
        "Paris",
        "28 °C",
        "tell me the news",
        HEADLINES,
        SUMMARY,
    ),
    Lines("demo", *HANT_WORDS, "28 °C", *HANT_NEWS, SUMMARY),
    Lines("weather-zh", *HANT_WORDS, "28 度", *HANT_NEWS, SUMMARY),
    Lines("weather-zh", *HANS_WORDS, "28 度", *HANS_NEWS, SUMMARY_HANS),
    Lines("weather-zh-olami", *HANT_WORDS, "30 度", *HANT_NEWS, DETAIL),
    Lines("weather-zh-olami", *HANS_WORDS, "30 度", *HANS_NEWS, DETAIL_HANS),
)


@pytest.fixture(scope="module", params=DIALOGUES, ids=lambda lines: f"{lines.bot}-{lines.locale}")
def lines(stack: Stack, request: pytest.FixtureRequest) -> Lines:
    """A dialogue, whose bot answers everywhere from now on."""
    found: Lines = request.param
    room = stack["nlp"]
    if room.environment["NLP_BOT"] != found.bot:
        room.terminate()
        room.wait()
        room.environment["NLP_BOT"] = found.bot
        room.start()
        stack.wait_ready()
    return found


@pytest.fixture(params=("web", "telegram", "slack"))
def person(
    stack: Stack, telegram: TelegramServer, slack: SlackServer, lines: Lines, request: pytest.FixtureRequest
) -> Talker:
    """Somebody new on the channel."""
    if request.param == "web":
        return OnWeb(stack, lines.locale)
    return OnTelegram(stack, telegram, lines.locale) if request.param == "telegram" else OnSlack(stack, slack)


def numbered(text: str) -> list[str]:
    """The lines of a list, without their numbers, which are right."""
    found = re.findall(r"^(\d+)\. (.+)$", text, re.MULTILINE)
    assert [number for number, _ in found] == [str(number) for number in range(1, len(found) + 1)]
    return [title for _, title in found]


def test_the_weather_asks_for_the_place_and_the_news_for_the_number(person: Talker, lines: Lines) -> None:
    assert lines.which_place in person.say(lines.weather).text
    assert lines.told in person.say(lines.place).text
    assert numbered(person.say(lines.news).text) == list(lines.headlines)
    assert lines.article in person.say("4").text


def test_the_fourth_button_is_the_fourth_article(person: Talker, lines: Lines) -> None:
    listed = person.say(lines.news)
    fourth = next(title for title in listed.buttons if title.startswith("4"))
    assert lines.article in person.press(listed, fourth).text


@pytest.mark.parametrize("lines", DIALOGUES[:1], ids=["demo-en"], indirect=True)
def test_a_song_has_its_cover_a_link_and_a_preview_to_press(person: Talker, lines: Lines) -> None:
    listed = person.say("find me anime songs")
    assert numbered(listed.text) == ["Song 1", "Song 2"]
    song = person.press(listed, "2. Song 2")
    assert "Song 2" in song.text
    assert song.image
    [(title, page)] = song.links.items()
    assert title == "▶ Listen"
    assert page.startswith("https://widget.kkbox.com/v1/?id=S2&type=song")


def test_help_lists_what_is_on_in_the_persons_language(person: Talker, lines: Lines) -> None:
    person.say(lines.weather)
    told = person.say("/help").text
    words = catalogue(language_of(lines.locale))
    for skill in ("weather", "news", "joke"):
        _, _, meaning = words[f"help_{skill}"].rpartition("`")
        assert meaning.strip("：: –") in told
