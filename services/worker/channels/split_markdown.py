"""Markdown in pieces that a platform takes, each of them whole Markdown."""

import re
from collections.abc import Iterator
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from services.worker.channels.split import Rich, split, utf16_units

_FENCE = re.compile(r"^((?:[ >]|(?:[-*+]|\d{1,9}[.)]) +)*)(`{3,}|~{3,})([^`]*)$")
"""The line that opens or closes a program: what stands before it, its marks, the language."""


def split_markdown(text: str, room: int) -> tuple[str, ...]:
    """Pieces of at most `room` characters that are whole Markdown: cut between blocks where that is possible.

    A program or a table that is cut gets its fence or its head in both pieces. Nothing is changed but white
    space around a cut, so that a text that grows keeps its beginning.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")  # the parser counts these lines and no others
    lines = text.split("\n")
    pieces: list[str] = []
    begin, end = -1, -1
    for token, start, stop in _blocks(lines, text):
        joined = _slice(lines, start if begin < 0 else begin, stop)
        if utf16_units(joined) <= room:
            begin, end = (start if begin < 0 else begin), stop
            continue
        if begin >= 0:
            pieces.append(_slice(lines, begin, end))
        begin, end = -1, -1
        block = _slice(lines, start, stop)
        if utf16_units(block) <= room:
            begin, end = start, stop
        else:
            pieces.extend(_torn(token, block, room))
    if begin >= 0:
        pieces.append(_slice(lines, begin, end))
    return tuple(pieces)


def _blocks(lines: list[str], text: str) -> Iterator[tuple[Token, int, int]]:
    """Each block with the first of its lines, and the line behind its last."""
    tokens = [t for t in MarkdownIt("commonmark").enable("table").parse(text) if t.level == 0 and t.map]
    places = [0, *(token.map[0] for token in tokens[1:] if token.map), len(lines)]
    for token, (start, stop) in zip(tokens, pairwise(places), strict=False):
        if _slice(lines, start, stop).strip():
            yield token, start, stop


def _slice(lines: list[str], start: int, stop: int) -> str:
    return "\n".join(lines[start:stop]).strip("\n").rstrip()


def _torn(token: Token, block: str, room: int) -> Iterator[str]:
    """A block that is too long for one message."""
    if token.type == "fence":
        yield from _programs(token, room)
    elif token.type == "table_open" and (tables := list(_tables(block, room))):
        yield from tables
    elif any(_FENCE.match(line) for line in block.split("\n")):
        yield from _lines(block, room)
    else:
        yield from (piece.text for piece in split(Rich(block), room, spans=0))


def _tables(block: str, room: int) -> Iterator[str]:
    """A table's rows in several tables; nothing where a row with the head is too long for one."""
    head, rows = block.split("\n")[:2], block.split("\n")[2:]
    if utf16_units("\n".join(head)) + 1 + max(map(utf16_units, rows), default=0) > room:
        return
    table = head
    for row in rows:
        if utf16_units("\n".join([*table, row])) > room:
            yield "\n".join(table)
            table = head
        table = [*table, row]
    yield "\n".join(table)


def _programs(fence: Token, room: int) -> Iterator[str]:
    opening = f"{fence.markup}{fence.info[: room // 4]}"
    inside = room - len(opening) - len(fence.markup) - 2
    for piece in split(Rich(fence.content.rstrip()), inside, spans=0):
        yield f"{opening}\n{piece.text}\n{fence.markup}"


def _lines(block: str, room: int) -> Iterator[str]:
    """A list or a quotation with programs inside, cut between lines; a fence that is open goes on."""
    piece: list[str] = []
    opened = closing = ""
    for line in (part for whole in block.split("\n") for part in _short(whole, room // 2)):
        if piece and utf16_units("\n".join([*piece, line, closing])) > room:
            yield "\n".join([*piece, closing] if opened else piece)
            piece = [opened] if opened else []
        piece.append(line)
        fence = _FENCE.match(line)
        if fence and not opened:
            before, marks, info = fence.groups()
            inside = "".join(c if c == ">" else " " for c in before)
            opened, closing = f"{inside}{marks}{info[: room // 4]}", f"{inside}{marks}"
        elif fence and fence[2][0] == closing.lstrip(" >")[0] and not fence[3].strip():
            opened = closing = ""
    yield "\n".join(piece)


def _short(line: str, room: int) -> Iterator[str]:
    yield from [piece.text for piece in split(Rich(line), room, spans=0)] or [line]
