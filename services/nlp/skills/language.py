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
    is_command = text.startswith("/")  # a name of a place tells nothing
    if not is_command and not _HAN.search(text) and len(_WORDS.findall(text)) >= _TELLING_WORDS:
        return "en"
    for said in (text, *islice(heard, LOOKED_BACK)):
        if script := script_of(said, None):
            return _SCRIPTS[script]
    if (locale or "").replace("_", "-").split("-")[0].lower() in ("en", "zh"):
        return language_of(locale)
    return "zh-Hant" if _HAN.search(text) else _of_bot(bot)


def _of_bot(language: str) -> Language:
    """A bot that says no more than "zh" writes Traditional characters, as its built-in responses do."""
    return "zh-Hant" if language.lower() == "zh" else language_of(language)
