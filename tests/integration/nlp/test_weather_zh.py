"""The Chinese assistant from sentence to answer: its own stories, and talks that go astray."""

from collections.abc import AsyncIterator

import pytest

from services.nlp.formats.annotation import read_example
from services.nlp.formats.loader import load_tests
from services.nlp.formats.story import ActionStep, LoopStep, Story, UserStep
from services.nlp.testing.story_test import StoryResult, run_stories
from tests.fakes.open_meteo_server import OpenMeteoServer
from tests.integration.nlp.weather_zh import FOLDER, Talk, model, talk

ASK_DAY = "請問要查哪一天的天氣？"
ASK_PLACE = "請問要查哪裡的天氣？"
ASK_CONTINUE = "還要繼續嗎？"
ASK_NUMBER = "請問電話號碼是多少？"
ASK_BUSINESS = "請問要查它的什麼？歸屬地、生日、性別，還是電信業者？"
CARRIER = "電話 13800138000 的電信業者：中國移動。"
MISTAKES: list[str] = []
STORIES = load_tests(FOLDER, MISTAKES)


@pytest.fixture
async def ann(open_meteo: OpenMeteoServer) -> AsyncIterator[Talk]:
    async with talk(open_meteo.url) as conversation:
        yield conversation


def test_the_bot_has_twenty_stories_of_its_own_without_a_mistake() -> None:
    assert len(STORIES) >= 20
    assert MISTAKES == []


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
async def test_a_story_goes_as_it_is_told(ann: Talk, story: Story) -> None:
    told: list[tuple[str, ...]] = []
    for step in story.steps:
        if isinstance(step, UserStep):
            told.append(("user", step.intent, *(f"{e.entity}={e.value}" for e in step.entities)))
        elif isinstance(step, ActionStep):
            told.append(("action", step.action))
        elif isinstance(step, LoopStep):
            told.append(("loop", step.form or ""))
    for step in story.steps:
        if isinstance(step, UserStep):
            await ann.say(plain(step.text))
    assert ann.course() == told


def plain(text: str) -> str:
    """The sentence without its marks."""
    return read_example(text)[0]


@pytest.mark.parametrize("result", run_stories(model(), STORIES), ids=lambda result: result.story.name)
def test_a_story_passes_without_its_actions_being_run(result: StoryResult) -> None:
    assert [step for step in result.steps if not step.is_right] == []


def test_no_two_of_its_stories_contradict_one_another() -> None:
    assert model().dialogue.conflicts == []


async def test_day_and_place_are_asked_for_in_turn(ann: Talk) -> None:
    assert await ann.say("查天氣") == [ASK_DAY]
    assert await ann.say("明天") == [ASK_PLACE]
    assert "臺北市" in (await ann.say("台北"))[0]


async def test_either_is_corrected_later_and_the_other_kept(ann: Talk, open_meteo: OpenMeteoServer) -> None:
    for text in ("台北明天會下雨嗎", "那後天呢", "上海呢"):
        assert "小雨" in (await ann.say(text))[0]
    asked = [(args["latitude"], args["start_date"]) for args in open_meteo.called("forecast")]
    assert [place for place, _ in asked] == ["25.05", "25.05", "31.22"]
    assert asked[0][1] < asked[1][1] == asked[2][1]


async def test_what_is_said_besides_is_answered_and_the_question_asked_again(ann: Talk) -> None:
    await ann.say("查天氣")
    for text in ("你今天心情怎麼樣", "你是誰", "asdf qwer", "謝謝"):
        answers = await ann.say(text)
        assert len(answers) == 2, text
        assert answers[-1] == ASK_DAY


async def test_a_day_beyond_the_forecast_is_asked_for_again(ann: Talk) -> None:
    await ann.say("查天氣")
    assert await ann.say("昨天") == ["我只查得到今天起十五天內的天氣。", ASK_DAY]


async def test_a_place_that_nobody_knows_is_said_and_the_day_kept(ann: Talk) -> None:
    await ann.say("查天氣")
    await ann.say("明天")
    assert await ann.say("亞特蘭提斯") == ["我找不到「亞特蘭提斯」這個地方，請換個地名再問我。"]
    assert "上海" in (await ann.say("上海"))[0]


async def test_stop_asks_whether_to_go_on(ann: Talk) -> None:
    await ann.say("查天氣")
    assert await ann.say("停") == [ASK_CONTINUE]
    assert await ann.say("好的") == [ASK_DAY]
    assert await ann.say("停") == [ASK_CONTINUE]
    assert await ann.say("不用了") == ["好，不查了。"]
    assert await ann.say("好的") == ["好的！"]


@pytest.mark.parametrize("text", ["查手機13800138000", "13800138000"])
async def test_a_form_begun_inside_another_leads_back_to_it(ann: Talk, text: str) -> None:
    await ann.say("查天氣")
    assert await ann.say(text) == [ASK_BUSINESS]
    assert await ann.say("電信業者") == [CARRIER, ASK_DAY]
    assert await ann.say("明天") == [ASK_PLACE]
    assert len(await ann.say("上海")) == 1


@pytest.mark.parametrize("text", ["台北明天會下雨嗎", "台北明天"])
async def test_weather_told_in_the_midst_of_a_number_leads_back_to_the_number(ann: Talk, text: str) -> None:
    await ann.say("查手機")
    weather, question = await ann.say(text)
    assert "臺北市" in weather
    assert question == ASK_NUMBER
    await ann.say("13800138000")
    assert await ann.say("電信業者") == [CARRIER]


async def test_the_inner_form_may_be_stopped_and_the_outer_one_goes_on(ann: Talk) -> None:
    for text in ("查天氣", "明天", "查身分證", "停"):
        last = await ann.say(text)
    assert last == [ASK_CONTINUE]
    assert await ann.say("不用了") == ["好，不查了。", ASK_PLACE]
    assert "上海" in (await ann.say("上海"))[0]


async def test_three_turns_beside_the_point_bring_help(ann: Talk) -> None:
    help_of = {"講個笑話": 1, "你幾歲了": 1, "你真棒": 2, "好無聊啊": 1}
    for text, answers in help_of.items():
        assert len(await ann.say(text)) == answers, text


async def test_a_turn_to_the_point_begins_the_count_anew(ann: Talk) -> None:
    for text in ("講個笑話", "你幾歲了", "你好", "你真棒"):
        assert len(await ann.say(text)) == 1, text


async def test_a_restart_forgets_the_form(ann: Talk) -> None:
    await ann.say("查天氣")
    await ann.say("明天")
    await ann.say("重新開始")
    assert ann.tracker.loop is None
    assert ann.tracker.slots["date_time"] is None


@pytest.mark.parametrize(
    ("number", "answers"),
    [
        ("110101199001010015", {"歸屬地": "北京", "生日": "1990年1月1日", "性別": "男"}),
        ("A123456789", {"歸屬地": "臺北市", "性別": "男", "生日": "這種號碼看不出來"}),
        ("13800138000", {"歸屬地": "中國大陸", "電信業者": "中國移動"}),
        ("0912345678", {"歸屬地": "臺灣", "電信業者": "我的表裡沒有"}),
    ],
)
async def test_a_number_tells_what_it_says_by_itself(ann: Talk, number: str, answers: dict[str, str]) -> None:
    await ann.say("查號碼")
    assert await ann.say(number) == [ASK_BUSINESS]
    for business, answer in answers.items():
        assert (await ann.say(business))[0].endswith(f"的{business}：{answer}。")


@pytest.mark.parametrize(
    "number", ["12345", "110101199001010016", "110101199002300015", "A123456780", "23800138000"]
)
async def test_a_number_that_is_none_is_asked_for_again(ann: Talk, number: str) -> None:
    await ann.say("查身分證")
    assert await ann.say(number) == [f"「{number}」不是有效的身分證號碼。", "請問身分證號碼是多少？"]


async def test_types_and_businesses_that_it_does_not_know_are_said(ann: Talk) -> None:
    assert (await ann.say("我想查車牌"))[0] == "我還不會查車牌。"
    await ann.say("電話")
    await ann.say("13800138000")
    assert await ann.say("話費") == ["我還查不了電話的話費。", ASK_BUSINESS]
    assert await ann.say("電信業者") == [CARRIER]


async def test_simplified_characters_are_understood_alike(ann: Talk) -> None:
    assert await ann.say("查身份证") == ["請問身分證號碼是多少？"]
    await ann.say("A123456789")
    assert await ann.say("归属地") == ["身分證 A123456789 的歸屬地：臺北市。"]


@pytest.mark.parametrize(
    "how", [{"status": 500}, {"drop": True}, {"stall_s": 4}, {"body": {"daily": 3}, "status": 200}]
)
async def test_weather_that_cannot_be_had_is_said_so(
    ann: Talk, open_meteo: OpenMeteoServer, how: dict[str, object]
) -> None:
    open_meteo.fail("forecast", **how)
    assert await ann.say("台北明天會下雨嗎") == ["抱歉，現在查不到天氣，請過一會兒再試。"]
    assert "小雨" in (await ann.say("上海呢"))[0]


async def test_a_room_without_weather_says_so() -> None:
    async with talk(None) as conversation:
        assert await conversation.say("台北明天會下雨嗎") == ["抱歉，現在查不到天氣，請過一會兒再試。"]


@pytest.mark.parametrize("first", ["你好", "查天氣", "查身分證"])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00\x07",
        "مرحبا 😀",
        "/inform{",
        '/inform{"place": {"a": [1]}}',
        '/inform{"date_time": ["明天", 7]}',
        '/inform_number{"number_type": {"a": 1}}',
        '/inform_number{"business": null}',
        pytest.param('/inform_number{"number": "' + "1" * 50_000 + '"}', id="a long number"),
        pytest.param('/inform{"place": "' + "台" * 50_000 + '"}', id="a long place"),
    ],
)
async def test_whatever_is_said_the_answer_is_short_and_the_talk_goes_on(
    ann: Talk, first: str, text: str
) -> None:
    await ann.say(first)
    answers = await ann.say(text)
    assert 1 <= len(answers) <= 2
    assert all(0 < len(answer) < 100 for answer in answers)
    await ann.say("台北明天會下雨嗎")
    assert ann.tracker.slots["place"] == "台北"
