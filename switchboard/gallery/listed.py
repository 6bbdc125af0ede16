"""Reads an archive's people and embeddings one at a time: a hundred thousand would fill the memory."""

import io
import json
import re
from collections.abc import Iterator
from typing import IO

import numpy as np

from contracts.face import Identity
from services.face.index import Embedding

_DIMENSIONS = 128
_ROW_BYTES = 4 * _DIMENSIONS
_PORTION = 64 * 1024
_LONGEST = 16 * 1024 * 1024
"""Characters of one person's entry."""
_BEGIN = re.compile(r'\s*\{\s*"format"\s*:\s*(\d{1,9})\s*,\s*"identities"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,]*")
_END = re.compile(r"\s*\]\s*\}\s*")


def people(member: IO[bytes], version: int) -> Iterator[Identity]:
    """Each person of `{"format": version, "identities": [...]}`. Raises ValueError for another text."""
    text = _Text(member)
    begun = text.match(_BEGIN)
    if begun is None or int(begun[1]) != version:
        raise ValueError(f"the list of people is not of format {version}")
    while (found := text.entry()) is not None:
        yield Identity.model_validate(found)


def rows(member: IO[bytes]) -> Iterator[Embedding]:
    """Each row of a NumPy file of n x 128 finite numbers; how many there are ends it. Raises ValueError."""
    for _ in range(_count(member)):
        packed = member.read(_ROW_BYTES)
        if len(packed) < _ROW_BYTES:
            raise ValueError("the embeddings end early")
        row = np.frombuffer(packed, dtype="<f4").astype(np.float32)
        if not np.isfinite(row).all():
            raise ValueError("an embedding holds something else than finite numbers")
        yield row


def _count(member: IO[bytes]) -> int:
    # Only the first: a header of a later format may say that it has four gigabytes.
    if np.lib.format.read_magic(member) != (1, 0):
        raise ValueError("the embeddings are in another format")
    shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(member)
    if dtype != np.dtype("<f4") or len(shape) != 2 or shape[1] != _DIMENSIONS or is_fortran:
        raise ValueError(f"the embeddings are something else than n x {_DIMENSIONS} numbers")
    return int(shape[0])


class _Text:
    """A JSON text of which no more than a portion and one entry is held."""

    def __init__(self, member: IO[bytes]) -> None:
        self._reader = io.TextIOWrapper(member, "utf-8")
        self._decoder = json.JSONDecoder()
        self._held = ""
        self._place = 0
        self._fill()

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """What stands here, passed over; None where it is something else."""
        found = pattern.match(self._held, self._place)
        if found:
            self._place = found.end()
        return found

    def entry(self) -> object:
        """The next entry of the list; None at its end. Raises ValueError."""
        while True:
            self.match(_BETWEEN)
            if self._held.startswith("]", self._place) and self._ends():
                return None
            try:
                found, self._place = self._decoder.raw_decode(self._held, self._place)
            except (json.JSONDecodeError, RecursionError) as error:
                if len(self._held) - self._place > _LONGEST or not self._fill():
                    raise ValueError("the list of people is damaged") from error
            else:
                return found

    def _ends(self) -> bool:
        while self._fill():
            pass
        if _END.fullmatch(self._held, self._place) is None:
            raise ValueError("the list of people is damaged")
        return True

    def _fill(self) -> bool:
        """Read on; False at the end. What is behind us is let go."""
        more = self._reader.read(_PORTION)
        self._held, self._place = self._held[self._place :] + more, 0
        return bool(more)
