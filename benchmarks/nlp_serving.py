"""How fast a room is there, parses and answers, and how much memory it holds."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median

import psutil

from benchmarks.rows import Row
from contracts.event import MessageSent, Person
from tests.integration.nlp.room import NlpRoom
from tests.redis_process import RedisProcess

RASA = "Rasa 3.6"
_ENGLISH = ("hi", "im looking for a restaurant", "afghan food for three people", "can you share your boss")
_CHINESE = ("你好", "明天广州的天气怎么样", "后天呢", "谢谢")
_WARM = 50
_RASA_TOKEN = "token-for-clients"


def rows(bots: Path, requests: int = 400) -> list[Row]:
    """A form bot in English, and a Chinese one."""
    found: list[Row] = []
    with _place(bots / "moodbot-2x") as make:
        found.append(_start_row(make, "moodbot-2x", 23.7))
        with make() as room:
            found.append(_parse_row(room, "moodbot-2x", ("hi", "i am sad", "no"), requests, 8.4))
    with _place(bots / "formbot-2x") as make:
        found.append(_start_row(make, "formbot-2x", 47.3))
        with make() as room:
            found.append(_parse_row(room, "formbot-2x", _ENGLISH, requests, 10.4))
            found += _turn_rows(room, "HTTP", partial(_turn, room), requests)
            found += _turn_rows(room, "Rasa's REST channel", partial(_rest, room), requests)
            found.append(Row("memory, English (formbot-2x)", _memory_mb(room), "MB", 1254, RASA, 200))
    with _place(bots / "chitchat-zh-1x") as make, make() as room:
        found.append(_parse_row(room, "chitchat-zh-1x", _CHINESE, requests, None))
        found.append(Row("memory, Chinese (chitchat-zh-1x)", _memory_mb(room), "MB", None, "", 300))
    return found


@contextmanager
def _place(bot: Path) -> Iterator[Callable[[], NlpRoom]]:
    """A Redis, a folder of one bot, and a way to make rooms over them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(bot, folder / "bots" / "bot")
        redis = RedisProcess(folder)
        redis.start()
        variables = dict.fromkeys(("NLP_BOT", "NLP_WEB_BOT", "NLP_TELEGRAM_BOT", "NLP_SLACK_BOT"), "bot")
        variables |= {"NLP_BOTS_DIR": str(folder / "bots"), "NLP_RASA_TOKEN": _RASA_TOKEN}
        try:
            yield lambda: NlpRoom(folder, redis.url, **variables)
        finally:
            redis.stop()


def _start_row(make: Callable[[], NlpRoom], bot: str, baseline: float) -> Row:
    """The first start trains; those behind it are counted."""
    times = []
    for _ in range(4):
        begun = time.perf_counter()
        with make():
            times.append(time.perf_counter() - begun)
    return Row(f"start to ready ({bot}, trained)", median(times[1:]), "s", baseline, RASA, 3)


def _parse_row(room: NlpRoom, bot: str, texts: tuple[str, ...], requests: int, baseline: float | None) -> Row:
    times = []
    for number in range(requests):
        begun = time.perf_counter()
        room.client.post("/v1/bots/bot/parse", json={"text": texts[number % len(texts)]}).raise_for_status()
        times.append(time.perf_counter() - begun)
    return Row(f"parse over HTTP, p50 ({bot})", 1000 * median(times[_WARM:]), "ms", baseline, RASA, 1.5)


def _turn_rows(room: NlpRoom, what: str, say: Callable[[str, int], object], requests: int) -> list[Row]:
    """One conversation after the other turn; then eight conversations at once, each in order."""
    times = []
    for number in range(requests):
        begun = time.perf_counter()
        say("one", number)
        times.append(time.perf_counter() - begun)

    def talk(conversation: str) -> None:
        for number in range(requests // 4):
            say(conversation, number)

    begun = time.perf_counter()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(talk, [f"many{number}" for number in range(8)]))
    rate = 8 * (requests // 4) / (time.perf_counter() - begun)
    return [
        Row(f"a turn over {what}, p50 (formbot-2x)", 1000 * median(times[_WARM:]), "ms", 56, RASA, 5),
        Row(f"turns over {what}, 8 conversations (formbot-2x)", rate, "/s", 16.5, RASA, 300, True),
    ]


def _rest(room: NlpRoom, sender: str, number: int) -> None:
    """As clients that were written for Rasa do."""
    body = {"sender": sender, "message": _ENGLISH[number % len(_ENGLISH)]}
    room.client.post(
        "/webhooks/rest/webhook", json=body, headers={"Authorization": f"Bearer {_RASA_TOKEN}"}
    ).raise_for_status()


def _turn(room: NlpRoom, name: str, number: int) -> None:
    """As a worker does."""
    event = MessageSent(
        event_id=f"web:{name}:{number}",
        conversation_id=f"web:{name}",
        at=1,
        user=Person(id="p1"),
        text=_ENGLISH[number % len(_ENGLISH)],
    )
    room.turn(event)


def _memory_mb(room: NlpRoom) -> float:
    return float(psutil.Process(room.pid).memory_info().rss) / 2**20
