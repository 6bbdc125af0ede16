"""The skill that calculates: sums, and amounts in other units."""

import asyncio
from typing import Any

from contracts.reply import Reply
from foundation.words import Language
from services.nlp.nlu.script import in_script
from services.nlp.skills.base import Answer, ArgumentMissing, Asked, SkillProblem
from services.nlp.skills.kit import Kit
from services.nlp.skills.markdown import escaped
from services.nlp.skills.spelled import expression_of
from services.nlp.skills.sums import DividedByZero, NoSum, TooLarge, shown, value_of
from services.nlp.skills.units import Converted, NoConversion, UnitsDiffer, convert, symbol

PARAMETERS = {
    "type": "object",
    "properties": {
        "sum": {
            "type": "string",
            "description": "A sum such as 300*7 or sqrt(2), or an amount and another unit: 5 miles in km",
        }
    },
    "required": ["sum"],
}


class Calculate:
    """Numbers and units, on this machine alone."""

    name = "calculate"
    description = "Calculates a sum exactly, or converts an amount into another unit."
    parameters = PARAMETERS
    hosts = ()
    reads_sentences = True

    async def run(self, asked: Asked) -> Answer:
        """The value. Raises SkillProblem where there is none."""
        # beside the loop: the first conversion reads all units, and many number words take a while
        return await asyncio.to_thread(_calculated, asked.text("sum"), asked.language)


def create(kit: Kit) -> Calculate:
    """The skill; it needs nothing."""
    return Calculate()


def _calculated(text: str, language: Language) -> Answer:
    if text.isdecimal() and len(text) <= 2:  # chosen from a list that is closed by now, most likely
        raise SkillProblem("calculate_unclear")
    try:
        return _of_units(convert(text), language)
    except UnitsDiffer:
        raise SkillProblem("calculate_units_differ") from None
    except NoConversion:
        return _of_sum(expression_of(text))


def _of_sum(expression: str) -> Answer:
    if not expression:  # nothing, or no more than the wish: 幫我算一下
        raise ArgumentMissing("sum", "calculate_missing")
    try:
        value = shown(value_of(expression))
    except DividedByZero:
        raise SkillProblem("calculate_by_zero") from None
    except TooLarge:
        raise SkillProblem("calculate_too_large") from None
    except NoSum:
        raise SkillProblem("calculate_unclear") from None
    written = expression.replace("**", "^").replace("*", " × ").replace("/", " ÷ ")
    return _answer(escaped(" ".join(written.split())), value)


def _of_units(found: Converted, language: Language) -> Answer:
    asked = f"{shown(found.amount)} {_symbol(found.unit, language)}"
    return _answer(asked, f"{shown(_rounded(found.value))} {_symbol(found.to, language)}")


def _symbol(unit: str, language: Language) -> str:
    written = symbol(unit, language)
    return in_script(written, "hans") if language == "zh-Hans" else written


def _answer(asked: str, value: str) -> Answer:
    facts: dict[str, Any] = {"asked": asked, "value": value}
    return Answer(Reply(text=f"{asked} = **{value}**"), facts)


def _rounded(value: float) -> float:
    """Six digits: amounts that people measure are not known better."""
    return float(f"{value:.6g}") if abs(value) < 1e6 else round(value, 1)
