"""Writes a bot, whatever format it was read from, as the YAML files of Rasa 3."""

from pathlib import Path

from services.nlp.formats.bot import Bot
from services.nlp.formats.story import Story
from services.nlp.formats.writer.config import DICTIONARIES, config_of
from services.nlp.formats.writer.domain import domain_of
from services.nlp.formats.writer.modern import modernized
from services.nlp.formats.writer.nlu import nlu_of
from services.nlp.formats.writer.stories import rule_of, story_of
from services.nlp.formats.writer.yaml_text import VERSION, yaml_text


def write_bot(bot: Bot, folder: Path) -> list[Path]:
    """Write the bot's files below the folder and name them; what needs a word is added to bot.warnings.

    Code (actions.py) and tests are not part of a Bot and stay where they are. Raises OSError.
    """
    new = modernized(bot)
    bot.warnings += new.warnings
    stories = [story for story in new.stories if story.steps]
    files = {
        "config.yml": config_of(new),
        "domain.yml": domain_of(new),
        "data/nlu.yml": nlu_of(new),
        "data/stories.yml": _listed("stories", [story_of(story) for story in stories if not story.is_rule]),
        "data/rules.yml": _listed("rules", [rule_of(story) for story in stories if story.is_rule]),
        "endpoints.yml": {kind: endpoint.options for kind, endpoint in new.endpoints.items()},
    }
    written = [_write(folder / name, yaml_text(content)) for name, content in files.items() if content]
    if new.dictionaries:
        written.append(
            _write(folder / DICTIONARIES / "words.txt", "".join(f"{w}\n" for w in new.dictionaries))
        )
    return written


def write_tests(stories: list[Story], path: Path) -> Path:
    """Write end-to-end stories as one YAML file; raises OSError."""
    return _write(path, yaml_text(_listed("stories", [story_of(story) for story in stories if story.steps])))


def _listed(key: str, items: list[dict[str, object]]) -> dict[str, object]:
    return {"version": VERSION, key: items} if items else {}


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8", "replace"))
    return path
