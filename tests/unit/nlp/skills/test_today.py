"""Which day it is for the person who asks."""

import asyncio
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import httpx
import pytest
from pydantic import ValidationError

from services.nlp.settings import NlpSettings
from services.nlp.skills.base import Answer, Asked
from services.nlp.skills.calendar import create
from services.nlp.skills.guarded import Guarded
from tests.skill_kit import skill_kit

LATE = datetime(2026, 11, 21, 22, tzinfo=UTC)


def test_today_is_the_day_where_the_people_are() -> None:
    skill = create(skill_kit("calendar", httpx.AsyncClient()))
    answer = asyncio.run(Guarded(skill, 2, ZoneInfo("Asia/Taipei")).run(Asked({}, "en", LATE)))
    assert isinstance(answer, Answer)
    assert answer.facts["date"] == "2026-11-22"


def test_a_zone_that_there_is_not_is_refused_at_the_start() -> None:
    with pytest.raises(ValidationError, match="NLP_TIMEZONE"):
        NlpSettings(nlp_timezone="Moon/Tycho")
