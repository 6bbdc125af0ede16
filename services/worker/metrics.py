"""What the worker counts."""

from prometheus_client import Counter, Gauge

TURNS = Counter("switchboard_turns", "Turns that ended", ["channel", "outcome"])
RUNNING = Gauge("switchboard_conversations_running", "Conversations that run in this process now")
SWEPT = Counter("switchboard_conversations_swept", "Conversations that a sweep has woken")
