"""Asks at the terminal, so that Ctrl-C is heard at any moment."""

import os
import select
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console


def asked(console: Console, question: str) -> str:
    """The line that the person types. Raises KeyboardInterrupt, EOFError.

    A signal that comes just before a read blocks does not end it: Ctrl-C right after the question would
    wait for the next line. So the terminal is waited for together with a pipe that every signal writes to.
    """
    console.print(f"{question}: ", end="")
    if sys.stdin.isatty():
        with _woken_by_signals() as signals:
            _handle_signals()
            select.select([sys.stdin, signals], [], [])
            _handle_signals()
    return input()


@contextmanager
def _woken_by_signals() -> Iterator[int]:
    """A descriptor that is readable once a signal came."""
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)
    before = signal.set_wakeup_fd(theirs)
    try:
        yield ours
    finally:
        signal.set_wakeup_fd(before)
        os.close(ours)
        os.close(theirs)


def _handle_signals() -> None:
    """Run the handlers of signals that came, also of one that another thread has taken."""
    signal.pthread_sigmask(signal.SIG_BLOCK, ())
