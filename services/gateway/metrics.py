"""What the gateway counts. No label says who or where."""

from functools import cache

from prometheus_client import Counter, Gauge, Histogram

ACCEPTED = Counter("switchboard_arrivals", "What became of arrivals", ["channel", "outcome"])
ACCEPT_SECONDS = Histogram(
    "switchboard_accept_seconds",
    "What it took to put arrivals into the inbox",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
WAKES_FAILED = Counter(
    "switchboard_wakes_failed", "Wakes that were not enqueued: a sweep finds the conversation"
)
LISTENERS = Gauge("switchboard_listeners", "Pages that listen to their conversation now")
REDIS_UP = Gauge("switchboard_redis_up", "Whether Redis answered when the metrics were asked for")
REDIS_MEMORY = Gauge("switchboard_redis_memory_bytes", "What Redis uses")
REDIS_LIMIT = Gauge("switchboard_redis_memory_limit_bytes", "Redis's maxmemory; 0: none")
BACKLOG = (
    Gauge("switchboard_conversations_due", "Conversations with work left"),
    Gauge("switchboard_inbox_events", "Events that wait, in the 500 conversations that are due longest"),
    Gauge("switchboard_inbox_oldest_seconds", "How long the oldest of these waits"),
    Gauge("switchboard_dead_letters", "Events that failed for good and were neither retried nor dropped"),
    Gauge("switchboard_wakes_queued", "Wakes that no worker has taken yet"),
)

# labels() locks and looks up; the hot path keeps what it gives
arrived = cache(ACCEPTED.labels)
