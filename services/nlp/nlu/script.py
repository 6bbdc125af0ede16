"""Chinese scripts: one form to understand, the person's own form to answer in."""

from functools import cache
from typing import Literal

from opencc import OpenCC

Script = Literal["hans", "hant"]
_IN_BOTH = str.maketrans("", "", "台后里面干只谷范松斗云余系表板准丑沖")
"""Simplified characters that are ordinary in Traditional writing too."""
_TRADITIONAL_REGIONS = ("hant", "tw", "hk", "mo")


@cache
def _converter(name: str) -> OpenCC:
    return OpenCC(name)


def simplified(text: str) -> str:
    """The text in Simplified characters; what is not Chinese stays as it is."""
    return str(_converter("t2s").convert(text))


def script_of(text: str, locale: str | None) -> Script | None:
    """Which characters a person uses, by the text, else by the locale; None where neither tells."""
    if simplified(text) != text:
        return "hant"
    if _is_simplified(text):
        return "hans"
    parts = (locale or "").lower().replace("_", "-").split("-")
    if parts[0] != "zh" or len(parts) == 1:
        return None
    return "hant" if any(part in _TRADITIONAL_REGIONS for part in parts) else "hans"


def in_script(text: str, script: Script) -> str:
    """The text in the given characters; what is in them stays: 台 is not made 臺."""
    if script == "hans":
        return simplified(text)
    return str(_converter("s2twp").convert(text)) if _is_simplified(text) else text


def _is_simplified(text: str) -> bool:
    """Whether it holds a character that is written in Simplified Chinese only."""
    telling = text.translate(_IN_BOTH)
    return str(_converter("s2t").convert(telling)) != telling
