"""What the worker counts. No label says who or where: only channels, outcomes and stages."""

import errno
import logging
import time
from functools import cache

from prometheus_client import Counter, Gauge, Histogram, start_http_server

from services.worker.times import Times

log = logging.getLogger(__name__)

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
PORTS = 20
"""So many worker processes of one host find a port each."""

TURNS = Counter("switchboard_turns", "Turns that ended", ["channel", "outcome"])
TURN_SECONDS = Histogram(
    "switchboard_turn_seconds",
    "From an Event's acceptance to its turn's end",
    ["channel"],
    buckets=SECONDS,
)
WAIT_SECONDS = Histogram(
    "switchboard_inbox_wait_seconds", "From an Event's acceptance to its first attempt", buckets=SECONDS
)
STAGE_SECONDS = Histogram(
    "switchboard_stage_seconds",
    "What a turn spent in nlp, face, delivery",
    ["stage"],
    buckets=SECONDS,
)
ATTEMPTS_FAILED = Counter("switchboard_attempts_failed", "Attempts at turns that failed", ["channel"])
RUNNING = Gauge("switchboard_conversations_running", "Conversations that run in this process now")
SWEPT = Counter("switchboard_conversations_swept", "Conversations that a sweep has woken")
LEASES = Counter("switchboard_leases", "What asking for a lease came to", ["state"])
LEASES_LOST = Counter("switchboard_leases_lost", "Leases that another worker took over")
BURIED = Counter("switchboard_events_buried", "Events that became dead letters", ["channel"])
PACER_WAITS = Histogram(
    "switchboard_pacer_wait_seconds", "Waits for a place under a platform's rate limit", buckets=SECONDS
)
PACER_REFUSED = Counter("switchboard_pacer_refused", "Places that could not be had in time")
PACER_PENALTIES = Counter("switchboard_pacer_penalties", "Times that a platform said 429")
UPDATES = Counter("switchboard_stream_updates", "Updates of answers in the making", ["kind", "outcome"])

# labels() locks and looks up; the hot path keeps what it gives
turned = cache(TURNS.labels)
leased = cache(LEASES.labels)
updated = cache(UPDATES.labels)
_turn_seconds = cache(TURN_SECONDS.labels)
_stage_seconds = cache(STAGE_SECONDS.labels)


def began(accepted_ms: int, times: Times) -> None:
    """The first attempt at an Event begins."""
    WAIT_SECONDS.observe(max(0, times.leased - accepted_ms) / 1000)


def ended(channel: str, accepted_ms: int, times: Times) -> None:
    """A turn is acknowledged."""
    _turn_seconds(channel).observe(max(0, time.time() - accepted_ms / 1000))
    for stage, seconds in times.stages().items():
        _stage_seconds(stage).observe(seconds)


def serve(host: str, port: int) -> int:
    """Answer /metrics from a thread, on the first port from this one on that is free; gives it.

    Raises OSError where none is.
    """
    for candidate in range(port, port + PORTS):
        try:
            start_http_server(candidate, host)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
        else:
            log.info("worker.metrics.served", extra={"port": candidate})
            return candidate
    raise OSError(errno.EADDRINUSE, f"no port from {port} to {port + PORTS - 1} is free")
