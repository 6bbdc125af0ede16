"""Logs what goes wrong again and again: once, when it is something else, and now and then while it lasts."""

import logging
import time
from collections.abc import Callable

from foundation.http import Fault

log = logging.getLogger(__name__)

AGAIN_S = 300.0


class Troubles:
    """One trouble a gallery."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told: dict[str, tuple[str, float]] = {}

    def meet(self, gallery: str, error: Exception) -> None:
        """Something went wrong; a traceback is told once, and only of what has no code."""
        code = _code(error)
        before, told_at = self._told.get(gallery, ("", 0.0))
        if code == before and self._clock() - told_at < AGAIN_S:
            return
        self._told[gallery] = (code, self._clock())
        is_clear = isinstance(error, Fault | OSError) or code == before
        log.error(
            "face.gallery.unread",
            extra={"gallery": gallery, "code": code},
            exc_info=None if is_clear else error,
        )

    def end(self, gallery: str) -> None:
        """It went well; the same trouble would be news."""
        self._told.pop(gallery, None)


def _code(error: Exception) -> str:
    if isinstance(error, Fault):
        return error.code
    if isinstance(error, OSError):
        return f"{type(error).__name__}: {error.strerror}"
    return type(error).__name__
