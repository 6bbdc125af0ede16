"""Amounts in other units: 5 miles in km, 攝氏 20 度是華氏幾度. Pint knows what they are worth."""

import json
import math
import re
import threading
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pint import UnitRegistry
from pint.errors import PintError

from services.nlp.nlu.script import simplified
from services.nlp.skills.spelled import with_digits

MAX_CHARS = 100
_lock = threading.Lock()

_AMOUNT = r"(?P<amount>-?\d+(?:\.\d+)?(?:e-?\d+)?)"
_ASKED = (
    re.compile(rf"{_AMOUNT}\s*(?P<unit>.+?)\s*(?:in|to|into|as|=)\s*(?:how many\s*)?(?P<to>[^?]+)"),
    re.compile(rf"how (?:many|much)\s*(?P<to>.+?)\s*(?:is|are|in|make)\s*{_AMOUNT}\s*(?P<unit>.+)"),
    re.compile(
        rf"{_AMOUNT}\s*(?P<unit>.+?)\s*(?:等于|是|换算成|换算|换成|转成|转换成|变成|合|有|=|为)\s*(?:多少|几)?\s*(?P<to>.+)"
    ),
)
_TEMPERATURE = re.compile(r"(摄氏|华氏)\s*(-?\d+(?:\.\d+)?)\s*度")
_DEGREES = re.compile(r"(摄氏|华氏)\s*(?:几|多少)\s*度")
_PART = r"[a-z][a-z_ ]*(?:\*\*)?[2-9]?"
# one digit of a power and no more: pint calculates m**9**9**9, and everything else in this process waits
_COMPOSED = re.compile(rf"(?=.{{1,31}}$){_PART}(?: ?[*/] ?{_PART})*")
_ONE = re.compile(r"^(how (?:many|much) .+ (?:is|are|in|make)) an? (?=[a-z])")
_NOISE = re.compile(r"^(?:请问|请|帮我|what is|what's|convert|换算一下|换算)\s*|[?。!呢吗啊]+\s*$")


class NoConversion(Exception):
    """The text asks for no other unit."""


class UnitsDiffer(Exception):
    """The units measure different things, such as kilometres and kilograms."""


@dataclass(frozen=True)
class Converted:
    """What was asked, and what it comes to."""

    amount: float
    unit: str
    to: str
    value: float


def convert(text: str) -> Converted:
    """The amount in the unit that the text asks for. Raises NoConversion or UnitsDiffer."""
    if len(text) > MAX_CHARS:
        raise NoConversion
    plain = with_digits(simplified(unicodedata.normalize("NFKC", text)).lower().strip())
    plain = _ONE.sub(r"\1 1 ", plain)
    plain = _DEGREES.sub(r"\1", _TEMPERATURE.sub(r"\2\1", _NOISE.sub("", _NOISE.sub("", plain))))
    for pattern in _ASKED:
        if found := pattern.fullmatch(plain):
            unit, to = _unit(found["unit"]), _unit(found["to"])
            amount = float(found["amount"])
            if unit and to and math.isfinite(amount):
                return Converted(amount, unit, to, _value(amount, unit, to))
    raise NoConversion


def symbol(unit: str, language: str) -> str:
    """The unit as it is written behind a number, such as km or °C."""
    if language != "en" and unit in _CHINESE_ONLY:
        return _CHINESE_ONLY[unit]
    return f"{_registry().Unit(unit):~P}".replace("Δ", "")


def _unit(name: str) -> str | None:
    """Pint's name of a unit; None where there is none of this name."""
    name = name.strip(" 的个")
    if known := _names().get(name):
        return known
    if not _COMPOSED.fullmatch(name):
        return None
    try:
        with _lock:
            return str(_registry().Unit(name.replace(" ", "_")))
    except (PintError, ValueError, TypeError, AttributeError, AssertionError, OverflowError):
        return None


def _value(amount: float, unit: str, to: str) -> float:
    try:
        with _lock:
            return float(_registry().Quantity(amount, unit).to(to).magnitude)
    except (PintError, OverflowError, ZeroDivisionError):
        raise UnitsDiffer from None


@cache
def _names() -> dict[str, str]:
    """Names that pint does not know, Chinese ones in Simplified characters, and what they are there."""
    file = Path(__file__).parent / "data" / "units.json"
    names: dict[str, dict[str, str]] = json.loads(file.read_text("utf-8"))
    return names["zh"] | names["en"]


@cache
def _registry() -> "UnitRegistry[float]":
    """Pint's units and ours; reading them takes half a second."""
    registry: UnitRegistry[float] = UnitRegistry()
    registry.define("ping = 3.305785124 * meter ** 2")
    registry.define("taiwan_jia = 9699.17 * meter ** 2")
    registry.define("chinese_mu = 666.6666667 * meter ** 2")
    registry.define("taiwan_jin = 0.6 * kilogram")
    registry.define("chinese_jin = 0.5 * kilogram")
    return registry


_CHINESE_ONLY = {
    "ping": "坪",
    "taiwan_jia": "甲",
    "chinese_mu": "畝",
    "taiwan_jin": "台斤",
    "chinese_jin": "市斤",
}
