"""Builds a search graph in a process of its own: it takes minutes and memory, and may be stopped."""

import json
import os
import select
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.face.graph_files import Layout

_PORTION = 8192
_TICK_S = 0.3


class GraphBuilder:
    """Builds one graph at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_closed = False

    def build(self, vectors: NDArray[np.float32], path: Path, meanwhile: Callable[[], None]) -> Layout | None:
        """Build a graph over the vectors (n x 128) at the path; None if it was stopped, or died.

        `meanwhile` is called now and then.
        """
        command = [sys.executable, "-m", "services.face.hnsw_index", str(path)]
        with self._lock:
            if self._is_closed:
                return None
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        _feed(self._process, vectors)
        answer = _answer(self._process, meanwhile)
        if self._process.returncode != 0 or self._is_closed:
            path.unlink(missing_ok=True)
            return None
        facts = json.loads(answer)
        return Layout(facts["first"], facts["stride"], tuple(facts["unreachable"]))

    def close(self) -> None:
        """Stop what is being built, and build no more."""
        with self._lock:
            self._is_closed = True
            if self._process:
                self._process.kill()


def _feed(process: subprocess.Popen[bytes], vectors: NDArray[np.float32]) -> None:
    assert process.stdin
    try:
        with process.stdin:
            for start in range(0, len(vectors), _PORTION):
                process.stdin.write(vectors[start : start + _PORTION].astype("<f4").tobytes())
    except BrokenPipeError:
        pass  # it was stopped; its exit code tells


def _answer(process: subprocess.Popen[bytes], meanwhile: Callable[[], None]) -> bytes:
    assert process.stdout
    answer = b""
    with process.stdout as out:
        os.set_blocking(out.fileno(), False)
        while process.poll() is None:
            meanwhile()
            select.select([out], [], [], _TICK_S)
            answer += out.read() or b""
        return answer + (out.read() or b"")
