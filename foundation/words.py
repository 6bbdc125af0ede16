"""The interface's own words in every language: one catalogue, for every room and the page."""

import json
from functools import cache
from importlib import resources
from typing import Literal

Language = Literal["en", "zh-Hant", "zh-Hans"]
PAGE = "page_"
"""What the page's own keys begin with in the catalogue."""
LANGUAGES: tuple[Language, ...] = ("en", "zh-Hant", "zh-Hans")


def say(key: str, language: Language, **places: object) -> str:
    """The phrase, its `{places}` filled in. Raises KeyError for a key that the catalogue does not have."""
    return catalogue(language)[key].format(**places)


def language_of(locale: str | None, default: Language = "en") -> Language:
    """The catalogue's language for a BCP 47 locale such as "zh-TW"; the default for any other."""
    tag = (locale or "").replace("_", "-").lower()
    if tag.split("-")[0] == "zh":
        return "zh-Hant" if {"hant", "tw", "hk", "mo"} & set(tag.split("-")) else "zh-Hans"
    return "en" if tag.split("-")[0] == "en" else default


@cache
def catalogue(language: Language) -> dict[str, str]:
    """Every phrase by its key: `words/{language}.json`, and with `page_` before it, the page's own."""
    page = {f"{PAGE}{key}": text for key, text in page_words(language).items()}
    return _read(f"{language}.json") | page


@cache
def page_words(language: Language) -> dict[str, str]:
    """The phrases that only the page says, by the keys that its scripts use: `words/page/{language}.json`."""
    return _read("page", f"{language}.json")


def _read(*place: str) -> dict[str, str]:
    text = resources.files("foundation").joinpath("words", *place).read_text("utf-8")
    phrases: dict[str, str] = json.loads(text)
    return phrases
