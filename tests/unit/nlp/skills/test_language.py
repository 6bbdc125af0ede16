"""The language of an answer: what the person writes, else wrote, else the locale, else the bot's."""

import pytest

from services.nlp.skills.language import language_for


@pytest.mark.parametrize(
    ("text", "heard", "locale", "bot", "language"),
    [
        ("台北的天氣", [], "en", "en", "zh-Hant"),
        ("北京的天气", [], "zh-TW", "zh", "zh-Hans"),
        ("what about the weather", ["天氣"], "zh-TW", "zh", "en"),
        ("NBA", ["台北的天氣"], None, "en", "zh-Hant"),
        ("/weather", [], "zh-TW", "en", "zh-Hant"),
        ("/weather New York tomorrow", [], "zh-TW", "zh", "zh-Hant"),
        ("hello", [], "en-US", "zh", "en"),
        ("上海", [], None, "en", "zh-Hant"),
        ("上海", [], "zh-CN", "en", "zh-Hans"),
        ("4", [], None, "zh", "zh-Hant"),
        ("4", [], None, "zh-CN", "zh-Hans"),
        ("4", [], "fr", "en", "en"),
        ("你好", [], "en", "zh", "zh-Hant"),
        ("上海", [], "en-US", "zh-CN", "zh-Hans"),
        ("4", ["你好"], "en", "zh", "zh-Hant"),
        ("上海", ["北京的天气"], "en", "en", "zh-Hans"),
        ("4", ["show me the news", "新聞"], None, "zh", "en"),
        ("4", ["/weather New York tomorrow", "新聞"], "en", "en", "zh-Hant"),
    ],
)
def test_the_nearest_sign_tells(
    text: str, heard: list[str], locale: str | None, bot: str, language: str
) -> None:
    assert language_for(text, heard, locale, bot) == language
