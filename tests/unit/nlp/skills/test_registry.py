"""config.yml turns skills on; what is not there, or is no skill, is a mistake that says where and what."""

from dataclasses import replace
from pathlib import Path
from typing import cast

import httpx
import pytest
from redis.asyncio import Redis

from services.nlp.errors import BotInvalid
from services.nlp.formats.loader import fingerprint, load_bot
from services.nlp.skills.cache import Cache
from services.nlp.skills.names import is_name
from services.nlp.skills.registry import SkillsBroken
from tests.skill_bots import write_skill_bot
from tests.skill_kit import workshop

GOOD = 'name, description, parameters, hosts = "mine", "Mine.", {"type": "object", "properties": {}}, ()'


def skill(*changes: str) -> str:
    """The code of a skill that is whole but for the changes."""
    lines = "\n    ".join((GOOD, "async def run(self, asked): ...", *changes))
    return f"class Mine:\n    {lines}\n\n\ndef create(kit):\n    return Mine()\n"


def make(folder: Path, code: str) -> None:
    (folder / "skills").mkdir()
    (folder / "skills" / "mine.py").write_text(code, "utf-8")
    workshop(httpx.AsyncClient()).make(folder, ("mine",))


def test_a_skill_that_is_not_there_is_a_mistake_with_those_that_are(tmp_path: Path) -> None:
    write_skill_bot(tmp_path, "[fruit, frut]")
    with pytest.raises(BotInvalid) as error:
        load_bot(tmp_path)
    (mistake,) = error.value.mistakes
    assert mistake.startswith("config.yml:2:")
    assert "the skill 'frut'" in mistake
    assert "fruit" in mistake.partition("allowed: ")[2]
    assert "weather" in mistake.partition("allowed: ")[2]


def test_a_skill_is_an_action_only_where_it_is_on(tmp_path: Path) -> None:
    write_skill_bot(tmp_path, "[slow]")
    with pytest.raises(BotInvalid, match="'skill_fruit' is nowhere"):
        load_bot(tmp_path)


def test_a_changed_skill_is_a_changed_bot(tmp_path: Path) -> None:
    write_skill_bot(tmp_path)
    before = fingerprint(tmp_path)
    (tmp_path / "skills" / "fruit.py").write_text(skill(), "utf-8")
    assert fingerprint(tmp_path) != before


def test_a_whole_skill_is_made(tmp_path: Path) -> None:
    make(tmp_path, skill())


@pytest.mark.parametrize(
    ("code", "mistake"),
    [
        (skill('name = "other"'), "a skill named 'other'; allowed: 'mine'"),
        (skill('description = " "'), "no description"),
        (skill("parameters = []"), "no JSON Schema"),
        (skill('parameters = {"type": "object"}'), "no properties"),
        (skill('hosts = "example.org"'), "hosts are no tuple"),
        (skill("run = None"), "no run()"),
        ("def create(kit):\n    raise SystemExit(3)\n", "create() failed: SystemExit"),
        ("def create(kit):\n    return kit.fetcher('http://example.org')\n", "no https address"),
        ("def create(kit):\n    return\nimport nowhere_at_all\n", "nowhere_at_all"),
        ("def create(kit):\n    return ]\n", "skills/mine.py:2"),
    ],
)
def test_what_is_no_skill_is_a_mistake_of_its_file(tmp_path: Path, code: str, mistake: str) -> None:
    with pytest.raises(SkillsBroken) as error:
        make(tmp_path, code)
    assert mistake in error.value.mistakes[0]


@pytest.mark.parametrize("name", ["help", "stop", "back", "list", "Weather", "a-b", "", "x" * 33, "天氣"])
def test_a_name_that_no_platform_takes_or_that_means_something_else_is_none(name: str) -> None:
    assert not is_name(name)


class Memory:
    """As much of Redis as a cache uses."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def get(self, name: str) -> str | None:
        return self.kept.get(name)

    async def set(self, name: str, text: str, ex: int) -> None:
        self.kept[name] = text


async def test_what_another_version_of_a_skill_has_remembered_is_not_read(tmp_path: Path) -> None:
    async def before() -> list[int]:
        return [1, 2]

    async def after() -> dict[str, int]:
        return {"one": 1}

    make(tmp_path, skill())
    made = replace(workshop(httpx.AsyncClient()), cache=Cache(cast(Redis, Memory())))
    data = tmp_path / "skills" / "data"
    assert await made.kit("mine", data).cached("key", 60, before) == [1, 2]
    assert await made.kit("mine", data).cached("key", 60, after) == [1, 2]
    (data.parent / "mine.py").write_text(skill("more = 1"), "utf-8")
    assert await made.kit("mine", data).cached("key", 60, after) == {"one": 1}
