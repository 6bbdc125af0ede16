"""YAML for people to read: block style, letters as they are, quotes only where needed."""

import re
from collections.abc import Iterable
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

_ODD_BREAK = re.compile("[\x85\u2028\u2029\ufeff]")
_UNPRINTABLE = re.compile("[^\t\n -~\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_SPACED = ("nlu", "stories", "rules")
VERSION = DoubleQuotedScalarString("3.1")


def yaml_text(content: dict[str, Any]) -> str:
    """The mapping as YAML, with an empty line between its keys, and between the stories of a list."""
    writer = YAML()
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.width = 4096
    # the same list twice is written twice: no anchors
    writer.representer.ignore_aliases = lambda _: True
    out = StringIO()
    writer.dump(_spaced(content), out)
    return out.getvalue()


def block(lines: Iterable[str]) -> str:
    """The lines of `examples: |`, each behind a dash; in quotes where YAML cannot print one of them."""
    text = "".join(f"- {line}\n" for line in lines)
    written: str = text if _UNPRINTABLE.search(text) else LiteralScalarString(text)
    return written


def _spaced(content: dict[str, Any]) -> CommentedMap:
    spaced = CommentedMap({key: _readable(value) for key, value in content.items()})
    for place, (key, value) in enumerate(spaced.items()):
        if place:
            spaced.yaml_set_comment_before_after_key(key, before="\n")
        if key in _SPACED:
            spaced[key] = _with_gaps(value)
    return spaced


def _with_gaps(items: list[Any]) -> CommentedSeq:
    spaced = CommentedSeq(items)
    for place in range(1, len(items)):
        spaced.yaml_set_comment_before_after_key(place, before="\n")
    return spaced


def _readable(value: Any) -> Any:
    """Texts of several lines as blocks, and those in quotes that would be read differently without."""
    if isinstance(value, dict):
        return {key: _readable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_readable(item) for item in value]
    if isinstance(value, str) and _is_block(value):
        return LiteralScalarString(value)
    if isinstance(value, str) and _ODD_BREAK.search(value):
        # unquoted, the writer leaves them as they are and the reader takes them for the end of a line
        return DoubleQuotedScalarString(value)
    return value


def _is_block(text: str) -> bool:
    """Whether it has several lines, none of which a block would alter."""
    lines = text.split("\n")
    return len(lines) > 1 and text == text.strip() and all(line.isprintable() for line in lines)
