"""What a person reads whose budget, or whose workspace's, is used up."""

import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from foundation.words import Language, say
from services.nlp.nlu.script import script_of

Whose = Literal["user", "workspace"]
Span = Literal["day", "month"]

_SCRIPTS: dict[str, Language] = {"hant": "zh-Hant", "hans": "zh-Hans"}
_HAN = re.compile(r"[\u4e00-\u9fff]")
_KANA_OR_HANGUL = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")
HOURS_TOLD = 48
"""So many hours are told as hours, more as days."""


@dataclass(frozen=True)
class Refusal:
    """A budget that has no room, at a time in Unix seconds."""

    whose: Whose
    span: Span
    day: date
    at_s: float

    @property
    def opens(self) -> datetime:
        """When the next day or month begins."""
        first = self.day + timedelta(days=1)
        if self.span == "month":
            first = (self.day.replace(day=1) + timedelta(days=32)).replace(day=1)
        return datetime(first.year, first.month, first.day, tzinfo=UTC)

    def text(self, words: str, locale: str | None) -> str:
        """The reply, in the language of the person's words, else of their locale."""
        language = _language(words, locale)
        hours = max(1, math.ceil((self.opens.timestamp() - self.at_s) / 3600))
        key, count = (
            ("budget_hours", hours) if hours <= HOURS_TOLD else ("budget_days", math.ceil(hours / 24))
        )
        told = say(
            "budget_opens", language, at=f"{self.opens:%Y-%m-%d %H:%M}", left=say(key, language, count=count)
        )
        return say(f"budget_{self.whose}_{self.span}", language) + told


def _language(words: str, locale: str | None) -> Language:
    is_chinese = bool(_HAN.search(words)) and not _KANA_OR_HANGUL.search(words)
    if is_chinese or (locale or "").lower().startswith("zh"):
        return _SCRIPTS[script_of(words if is_chinese else "", locale) or "hans"]
    return "en"
