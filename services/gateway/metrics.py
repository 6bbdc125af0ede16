"""What the gateway counts."""

from prometheus_client import Counter, Gauge

ACCEPTED = Counter("switchboard_arrivals", "What became of arrivals", ["channel", "outcome"])
LISTENERS = Gauge("switchboard_listeners", "Pages that listen to their conversation now")
