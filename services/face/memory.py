"""Gives freed memory back to the system."""

import ctypes
from contextlib import suppress

_MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD of malloc.h


def give_back_what_is_freed() -> None:
    """Now what loading the models has freed, about 40 MB a process; from now on each large picture at once.

    Only glibc can; its own threshold would rise to 32 MB with the first large photo.
    """
    with suppress(OSError, AttributeError):
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(_MMAP_THRESHOLD, 1024 * 1024)
        libc.malloc_trim(0)
