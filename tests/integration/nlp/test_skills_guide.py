"""The guide's example is a skill: written into a bot's folder as it stands there, it answers."""

import re
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from services.nlp.formats.loader import load_bot
from services.nlp.skills.base import Answer, Asked, SkillProblem
from tests.fakes.source_server import SourceServer
from tests.skill_kit import workshop

CODE = re.findall(r"```python\n(.*?)```", Path("docs/skills.md").read_text("utf-8"), re.DOTALL)


async def test_the_example_of_the_guide_answers(tmp_path: Path) -> None:
    (tmp_path / "skills").mkdir()
    (tmp_path / "skills" / "holidays.py").write_text(CODE[0], "utf-8")
    (tmp_path / "config.yml").write_text("skills: [holidays]\n", "utf-8")
    source = SourceServer()
    source.start()
    try:
        source.says("api/v3/NextPublicHolidays/TW", [{"date": "2026-10-10", "name": "National Day"}])
        async with httpx.AsyncClient(trust_env=False) as http:
            made = workshop(http, HOLIDAYS_URL=source.url).make(tmp_path, load_bot(tmp_path).skills)
            answer = await made["holidays"].run(Asked({"country": "tw"}, "zh-Hant", datetime.now(UTC)))
            with pytest.raises(SkillProblem):
                await made["holidays"].run(Asked({}, "en", datetime.now(UTC)))
    finally:
        source.stop()
    assert isinstance(answer, Answer)
    assert answer.reply.text.endswith("- 2026-10-10: National Day")


def test_the_test_of_the_guide_compiles() -> None:
    compile(CODE[1], "test_holidays.py", "exec")
