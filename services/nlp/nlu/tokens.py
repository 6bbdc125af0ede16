"""Cuts a sentence into words: at spaces, and by jieba where it is Chinese."""

import logging
import re
import warnings
from collections.abc import Callable

from services.nlp.nlu.script import simplified

with warnings.catch_warnings(action="ignore"):  # its use of pkg_resources is no news to anybody
    import jieba

jieba.setLogLevel(logging.WARNING)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")

Tokenizer = Callable[[str], list[str]]


def whitespace_tokens(text: str) -> list[str]:
    """Lower-case words, without punctuation."""
    return [word.lower() for word in _WORD.findall(text)]


def chinese_tokens(text: str) -> list[str]:
    """Lower-case words in Simplified characters, as jieba cuts them."""
    return [word for word in jieba.lcut(simplified(text).lower()) if _WORD.match(word)]


def tokenizer(is_chinese: bool) -> Tokenizer:
    """The tokenizer for a bot's language."""
    return chinese_tokens if is_chinese else whitespace_tokens
