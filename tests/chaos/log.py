"""The run's log: a JSON line for each fault and each Event."""

import json
import threading
import time
from pathlib import Path
from typing import Any


class RunLog:
    """Appends to run.jsonl; times are seconds since the start."""

    def __init__(self, folder: Path) -> None:
        self.began_at = time.monotonic()
        self._file = (folder / "run.jsonl").open("a", encoding="utf-8", buffering=1)
        self._lock = threading.Lock()

    def write(self, what: str, **facts: Any) -> None:
        """One line."""
        line = {"at_s": round(time.monotonic() - self.began_at, 3), "what": what, **facts}
        with self._lock:
            self._file.write(json.dumps(line) + "\n")

    def close(self) -> None:
        """Nothing is written any more."""
        self._file.close()
