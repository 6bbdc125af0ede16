"""Sentences that no training example holds are understood; what is foreign to a bot is not."""

from functools import cache
from pathlib import Path

import pytest

from services.nlp.formats.bot import FALLBACK_INTENT
from services.nlp.formats.loader import load_bot
from services.nlp.nlu.script import in_script, script_of, simplified
from services.nlp.training.model import Model, train

HELD_OUT = {
    "demo": {
        "greet": ["hey there friend", "good evening to you", "well hello bot", "hiya"],
        "goodbye": ["see you tomorrow", "bye for now", "i have to go"],
        "thanks": ["thanks so much", "cheers, that helped", "thank you kindly"],
        "ask_identity": ["what are you exactly", "are you a human or a machine"],
        "ask_help": ["how can you help me", "what are your features", "tell me what you can do"],
        "mood_great": ["i feel wonderful today", "doing really well"],
        "mood_unhappy": ["i am feeling down", "today was terrible"],
        "ask_look_alike": ["which actor do i look like", "find my celebrity twin"],
        "ask_picture": ["show me a nice picture", "can i see a photo of something"],
        "ask_music": ["find songs by sade", "i want to hear some anime music"],
        "ask_stock": ["stock price of siemens", "how is the apple stock today"],
        "ask_who": ["who is alan turing", "who was ada byron"],
        "ask_sum": ["what is 12 times 9", "calculate nine plus ten"],
        "ask_day": ["what day is it now", "when is new year"],
        "ask_poem": ["read me a poem by keats", "recite something by dickinson, a poem"],
        "ask_recipe": ["how do i make tomato soup", "a recipe with eggs"],
        "ask_joke": ["tell me another joke", "do you know a good joke"],
        "ask_air": ["air quality in rome", "how clean is the air in oslo"],
    },
    "weather-zh": {
        "greet": ["大家好", "早上好啊", "哈囉你好"],
        "goodbye": ["那就再見啦", "我先走了", "下次再聊"],
        "thanks": ["謝謝你喔", "真的很感謝", "多謝幫忙"],
        "ask_identity": ["請問你是誰", "你是不是機器人", "你的名字叫什麼"],
        "ask_help": ["你能幫我做什麼", "你有哪些功能", "要怎麼使用"],
        "praise": ["你好棒", "真的很厲害"],
        "ask_weather": ["明天天氣如何", "台北今天會下雨嗎", "今天要不要帶傘"],
        "inform": ["那大後天呢", "廣州呢", "改成禮拜三"],
        "ask_number": ["幫我查個手機號碼", "我要查身分證"],
        "inform_number": ["號碼是13600001234", "我想查歸屬地"],
        "stop": ["我不查了", "停吧"],
        "affirm": ["好啊", "當然要"],
        "deny": ["不要了", "我不想繼續"],
        "chitchat": ["你今年幾歲", "我好無聊"],
        "ask_look_alike": ["你覺得我像誰", "我長得像哪個演員"],
        "chitchat_joke": ["再講個笑話", "說個好笑的笑話"],
        "ask_music": ["我想聽張學友的歌", "找一些古典音樂"],
        "ask_stock": ["華碩股價", "聯電現在的股價多少"],
        "ask_who": ["杜甫是誰", "什麼是量子電腦", "誰是貝聿銘"],
        "ask_sum": ["五百加三十", "七乘以八等於多少"],
        "ask_day": ["明天是星期幾", "中秋節是幾月幾號"],
        "ask_poem": ["念一首白居易的詩", "給我一首關於秋天的詩"],
        "ask_recipe": ["宮保雞丁怎麼做", "紅燒牛肉的做法"],
        "ask_air": ["高雄空氣品質怎麼樣", "今天空氣品質好嗎"],
    },
}
FOREIGN = {
    "demo": [
        "Der schnelle braune Fuchs springt",
        "asdkjh qwoeiu zxmnc",
        "请帮我订一张机票",
        "книга на столе",
        "quarterly revenue forecasts exceeded expectations",
        "12345 67890",
        "😀😀😀",
        "",
    ],
    "weather-zh": [
        "asdf qwer",
        "книга",
        "股票市場崩盤了",
        "quarterly revenue forecasts",
        "3.14159 + 2",
        "😀",
        "",
        "量子力学的基本假设是什么",
    ],
}
TO_UNDERSTAND = [
    (b, intent, text) for b, part in HELD_OUT.items() for intent, ts in part.items() for text in ts
]


@cache
def _model(name: str) -> Model:
    return train(load_bot(Path("bots") / name), "v")


@pytest.mark.parametrize("bot", ["demo", "weather-zh"])
def test_nine_in_ten_held_out_sentences_get_their_intent(bot: str) -> None:
    asked = [(intent, text) for name, intent, text in TO_UNDERSTAND if name == bot]
    known = {example.text for example in _model(bot).bot.examples}
    assert not known & {text for _, text in asked}, "a sentence is among the training examples"
    missed = [(text, intent, _model(bot).parse(text).intent) for intent, text in asked]
    missed = [row for row in missed if row[1] != row[2]]
    assert len(missed) <= len(asked) // 10, missed


@pytest.mark.parametrize(("bot", "text"), [(bot, text) for bot, texts in FOREIGN.items() for text in texts])
def test_what_is_foreign_to_a_bot_is_not_understood(bot: str, text: str) -> None:
    assert _model(bot).parse(text).intent == FALLBACK_INTENT


@pytest.mark.parametrize("place", ["Tokyo", "Paris", "San Francisco"])
def test_a_bare_name_of_a_place_is_known_for_one(place: str) -> None:
    assert [(e.entity, e.value) for e in _model("demo").parse(place).entities] == [("place", place)]


@pytest.mark.parametrize("text", [text for bot, _, text in TO_UNDERSTAND if bot == "weather-zh"])
def test_a_sentence_means_the_same_in_both_scripts(text: str) -> None:
    traditional, other = _model("weather-zh").parse(text), _model("weather-zh").parse(simplified(text))
    assert (other.intent, other.confidence) == (traditional.intent, traditional.confidence)


@pytest.mark.parametrize(
    ("text", "intent", "entities"),
    [
        ("/greet", "greet", []),
        ('/greet{"name": "Ada"}', "greet", [("name", "Ada")]),
        ('/inform {"to": ["Rome", "Oslo"]}', "inform", [("to", "Rome"), ("to", "Oslo")]),
        ("/greet@0.5", "greet", []),
    ],
)
def test_a_typed_intent_passes_straight_through(
    text: str, intent: str, entities: list[tuple[str, object]]
) -> None:
    parsed = _model("demo").parse(text)
    assert (parsed.intent, [(e.entity, e.value) for e in parsed.entities]) == (intent, entities)


def test_a_text_is_written_in_the_script_that_is_asked_for() -> None:
    assert in_script("機器人", "hans") == "机器人"
    assert in_script("机器人", "hant") == "機器人"


@pytest.mark.parametrize(
    ("text", "script"), [("台北", None), ("后天", None), ("天气", "hans"), ("天氣", "hant")]
)
def test_characters_of_both_scripts_tell_nothing(text: str, script: str | None) -> None:
    assert script_of(text, None) == script
