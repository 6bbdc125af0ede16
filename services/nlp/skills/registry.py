"""From the names in a bot's config.yml to its skills, ours and those of its own folder."""

import hashlib
import importlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from redis.asyncio import Redis

from services.nlp.actions.modules import BotModules
from services.nlp.settings import NlpSettings
from services.nlp.skills.base import Skill
from services.nlp.skills.cache import Cache
from services.nlp.skills.fetching import Outbound
from services.nlp.skills.guarded import Guarded
from services.nlp.skills.kit import Kit
from services.nlp.skills.names import FOLDER, SHIPPED, is_own

Skills = dict[str, Skill]
"""By name, in the order of config.yml."""


class SkillsBroken(Exception):
    """A bot's skills cannot be made; `mistakes` say where and why, one a line."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


@dataclass(frozen=True)
class Workshop:
    """What all skills of the process share."""

    outbound: Outbound
    cache: Cache
    settings: Callable[[str], tuple[str, bool]]
    timeout_s: float
    zone: tzinfo = UTC
    """Where people's "today" is."""

    @classmethod
    def of(cls, settings: NlpSettings, http: httpx.AsyncClient, redis: Redis | None = None) -> "Workshop":
        """By the settings; `http` is for skills alone. Without Redis nothing is remembered."""
        outbound = Outbound(http, settings.nlp_skill_s)
        return cls(
            outbound, Cache(redis), settings.of_skill, settings.nlp_skill_s, ZoneInfo(settings.nlp_timezone)
        )

    def kit(self, name: str, data: Path | None = None) -> Kit:
        """One skill's part of it."""
        data = data or SHIPPED / "data"
        return Kit(name, self.outbound, self.cache, self.settings, data, version_of(data.parent))

    def make(self, folder: Path, names: tuple[str, ...]) -> Skills:
        """The skills of a bot's folder as they are there now. Raises SkillsBroken."""
        mistakes: list[str] = []
        own = [name for name in names if is_own(folder, name)]
        modules = _own_modules(folder, own, mistakes)
        made = {}
        for name in names:
            kit = self.kit(name, folder / FOLDER / "data" if name in own else None)
            if skill := _made(name, modules.get(name), kit, mistakes):
                made[name] = skill
        if mistakes:
            raise SkillsBroken(mistakes)
        return {name: Guarded(skill, self.timeout_s, self.zone) for name, skill in made.items()}


def version_of(folder: Path) -> str:
    """The same for the same code: that of the skills that came with this, and of the folder's own."""
    return _shipped_version() if folder == SHIPPED else f"{_shipped_version()}{_digest(folder)}"


@cache
def _shipped_version() -> str:
    return _digest(SHIPPED)


def _digest(folder: Path) -> str:
    found = hashlib.sha256()
    for file in sorted(folder.glob("*.py")):
        found.update(file.read_bytes())
    return found.hexdigest()[:16]


def _own_modules(folder: Path, names: list[str], mistakes: list[str]) -> dict[str, ModuleType]:
    if not names:
        return {}
    modules = BotModules(folder)
    found = {}
    for name in names:
        wrong = modules.load(f"{FOLDER}.{name}")
        mistakes += wrong
        if not wrong:
            found[name] = importlib.import_module(f"{modules.package}.{FOLDER}.{name}")
    if mistakes:
        modules.forget()
    return found


def _made(name: str, own: ModuleType | None, kit: Kit, mistakes: list[str]) -> Any:
    """What `create` gives; None and a mistake where that is no skill of this name."""
    try:
        module = own or importlib.import_module(f"services.nlp.skills.{name}")
        skill = module.create(kit)
    except (Exception, SystemExit) as error:  # a bot's own code may raise anything
        mistakes.append(f"skills/{name}.py: create() failed: {type(error).__name__}: {error}")
        return None
    if wrong := _flaw(name, skill):
        mistakes.append(f"skills/{name}.py: {wrong}")
        return None
    return skill


def _flaw(name: str, skill: Any) -> str:
    """What is missing of a Skill; "" where nothing is."""
    if getattr(skill, "name", None) != name:
        return f"create() gives a skill named {getattr(skill, 'name', None)!r}; allowed: {name!r}"
    if not isinstance(getattr(skill, "description", None), str) or not skill.description.strip():
        return "the skill has no description; allowed: one sentence"
    schema = getattr(skill, "parameters", None)
    if not isinstance(schema, dict) or schema.get("type") != "object":
        return "parameters are no JSON Schema of an object"
    if not isinstance(schema.get("properties"), dict):
        return "parameters have no properties; allowed: a mapping, {} for none"
    if not isinstance(getattr(skill, "hosts", None), tuple):
        return "hosts are no tuple of names; allowed: () for a skill that stays at home"
    if not callable(getattr(skill, "run", None)):
        return "the skill has no run()"
    return ""
