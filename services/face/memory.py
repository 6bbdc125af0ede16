"""Gives freed memory back to the system."""

import ctypes
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import TypeVar

Q = TypeVar("Q")
A = TypeVar("A")

_MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD of malloc.h
EVERY = 8
"""Giving back costs a seventh of a photo's time, and the holes in the heap grow by some MB a photo."""


def give_back_what_is_freed() -> None:
    """Now what loading the models has freed, about 40 MB a process; from now on each large picture at once.

    Only glibc can; its own threshold would rise to 32 MB with the first large photo.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").mallopt(_MMAP_THRESHOLD, 1024 * 1024)
    _trim()


def giving_back(read: Callable[[Q], A]) -> Callable[[Q], A]:
    """The same function, which gives back now and then what lies free between what is in use."""
    photos = count(1)

    def reading(question: Q) -> A:
        try:
            return read(question)
        finally:
            if next(photos) % EVERY == 0:
                _trim()

    return reading


def _trim() -> None:
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
