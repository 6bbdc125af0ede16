"""/help: the bot's own words first, then what its skills can do and how to ask them."""

from collections.abc import Mapping

from foundation.words import Language, catalogue, say
from services.nlp.skills.base import Skill, is_ready


def help_on(skills: Mapping[str, Skill], language: Language, channel: str) -> str:
    """A line a skill that can work, with an example; "" where none can.

    Without `/` on Slack, whose one command takes the rest as its text.
    """
    lines = [f"- {_line(skill, language)}" for skill in skills.values() if is_ready(skill)]
    text = "\n".join([say("skill_help", language), *lines]) if lines else ""
    return text.replace("`/", "`") if channel == "slack" else text


def _line(skill: Skill, language: Language) -> str:
    """The catalogue's for ours; a bot's own skill describes itself."""
    return catalogue(language).get(f"help_{skill.name}") or f"`/{skill.name}` - {skill.description}"
