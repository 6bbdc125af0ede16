"""nlu.md of Rasa 1: examples of intents, synonyms, regular expressions and lookup tables below headings."""

import re
import warnings
from collections.abc import Callable
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
_PROSE = (
    "readme",
    "changelog",
    "contributing",
    "license",
    "code_of_conduct",
    "security",
    "history",
    "authors",
)
_WORD_FILES = (".txt", ".csv")


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
    elif not is_prose and holds_stories(file.lines):
        read_stories(file, file.lines, bot)
    else:
        return
    bot.format_version = "1"


def _kind(line: str) -> str:
    """The kind of section that this heading begins, or is meant to begin; "" where it is none."""
    heading = _HEADING.match(line)
    if not heading:
        return ""
    return next(iter(get_close_matches(heading[1].lower(), _KINDS, 1, cutoff=0.8)), "")


def _read_sections(file: TextFile, bot: Bot) -> None:
    """Sections of NLU data, and between them perhaps stories."""
    section, name = "", ""
    for block in _blocks(file.lines):
        heading = _HEADING.match(block[0][1])
        if heading:
            section, name = heading[1], heading[2].strip()
            _open_section(file, bot, block[0][0], section, name)
        elif holds_stories(block):
            read_stories(file, block, bot)
            continue
        # any other heading is a remark: the section goes on below it
        for line in block:
            _read_line(file, bot, section, name, line)


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


def _open_section(file: TextFile, bot: Bot, number: int, section: str, name: str) -> None:
    if section not in _KINDS:
        file.wrong(number, "##", f"the section {section!r}", ", ".join(_KINDS))
    elif not name:
        file.wrong(number, section, "a section without a name", f"## {section}:name")
    elif section == "lookup":
        bot.lookups.append(Lookup(name, ()))


def _read_line(file: TextFile, bot: Bot, section: str, name: str, line: tuple[int, str]) -> None:
    number, text = line
    if not text or text.startswith("#") or section not in _KINDS or not name:
        return
    item = _ITEM.match(text)
    if item and item[1]:
        _READ[section](file, bot, name, (number, item[1].strip()))
    elif not item and section == "lookup":
        _add_words(bot, file.words_of(text, number))
    elif not item:
        file.warn(number, "a line without a dash is left out")


def _read_intent(file: TextFile, bot: Bot, name: str, item: tuple[int, str]) -> None:
    number, line = item
    try:
        text, mentions, synonyms = read_example(line)
    except AnnotationBroken as error:
        file.wrong(number, "intent", str(error), '[text](entity) or [text]{"entity": "name"}')
        return
    intent, _, key = name.partition("/")
    bot.examples.append(Example(intent, text, mentions, key))
    bot.synonyms.update(synonyms)


def _read_synonym(file: TextFile, bot: Bot, name: str, item: tuple[int, str]) -> None:
    bot.synonyms[item[1].lower()] = name


def _read_regex(file: TextFile, bot: Bot, name: str, item: tuple[int, str]) -> None:
    number, pattern = item
    if fault := fault_of(pattern):
        file.wrong(number, "regex", f"the pattern {pattern[:40]!r} ({fault})", "a regular expression")
        return
    bot.patterns.append(Pattern(name, pattern))


def _read_lookup(file: TextFile, bot: Bot, name: str, item: tuple[int, str]) -> None:
    number, word = item
    _add_words(bot, file.words_of(word, number) if word.endswith(_WORD_FILES) else [word])


def _add_words(bot: Bot, words: list[str]) -> None:
    last = bot.lookups[-1]
    bot.lookups[-1] = Lookup(last.name, (*last.words, *words))


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


_READ: dict[str, Callable[[TextFile, Bot, str, tuple[int, str]], None]] = {
    "intent": _read_intent,
    "synonym": _read_synonym,
    "regex": _read_regex,
    "lookup": _read_lookup,
}
