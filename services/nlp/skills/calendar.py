"""The skill that knows days: dates, weekdays, the Chinese calendar, and how far off a feast is."""

import re
from datetime import date
from typing import Any

from contracts.reply import Reply
from foundation.words import Language, say
from services.nlp.nlu.script import in_script, simplified
from services.nlp.skills.base import Answer, Asked, SkillProblem
from services.nlp.skills.days import date_of
from services.nlp.skills.kit import Kit
from services.nlp.skills.lunar import ANIMALS, LunarDay, feast, lunar_day

PARAMETERS = {
    "type": "object",
    "properties": {
        "day": {
            "type": "string",
            "description": "today, a weekday, a date such as 2026-12-24, or a feast such as 中秋節 or "
            "Christmas; today if empty",
        }
    },
}
_FILLERS = re.compile(
    r"请问|告诉我|现在|距离|离|到|还有|(?:是)?(?:在)?(?:几月几[号日]|几月|几[号日]|哪一?天|什么时候|何时|星期几|礼拜几|周几|多少天|几天|多久)"
    r"|的?(?:农历|阴历)(?:是)?(?:几月几[号日]|几[号日]|多少|什么)|的?日期|是|呢|啊|吗|[?？!。]"
    r"|\bthe\b|(?:what|which|tell me)(?:'s| is)? (?:the )?(?:date|day)(?: of the week)?(?: is)?(?: it)?"
    r"|when(?:'s| is)?|how (?:many days|long)|\b(?:until|till|is it|is there|are there|days)\b",
    re.IGNORECASE,
)


class Calendar:
    """Days of both calendars, on this machine alone."""

    name = "calendar"
    description = "Dates, weekdays, lunar dates and solar terms, and when feasts such as Mid-Autumn are."
    parameters = PARAMETERS
    hosts = ()
    reads_sentences = True

    async def run(self, asked: Asked) -> Answer:
        """What day it is. Raises SkillProblem for words that mean none."""
        today = asked.now.date()
        day = _day(asked.text("day"), today)
        try:
            lunar = None if day is None else lunar_day(day)
        except ValueError:
            lunar = None
        if day is None or lunar is None:
            raise SkillProblem("calendar_unknown")
        return Answer(Reply(text=_told(day, lunar, today, asked.language)), _facts(day, lunar, today))


def create(kit: Kit) -> Calendar:
    """The skill; it needs nothing."""
    return Calendar()


def _day(words: str, today: date) -> date | None:
    plain = simplified(words).strip().lower()
    short = " ".join(_FILLERS.sub(" ", plain).split())
    try:
        known = (feast(text, today) or date_of(text, today) for text in (plain, short) if text)
        return next(filter(None, known), None) if short else today
    except ValueError:
        return None


def _told(day: date, lunar: LunarDay, today: date, language: Language) -> str:
    weekday = say("calendar_weekdays", language).split()[day.weekday()]
    digits = "02" if language == "en" else ""
    month, number = format(day.month, digits), format(day.day, digits)
    named = say("calendar_day", language, year=day.year, month=month, day=number, weekday=weekday)
    lines = [named + _distance(day, today, language)]
    lines.append(_lunar_line(lunar, language))
    if language != "en" and (names := [*filter(None, (lunar.term,)), *lunar.feasts]):
        lines.append("、".join(in_script(name, _script(language)) for name in names))
    return "\n\n".join(lines)


def _distance(day: date, today: date, language: Language) -> str:
    ahead = (day - today).days
    if abs(ahead) <= 1:
        return ("", say("calendar_tomorrow", language), say("calendar_yesterday", language))[ahead]
    key = "calendar_ahead" if ahead > 0 else "calendar_ago"
    return say(key, language, days=abs(ahead))


def _lunar_line(lunar: LunarDay, language: Language) -> str:
    if language == "en":
        month = f"{abs(lunar.month)} (leap)" if lunar.month < 0 else str(lunar.month)
        return say("calendar_lunar", language, year=ANIMALS[lunar.animal], month=month, day=lunar.day)
    names = {"year": lunar.stems + lunar.animal, "month": lunar.month_name, "day": lunar.day_name}
    script = _script(language)
    places = {place: in_script(name, script) for place, name in names.items()}
    return say("calendar_lunar", language, **places)


def _script(language: Language) -> Any:
    return "hans" if language == "zh-Hans" else "hant"


def _facts(day: date, lunar: LunarDay, today: date) -> dict[str, Any]:
    return {
        "date": day.isoformat(),
        "weekday": day.strftime("%A"),
        "days_from_today": (day - today).days,
        "lunar": {"month": lunar.month, "day": lunar.day, "animal": ANIMALS[lunar.animal]},
        "solar_term": lunar.term,
        "feasts": list(lunar.feasts),
    }
