"""What a person reads whose budget, or whose workspace's, is used up."""

import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from services.nlp.nlu.script import script_of

Whose = Literal["user", "workspace"]
Span = Literal["day", "month"]

_WORDS = {
    ("en", "user", "day"): "You have used up your requests to the language model for today.",
    ("en", "user", "month"): "You have used up your requests to the language model for this month.",
    ("en", "workspace", "day"): "The requests to the language model are used up here for today.",
    ("en", "workspace", "month"): "The requests to the language model are used up here for this month.",
    ("hant", "user", "day"): "您今天的語言模型用量已用完。",
    ("hant", "user", "month"): "您本月的語言模型用量已用完。",
    ("hant", "workspace", "day"): "這裡今天的語言模型用量已用完。",
    ("hant", "workspace", "month"): "這裡本月的語言模型用量已用完。",
    ("hans", "user", "day"): "您今天的语言模型用量已用完。",
    ("hans", "user", "month"): "您本月的语言模型用量已用完。",
    ("hans", "workspace", "day"): "这里今天的语言模型用量已用完。",
    ("hans", "workspace", "month"): "这里本月的语言模型用量已用完。",
}
_OPENS = {
    "en": " It opens again on {at} UTC (in {left}).",
    "hant": "將於 {at} UTC 重新開放（{left}後）。",
    "hans": "将于 {at} UTC 重新开放（{left}后）。",
}
_LEFT = {
    "en": ("{} h", "{} days"),
    "hant": ("{} 小時", "{} 天"),
    "hans": ("{} 小时", "{} 天"),
}
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
        in_hours, in_days = _LEFT[language]
        left = in_hours.format(hours) if hours <= HOURS_TOLD else in_days.format(math.ceil(hours / 24))
        told = _OPENS[language].format(at=f"{self.opens:%Y-%m-%d %H:%M}", left=left)
        return _WORDS[language, self.whose, self.span] + told


def _language(words: str, locale: str | None) -> Literal["en", "hans", "hant"]:
    is_chinese = bool(_HAN.search(words)) and not _KANA_OR_HANGUL.search(words)
    if is_chinese or (locale or "").lower().startswith("zh"):
        return script_of(words if is_chinese else "", locale) or "hans"
    return "en"
