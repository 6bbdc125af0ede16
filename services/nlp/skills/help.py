"""/help: the bot's own words first, then what its skills can do and how to ask them."""

from collections.abc import Mapping

from foundation.words import Language, catalogue, say
from services.nlp.skills.base import Skill


def help_on(skills: Mapping[str, Skill], language: Language, channel: str) -> str:
    """A line a skill, with an example; without `/` on Slack, whose one command takes the rest as its text."""
    lines = "\n".join(f"- {_line(skill, language)}" for skill in skills.values())
    text = f"{say('skill_help', language)}\n{lines}"
    return text.replace("`/", "`") if channel == "slack" else text


def _line(skill: Skill, language: Language) -> str:
    """The catalogue's for ours; a bot's own skill describes itself."""
    return catalogue(language).get(f"help_{skill.name}") or f"`/{skill.name}` - {skill.description}"
