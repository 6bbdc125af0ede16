"""Texts of strangers, such that a terminal shows them and does nothing else."""

import unicodedata

_REPLACED = "\N{REPLACEMENT CHARACTER}"
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They turn the writing's direction, also of what follows."""


def plain(text: str) -> str:
    """The text on one line, without what controls a terminal and what no UTF-8 holds."""
    return "".join(_REPLACED if _is_control(letter) else letter for letter in text)


def _is_control(letter: str) -> bool:
    return letter in _TURNING or unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp")
