"""What the room counts, for Prometheus."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from foundation.http import Fault
from services.face.reading import Reading


class Metrics:
    """The room's own numbers, apart from any other app's in this process."""

    def __init__(
        self,
        waiting: Callable[[], float],
        replaced: Callable[[], float],
        people: Callable[[], float],
        folder: Path,
    ) -> None:
        """`folder` lies on the disk whose room is told."""
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._photos = Counter(
            "switchboard_face_photos", "Photos, by outcome", ["outcome"], registry=self._registry
        )
        self._seconds = Histogram(
            "switchboard_face_photo_seconds",
            "From arrival to answer, the wait for a process included",
            buckets=(0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3, 6, 12, 25),
            registry=self._registry,
        )
        self._faces = Counter("switchboard_faces_found", "Faces on photos", registry=self._registry)
        self._stages = Histogram(
            "switchboard_face_stage_seconds",
            "What reading a photo spent in a stage: find, align, embed",
            ["stage"],
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3, 6, 12),
            registry=self._registry,
        )
        for name, text, read in (
            ("switchboard_face_photos_waiting", "Photos that wait for a process", waiting),
            ("switchboard_face_processes_replaced", "Processes that died or were killed", replaced),
            ("switchboard_face_people", "People in the open galleries", people),
            ("switchboard_disk_bytes", "The disk of FACE_DATA_DIR", lambda: _disk(folder)[0]),
            ("switchboard_disk_free_bytes", "What is free there", lambda: _disk(folder)[2]),
        ):
            Gauge(name, text, registry=self._registry).set_function(read)

    @contextmanager
    def photo(self) -> Iterator[None]:
        """Count and time one photo."""
        begun = time.monotonic()
        outcome = "failed"
        try:
            yield
            outcome = "read"
        except Fault as fault:
            outcome = fault.code
            raise
        finally:
            self._photos.labels(outcome).inc()
            self._seconds.observe(time.monotonic() - begun)

    def found(self, reading: Reading) -> None:
        """Count the faces of a photo, and the time of each stage."""
        self._faces.inc(len(reading.faces))
        for stage, seconds in reading.seconds.items():
            self._stages.labels(stage).observe(seconds)

    def text(self) -> bytes:
        """Everything, in Prometheus's text format."""
        return generate_latest(self._registry)


def _disk(folder: Path) -> tuple[int, int, int]:
    """Size, used and free bytes of the disk that the folder lies on, or will."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    return shutil.disk_usage(there)
