"""Which of the catalogue's languages a person reads."""

import re
from collections.abc import Iterable
from itertools import islice

from foundation.words import Language, language_of
from services.nlp.nlu.script import script_of

LOOKED_BACK = 5
"""As many earlier messages tell which characters a person uses."""
_SCRIPTS: dict[str, Language] = {"hant": "zh-Hant", "hans": "zh-Hans"}
_HAN = re.compile("[\u3400-\u9fff]")
_WORDS = re.compile("[A-Za-z]{2,}")
_TELLING_WORDS = 3


def language_for(text: str, heard: Iterable[str], locale: str | None, bot: str) -> Language:
    """By what the person writes, else wrote (`heard`, newest first), else the locale, else the bot's."""
    said = (text, *islice(heard, LOOKED_BACK))
    sign = next(filter(None, map(_sign, said)), "")
    if sign == "en":
        return "en"
    if sign == "zh":
        scripts = (*(script_of(part, None) for part in said), script_of("", locale))
        return next((_SCRIPTS[script] for script in scripts if script), _chinese_of(bot))
    if (locale or "").replace("_", "-").split("-")[0].lower() in ("en", "zh"):
        return language_of(locale)
    return _of_bot(bot)


def _sign(said: str) -> str:
    """zh, en, or "" for what tells nothing: a command whose text is a name, a number, a word or two."""
    if _HAN.search(said):
        return "zh"
    is_english = not said.startswith("/") and len(_WORDS.findall(said)) >= _TELLING_WORDS
    return "en" if is_english else ""


def _chinese_of(bot: str) -> Language:
    language = _of_bot(bot)
    return "zh-Hant" if language == "en" else language


def _of_bot(language: str) -> Language:
    """A bot that says no more than "zh" writes Traditional characters, as its built-in responses do."""
    return "zh-Hant" if language.lower() == "zh" else language_of(language)
