"""The catalogue of the interface's words."""

import re

import pytest

from foundation.words import LANGUAGES, Language, catalogue, language_of, page_words, say
from services.gateway.routes.pages import SHARED, STATIC

PLACE = re.compile(r"\{(\w+)\}")
SAID = re.compile(r'\bsay\("(\w+)"|\bdata-say(?:-\w+)?="(\w+)"')
QUOTED = re.compile(r'"(\w+)"|data-say(?:-\w+)?="(\w+)"')
BEGUN = re.compile(r"`(\w+_)\$\{")
"""The fixed part of a key that a script puts together."""


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


@pytest.fixture(scope="module")
def page_sources() -> str:
    """Every script and every page."""
    return "\n".join(p.read_text("utf-8") for p in STATIC.iterdir() if p.suffix in (".js", ".html"))


def _found(pattern: re.Pattern[str], text: str) -> set[str]:
    return {word for match in pattern.finditer(text) for word in match.groups() if word}


def test_every_phrase_that_the_page_says_is_in_the_catalogue(page_sources: str) -> None:
    said = _found(SAID, page_sources)
    assert len(said) > 50
    assert said - set(page_words("en")) - set(SHARED) == set()


def test_the_page_has_no_phrase_that_it_never_says(page_sources: str) -> None:
    begun = tuple(_found(BEGUN, page_sources))
    unsaid = set(page_words("en")) - _found(SAID, page_sources) - _found(QUOTED, page_sources)
    assert {key for key in unsaid if not key.startswith(begun)} == set()


def test_the_pages_phrases_are_in_the_one_catalogue() -> None:
    assert say("page_tooLong", "zh-Hant", count=3) == "超過 3 個字"
    assert set(page_words("en")) & set(SHARED) == set()
