"""nlu.md of Rasa 1: examples of intents, synonyms, regular expressions and lookup tables below headings."""

import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from services.nlp.formats.annotation import AnnotationBroken, read_example
from services.nlp.formats.bot import Bot, Example, Lookup, Pattern
from services.nlp.formats.markdown_responses import holds_responses, read_responses
from services.nlp.formats.markdown_stories import holds_stories, read_stories
from services.nlp.formats.text_file import TextFile

_KINDS = ("intent", "synonym", "regex", "lookup")
_HEADING = re.compile(r"#{2,}\s*(\w+)\s*:(.*)")
_DASHED_HEADING = re.compile(rf"[-*+]\s*(##\s*(?:{'|'.join(_KINDS)}):.+)")
_ITEM = re.compile(r"[-*+]\s*(.*)")
_PROSE = ("readme", "changelog", "contributing", "license", "code_of_conduct", "security", "history")
_WORD_FILES = (".txt", ".csv")


@dataclass(frozen=True)
class _Section:
    """A heading and what stands below it; kind "": stories, or what comes before all headings."""

    kind: str
    name: str
    lines: list[tuple[int, str]]


def read_markdown(path: Path, root: Path, mistakes: list[str], bot: Bot) -> None:
    """Add what the file says to the bot, be it NLU data, stories or responses; prose is left alone."""
    file = TextFile(path, root, mistakes, bot.warnings)
    is_prose = path.stem.lower() in _PROSE
    if is_prose:
        file.drop_code()
    if any(_kind(line) for _, line in file.lines):
        _read_sections(file, bot)
    elif not is_prose and holds_responses(file.lines):
        read_responses(file, bot)
    elif not is_prose and (holds_stories(file.lines) or _is_named_so(path, file.lines)):
        read_stories(file, file.lines, bot)
    else:
        return
    bot.format_version = "1"


def _is_named_so(path: Path, lines: list[tuple[int, str]]) -> bool:
    """Whether the file is meant to hold stories, however broken they are."""
    return "stor" in path.stem.lower() and any(line.startswith("## ") for _, line in lines)


def _kind(line: str) -> str:
    """The kind of section that this heading begins, or is meant to begin; "" where it is none."""
    heading = _HEADING.match(line)
    if not heading:
        return ""
    return next(iter(get_close_matches(heading[1].lower(), _KINDS, 1, cutoff=0.8)), "")


def _read_sections(file: TextFile, bot: Bot) -> None:
    for section in _sections(file.lines):
        number = section.lines[0][0]
        if not section.kind:
            if holds_stories(section.lines):
                read_stories(file, section.lines, bot)
        elif section.kind not in _KINDS:
            file.wrong(number, "##", f"the section {section.kind!r}", ", ".join(_KINDS))
        elif not section.name:
            file.wrong(number, section.kind, "a section without a name", f"## {section.kind}:name")
        else:
            _READ[section.kind](file, bot, section)


def _sections(lines: list[tuple[int, str]]) -> list[_Section]:
    """NLU data, and between it perhaps stories."""
    found: list[_Section] = []
    for block in _blocks(lines):
        heading = _HEADING.match(block[0][1])
        if heading:
            found.append(_Section(heading[1], heading[2].strip(), block))
        elif holds_stories(block) or not found:
            found.append(_Section("", "", block))
        else:
            # any other heading is a remark: the section goes on below it
            found[-1].lines.extend(block)
    return found


def _blocks(lines: list[tuple[int, str]]) -> list[list[tuple[int, str]]]:
    """The lines, cut before each heading."""
    blocks: list[list[tuple[int, str]]] = [[(0, "")]]
    for number, text in lines:
        dashed = _DASHED_HEADING.match(text)
        # Rasa takes a section's heading for one even behind a dash
        line = (number, dashed[1] if dashed else text)
        if line[1].startswith(("##", ">>")):
            blocks.append([])
        blocks[-1].append(line)
    return blocks


def _lines(section: _Section) -> list[tuple[int, str]]:
    return [line for line in section.lines if line[1] and not line[1].startswith("#")]


def _items(file: TextFile, section: _Section) -> Iterator[tuple[int, str]]:
    for number, line in _lines(section):
        item = _ITEM.match(line)
        if not item:
            file.warn(number, "a line without a dash is left out")
        elif item[1]:
            yield number, item[1]


def _read_intent(file: TextFile, bot: Bot, section: _Section) -> None:
    intent, _, key = section.name.partition("/")
    for number, line in _items(file, section):
        try:
            text, mentions, synonyms = read_example(line)
        except AnnotationBroken as error:
            file.wrong(number, "intent", str(error), '[text](entity) or [text]{"entity": "name"}')
            continue
        bot.examples.append(Example(intent, text, mentions, key))
        bot.synonyms.update(synonyms)


def _read_synonym(file: TextFile, bot: Bot, section: _Section) -> None:
    bot.synonyms.update({line.lower(): section.name for _, line in _items(file, section)})


def _read_regex(file: TextFile, bot: Bot, section: _Section) -> None:
    for number, pattern in _items(file, section):
        if fault := fault_of(pattern):
            file.wrong(number, "regex", f"the pattern {pattern[:40]!r} ({fault})", "a regular expression")
        else:
            bot.patterns.append(Pattern(section.name, pattern))


def _read_lookup(file: TextFile, bot: Bot, section: _Section) -> None:
    words: list[str] = []
    for number, line in _lines(section):
        item = _ITEM.match(line)
        word = item[1] if item else line
        is_file = not item or word.endswith(_WORD_FILES)
        words += file.words_of(word, number) if is_file else filter(None, [word])
    bot.lookups.append(Lookup(section.name, tuple(words)))


def fault_of(pattern: str) -> str:
    """What is wrong with a regular expression; "" if nothing is."""
    with warnings.catch_warnings():
        # what a later Python may read otherwise is for its author to know, not for our log
        warnings.simplefilter("ignore")
        try:
            re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            return str(error) or type(error).__name__
    return ""


_READ: dict[str, Callable[[TextFile, Bot, _Section], None]] = {
    "intent": _read_intent,
    "synonym": _read_synonym,
    "regex": _read_regex,
    "lookup": _read_lookup,
}
