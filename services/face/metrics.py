"""What the room counts, for Prometheus."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from foundation.http import Fault


class Metrics:
    """The room's own numbers, apart from any other app's in this process."""

    def __init__(
        self, waiting: Callable[[], float], replaced: Callable[[], float], people: Callable[[], float]
    ) -> None:
        self._registry = CollectorRegistry()
        self._photos = Counter("face_photos", "Photos, by outcome", ["outcome"], registry=self._registry)
        self._seconds = Histogram(
            "face_photo_seconds",
            "From arrival to answer, the wait for a process included",
            buckets=(0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3, 6, 12, 25),
            registry=self._registry,
        )
        for name, text, read in (
            ("face_photos_waiting", "Photos that wait for a process", waiting),
            ("face_processes_replaced", "Processes that died or were killed", replaced),
            ("face_people", "People in the open galleries", people),
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

    def text(self) -> bytes:
        """Everything, in Prometheus's text format."""
        return generate_latest(self._registry)
