"""Adds to YAML files of people's making: whole lines come in, and all others stay as they are."""

from collections.abc import Iterable, Mapping
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from services.nlp.formats.writer.yaml_text import yaml_text

_SPACED = ("stories", "rules", "nlu")


def with_items(text: str, key: str, items: list[Any]) -> str:
    """The file with these behind the others of the list `key`; a key that is not there is begun."""
    return _with(text, key, items)


def with_entries(text: str, key: str, entries: Mapping[str, Any]) -> str:
    """The file with these behind the others of the mapping `key`."""
    return _with(text, key, dict(entries))


def with_examples(text: str, intent: str, lines: Iterable[str]) -> str:
    """The file with more lines below an intent of `nlu:`; an intent that is not there is begun."""
    given = list(lines)
    content = _read(text)
    items = content.get("nlu") or []
    for place in range(len(items) - 1, -1, -1):
        if items[place].get("intent") == intent and isinstance(
            items[place].get("examples"), LiteralScalarString
        ):
            drafted = _below(text, items, place, _end(text, content, "nlu"), given)
            expected = items[place]["examples"].rstrip("\n") + "".join(f"\n- {line}" for line in given)
            if drafted and _examples(drafted, place) == expected:
                return drafted
    return with_items(text, "nlu", [{"intent": intent, "examples": _block(given)}])


def _with(text: str, key: str, more: Any) -> str:
    drafted = _drafted(text, key, more)
    expected = _joined(_plain(text).get(key), more)
    return drafted if _is_as(drafted, {**_plain(text), key: expected}) else _rewritten(text, key, more)


def _drafted(text: str, key: str, more: Any) -> str:
    content = _read(text)
    there = content.get(key)
    lines = text.split("\n")
    if key not in content:
        start = text if not text or text.endswith("\n") else f"{text}\n"
        gap = "\n" if start else ""
        return start + gap + f"{key}:\n" + _shown(more, "  ", key in _SPACED)
    first = there.lc.line if there else content.lc.key(key)[0]
    begin = lines[first]
    indent = begin[: len(begin) - len(begin.lstrip())] if there else "  "
    end = _trimmed(lines, first, _end(text, content, key))
    gap = "\n" if key in _SPACED and there else ""
    addition = gap + _shown(more, indent, key in _SPACED)
    return _inserted(text, end, addition)


def _below(text: str, items: Any, place: int, end: int, given: list[str]) -> str:
    """The lines at the end of one item's block; "" where that is not its end."""
    lines = text.split("\n")
    first = items.lc.item(place)[0]
    end = items.lc.item(place + 1)[0] if place + 1 < len(items) else end
    last = _trimmed(lines, first, end)
    shown = lines[last - 1]
    if not shown.lstrip().startswith("-"):
        return ""
    indent = shown[: len(shown) - len(shown.lstrip())]
    return _inserted(text, last, "".join(f"{indent}- {line}\n" for line in given))


def _inserted(text: str, line: int, addition: str) -> str:
    """The text with whole lines before the one of this number."""
    is_dos = "\r\n" in text
    lines = text.split("\n")
    before, behind = "\n".join(lines[:line]), "\n".join(lines[line:])
    before += "\n" if before else ""
    return before + (addition.replace("\n", "\r\n") if is_dos else addition) + behind


def _end(text: str, content: Any, key: str) -> int:
    """The line behind what belongs to the key."""
    start = content.lc.key(key)[0]
    later = [content.lc.key(name)[0] for name in content if content.lc.key(name)[0] > start]
    return min(later, default=len(text.split("\n")))


def _trimmed(lines: list[str], first: int, end: int) -> int:
    """The end without empty lines and comments, which belong to what comes next."""
    while end > first + 1 and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    return end


def _shown(more: Any, indent: str, is_spaced: bool) -> str:
    """Items or entries, as many blanks in as their siblings."""
    text = yaml_text({"stories" if is_spaced else "more": more}).split("\n", 1)[1]
    return "".join(f"{indent}{line[2:]}" if line.strip() else line for line in text.splitlines(keepends=True))


def _rewritten(text: str, key: str, more: Any) -> str:
    """All of it written anew, comments kept: where a list stands on one line, say."""
    writer = _round_trip()
    content = writer.load(text)
    if isinstance(more, list):
        content[key] = content.get(key) or []
        content[key].extend(more)
    else:
        content[key] = content.get(key) or {}
        content[key].update(more)
    out = StringIO()
    writer.dump(content, out)
    return out.getvalue()


def _round_trip() -> YAML:
    reader = YAML()
    reader.preserve_quotes = True
    reader.width = 4096
    reader.indent(mapping=2, sequence=4, offset=2)
    return reader


def _read(text: str) -> Any:
    return _round_trip().load(text) or {}


def _plain(text: str) -> dict[str, Any]:
    return dict(YAML(typ="safe").load(text) or {})


def _joined(there: Any, more: Any) -> Any:
    return [*(there or []), *more] if isinstance(more, list) else {**(there or {}), **more}


def _is_as(text: str, expected: dict[str, Any]) -> bool:
    try:
        return _plain(text) == expected
    except Exception:  # whatever is wrong with a draft, it is no draft then
        return False


def _examples(text: str, place: int) -> str:
    try:
        return str(_plain(text)["nlu"][place]["examples"]).rstrip("\n")
    except Exception:  # likewise
        return ""


def _block(lines: list[str]) -> LiteralScalarString:
    written: LiteralScalarString = LiteralScalarString("".join(f"- {line}\n" for line in lines))
    return written
