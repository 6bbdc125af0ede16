"""Keeps what was taught in a bot's own files, in their own format, behind what is there."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from services.nlp.errors import BotInvalid
from services.nlp.formats.annotation import mark
from services.nlp.formats.bot import Bot, Example
from services.nlp.formats.loader import bot_files, load_bot
from services.nlp.formats.story import ActionStep, LoopStep, OrStep, SlotStep, Step, Story, UserStep
from services.nlp.formats.writer.stories import story_of
from services.nlp.testing.interactive import Taught
from services.nlp.testing.yaml_lines import with_entries, with_examples, with_items

_YAML = (".yml", ".yaml")
_VERSION = 'version: "3.1"\n'


def save(folder: Path, taught: Taught) -> list[Path]:
    """Write stories, examples and new names, and name the files that changed.

    Raises BotInvalid where the bot is wrong with them, or was before; its files are then as they were.
    """
    bot = load_bot(folder)
    drafts = _drafts(folder, bot, taught)
    before = {path: path.read_bytes() if path.exists() else None for path in drafts}
    try:
        for path, text in drafts.items():
            _write(path, text.encode("utf-8"))
        _check(load_bot(folder), bot, taught)
    except BaseException:
        for path, content in before.items():
            _restore(path, content)
        raise
    return list(drafts)


def files(folder: Path, taught: Taught) -> list[Path]:
    """The files that `save` would change or begin. Raises BotInvalid."""
    return list(_drafts(folder, load_bot(folder), taught))


def _drafts(folder: Path, bot: Bot, taught: Taught) -> dict[Path, str]:
    is_markdown = bot.format_version == "1"
    drafts: dict[Path, str] = {}
    stories = _named(bot, taught.stories)
    if stories:
        path = _stories_file(folder, bot, is_markdown, stories)
        text = _text(drafts, path)
        drafts[path] = (
            text + _gap(text) + "\n".join(map(markdown_story, stories))
            if path.suffix == ".md"
            else with_items(text or _VERSION, "stories", [story_of(story) for story in stories])
        )
    known = set(bot.examples)
    for name, lines in _by_intent(example for example in taught.examples if example not in known).items():
        path = _nlu_file(folder, name, is_markdown)
        text = _text(drafts, path)
        drafts[path] = (
            _with_markdown(text, name, lines)
            if path.suffix == ".md"
            else with_examples(text or _VERSION, name, lines)
        )
    _extend_domain(folder, taught, drafts, is_markdown)
    return drafts


def _extend_domain(folder: Path, taught: Taught, drafts: dict[Path, str], is_markdown: bool) -> None:
    lists = {"intents": taught.intents, "entities": taught.entities}
    # Rasa 1 wants responses among the actions, too
    lists["actions"] = [name for name in taught.actions if is_markdown or name not in taught.responses]
    for key, names in lists.items():
        if names:
            path = _domain_file(folder, (key,))
            drafts[path] = with_items(_text(drafts, path), key, names)
    if taught.responses:
        path = _domain_file(folder, ("responses", "templates"))
        text = _text(drafts, path)
        key = "templates" if re.search(r"^templates:", text, re.MULTILINE) else "responses"
        entries = {name: [{"text": said}] for name, said in taught.responses.items()}
        drafts[path] = with_entries(text, key, entries)


def _check(after: Bot, before: Bot, taught: Taught) -> None:
    """Raise BotInvalid unless all is read again: a file may look like one of ours and be none."""
    names = {story.name for story in after.stories}
    missing = [story.name for story in _named(before, taught.stories) if story.name not in names]
    there = {(e.intent, e.response_key, " ".join(e.text.split())) for e in after.examples}
    missing += [
        e.text for e in taught.examples if (e.intent, e.response_key, " ".join(e.text.split())) not in there
    ]
    if missing:
        raise BotInvalid([f"{name!r} cannot be written so that it is read again" for name in missing])


def _named(bot: Bot, stories: Iterable[Story]) -> list[Story]:
    """Each with a name that the bot has not yet."""
    taken = {story.name for story in bot.stories}
    number = 0
    found = []
    for story in stories:
        while not number or f"interactive_story_{number}" in taken:
            number += 1
        taken.add(f"interactive_story_{number}")
        found.append(replace(story, name=f"interactive_story_{number}"))
    return found


def _by_intent(examples: Iterable[Example]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for example in dict.fromkeys(examples):
        name = f"{example.intent}/{example.response_key}" if example.response_key else example.intent
        found.setdefault(name, []).append(" ".join(mark(example).splitlines()))
    return found


def _stories_file(folder: Path, bot: Bot, is_markdown: bool, told: Iterable[Story]) -> Path:
    """The one whose stories have most to do with these; a new one where none is of the bot's format."""
    suffixes = _suffixes(is_markdown)
    meant = {intent for story in told for intent in _intents(story)}
    near: Counter[str] = Counter()
    for story in bot.stories:
        if story.file.endswith(suffixes) and not story.is_rule and (folder / story.file).is_file():
            near[story.file] += 1 + 1000 * len(meant & _intents(story))
    return folder / near.most_common(1)[0][0] if near else folder / "data" / f"stories{suffixes[0]}"


def _intents(story: Story) -> set[str]:
    return {step.intent for step in story.steps if isinstance(step, UserStep)}


def _nlu_file(folder: Path, intent: str, is_markdown: bool) -> Path:
    """The one with this intent, or with any."""
    suffixes = _suffixes(is_markdown)
    name = re.escape(intent)
    own = rf"^##\s*intent:\s*{name}\s*$" if is_markdown else rf"^\s*-\s+intent:\s*[\"']?{name}[\"']?\s*$"
    any_one = r"^##\s*intent:" if is_markdown else r"^nlu:"
    found = _holding(folder, suffixes, own) or _holding(folder, suffixes, any_one)
    return found or folder / "data" / f"nlu{suffixes[0]}"


def _domain_file(folder: Path, keys: tuple[str, ...]) -> Path:
    wanted = (rf"^({'|'.join(names)}):" for names in (keys, ("intents",), ("actions",)))
    found = (_holding(folder, _YAML, pattern) for pattern in wanted)
    return next(filter(None, found), folder / "domain.yml")


def _holding(folder: Path, suffixes: tuple[str, ...], pattern: str) -> Path | None:
    """The first of the bot's files that has such a line."""
    files = (path for path in bot_files(folder) if path.suffix in suffixes)
    return next((path for path in files if re.search(pattern, _content(path), re.MULTILINE)), None)


def _suffixes(is_markdown: bool) -> tuple[str, ...]:
    return (".md",) if is_markdown else _YAML


def _with_markdown(text: str, intent: str, lines: list[str]) -> str:
    """The lines below the intent's heading, behind its other examples."""
    items = [f"- {line}" for line in lines]
    there = text.split("\n")
    heading = re.compile(rf"##\s*intent:\s*{re.escape(intent)}\s*$")
    start = next((n for n, line in enumerate(there) if heading.match(line.strip())), None)
    if start is None:
        return text + _gap(text) + "\n".join((f"## intent:{intent}", *items, ""))
    last = start
    for number in range(start + 1, len(there)):
        if there[number].lstrip().startswith("#"):
            break
        if there[number].lstrip().startswith(("-", "*", "+")):
            last = number
    ending = "\r" if there[last].endswith("\r") else ""
    return "\n".join((*there[: last + 1], *(f"{item}{ending}" for item in items), *there[last + 1 :]))


def _gap(text: str) -> str:
    if not text:
        return ""
    return "\n" if text.endswith("\n") else "\n\n"


def markdown_story(story: Story) -> str:
    """The story as Rasa 1 writes it."""
    steps = "".join(f"{_markdown_step(step)}\n" for step in story.steps)
    return f"## {story.name}\n{steps}"


def _markdown_step(step: Step | OrStep) -> str:
    if isinstance(step, UserStep):
        return f"* {step.intent}{_json({e.entity: e.value for e in step.entities})}"
    if isinstance(step, SlotStep):
        return f"    - slot{_json({step.slot: step.value})}"
    if isinstance(step, LoopStep):
        return f"    - form{_json({'name': step.form})}"
    assert isinstance(step, ActionStep)
    return f"    - {step.action or step.text}"


def _json(fields: dict[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False) if fields else ""


def _text(drafts: dict[Path, str], path: Path) -> str:
    return drafts.get(path) or _content(path)


def _content(path: Path) -> str:
    """The file's text, its line ends as they are; "" where there is none."""
    return path.read_bytes().decode("utf-8", "replace") if path.exists() else ""


def _write(path: Path, content: bytes) -> None:
    """Aside first, so that the file is never half there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    draft.write_bytes(content)
    draft.replace(path)


def _restore(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink(missing_ok=True)
    else:
        _write(path, content)
