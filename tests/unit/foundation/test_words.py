"""The catalogue of the interface's words."""

import re

import pytest

from foundation.words import LANGUAGES, Language, catalogue, language_of, say

PLACE = re.compile(r"\{(\w+)\}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_phrase_with_the_same_places(language: Language) -> None:
    english, theirs = catalogue("en"), catalogue(language)
    assert set(theirs) == set(english)
    assert all(theirs.values())
    assert {key: sorted(PLACE.findall(text)) for key, text in theirs.items()} == {
        key: sorted(PLACE.findall(text)) for key, text in english.items()
    }


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("zh-TW", "zh-Hant"), ("zh_HK", "zh-Hant"), ("zh-Hant-MO", "zh-Hant"), ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"), ("en-GB", "en"), ("de", "en"), (None, "en"), ("zhuang", "en"),
    ],
)  # fmt: skip
def test_a_locale_leads_to_the_language_that_its_people_read(locale: str, language: Language) -> None:
    assert language_of(locale) == language


def test_a_locale_that_is_not_in_the_catalogue_gets_the_default() -> None:
    assert language_of("de", "zh-Hant") == "zh-Hant"
    assert say("stopped", "zh-Hans") == "已停止。"
