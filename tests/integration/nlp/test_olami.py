"""A bot that leaves messages to OLAMI, in a running room beside a stand-in that checks every call."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.event import ButtonPressed, Person
from tests.builders import NOON, message
from tests.fakes.olami_server import APP_KEY, APP_SECRET, DETAIL, HEADLINES, OlamiServer
from tests.fakes.openai_server import OpenAIServer
from tests.integration.nlp.room import NlpRoom
from tests.redis_process import RedisProcess
from tests.skill_bots import write_skill_bot

pytestmark = pytest.mark.usefixtures("redis_client")
CONFIG = "language: zh\nengines: [olami, llm, dialogue]\n"
LAST_RESORT = "我不懂。"
BOT = f"version: '3.1'\nresponses:\n  utter_default:\n  - text: {LAST_RESORT}\n"


@pytest.fixture(scope="module")
def olami() -> Iterator[OlamiServer]:
    server = OlamiServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def bots(folder: Path) -> Path:
    for name, config in (("bare", CONFIG.replace("llm, ", "")), ("helped", CONFIG)):
        bot = folder / "bots" / name
        bot.mkdir(parents=True)
        (bot / "config.yml").write_text(config, "utf-8")
        (bot / "domain.yml").write_text(BOT, "utf-8")
    write_skill_bot(folder / "bots" / "skilled", "[fruit]", "engines: [olami, dialogue]")
    return folder / "bots"


@pytest.fixture(scope="module")
def room(
    folder: Path, bots: Path, redis_process: RedisProcess, olami: OlamiServer, model: OpenAIServer
) -> Iterator[NlpRoom]:
    with NlpRoom(
        folder,
        redis_process.url,
        NLP_BOTS_DIR=str(bots),
        NLP_BOT="bare",
        NLP_TELEGRAM_BOT="helped",
        NLP_SLACK_BOT="skilled",
        OPENAI_BASE_URL=model.url,
        OLAMI_URL=f"{olami.url}/",
        OLAMI_APP_KEY=APP_KEY,
        OLAMI_APP_SECRET=APP_SECRET,
        NLP_OLAMI_S="1",
    ) as running:
        yield running


@pytest.fixture(autouse=True)
def _fresh(olami: OlamiServer, model: OpenAIServer) -> None:
    olami.reset()
    model.reset()
    model.script(["The model."])


HELPED = "telegram:default:7"


def test_the_weather_asks_for_the_place_and_news_for_the_number(room: NlpRoom) -> None:
    assert room.says(message("今天天氣如何?")) == ["請問您詢問的是哪裡的天氣？"]
    assert room.says(message("台北")) == ["台北今天陰，最高溫度 30 度。"]
    [listed] = room.says(message("告訴我今日新聞"))
    assert [f"{place}. {title}" for place, title in enumerate(HEADLINES, 1)] == listed.splitlines()[2:]
    assert room.says(message("4")) == [DETAIL]


def test_a_form_that_runs_has_the_answer(room: NlpRoom) -> None:
    here = "slack:T1:D9"
    assert room.says(message("ask me my age", here)) == ["How old are you?"]
    assert room.says(message("講個笑話", here)) == ["Hello!"]
    assert room.says(message("講個笑話", here)) == ["一隻貓走進圖書館。"]


def test_a_number_chooses_from_the_newest_list_be_it_olamis_or_a_skills(room: NlpRoom) -> None:
    here = "slack:T1:D1"
    assert "1. Apple" in room.says(message("fruit", here))[0]
    room.says(message("告訴我今日新聞", here))
    assert room.says(message("4", here)) == [DETAIL]
    room.says(message("fruit", here))
    assert room.says(message("4", here))[0].startswith("Dragon fruit")


def test_a_pressed_number_chooses_too(room: NlpRoom) -> None:
    room.says(message("告訴我今日新聞"))
    facts = {"event_id": "b1", "conversation_id": "web:c1", "at": NOON, "user": Person(id="p1")}
    assert room.says(ButtonPressed(**facts, payload="4")) == [DETAIL]


def test_an_intent_of_the_bots_own_is_not_for_olami(room: NlpRoom, olami: OlamiServer) -> None:
    facts = {"event_id": "b2", "conversation_id": "web:c1", "at": NOON, "user": Person(id="p1")}
    assert room.says(ButtonPressed(**facts, payload="/affirm")) == [LAST_RESORT]
    assert olami.called("nli") == []


def test_conversations_are_kept_apart_without_telling_olami_whose_they_are(
    room: NlpRoom, olami: OlamiServer
) -> None:
    room.says(message("今天天氣如何?", "web:a"))
    assert room.says(message("你好嗎", "web:b")) == ["我很好。"]
    assert room.says(message("高雄", "web:a")) == ["高雄今天陰，最高溫度 30 度。"]
    customers = [call["cusid"] for call in olami.called("nli")]
    assert customers[0] == customers[2] != customers[1]
    assert not any("web:" in customer for customer in customers)


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 503},
        {"stall_s": 5},
        {"drop": True},
        {"status": 200, "body": {"status": "error", "code": 100203}},
        {"status": 200, "body": {"status": "ok"}},
        {"status": 200, "body": {"status": "ok", "data": {"nli": [{"type": "chat", "desc_obj": {}}]}}},
    ],
)
def test_where_olami_has_no_answer_the_next_engine_is_asked(
    room: NlpRoom, olami: OlamiServer, fault: dict[str, object]
) -> None:
    olami.fail("nli", times=2, **fault)
    assert room.says(message("你好嗎")) == [LAST_RESORT]
    assert room.says(message("你好嗎", HELPED)) == ["The model."]


def test_half_a_character_of_olamis_does_no_harm(room: NlpRoom, olami: OlamiServer) -> None:
    nli = {"type": "chat", "desc_obj": {"result": "好\ud83d"}}
    olami.fail("nli", status=200, body={"status": "ok", "data": {"nli": [nli]}})
    assert room.says(message("你好嗎")) == ["好?"]


def test_what_olami_does_not_understand_goes_to_the_model_where_there_is_one(room: NlpRoom) -> None:
    assert room.says(message("嗚啦啦", HELPED)) == ["The model."]


def test_who_writes_simplified_is_answered_in_it(room: NlpRoom) -> None:
    assert room.says(message("選電影")) == ["對不起，你說的我還不懂，能換個說法嗎？"]
    assert room.says(message("选电影")) == ["对不起，你说的我还不懂，能换个说法吗？"]


def test_neither_key_nor_words_are_in_the_log(room: NlpRoom, olami: OlamiServer) -> None:
    olami.fail("nli", status=503)
    room.says(message("請不要寫下這句話"))
    written = room.log.read_text("utf-8")
    assert '"event": "nlp.olami.failed"' in written
    assert not any(word in written for word in (APP_KEY, APP_SECRET, "sign=", "請不要寫下"))
