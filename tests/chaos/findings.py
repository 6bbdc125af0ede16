"""What is left at the end of a run, in Redis and among the processes."""

import json
from collections.abc import Iterator
from typing import Any

import psutil
import redis

from contracts import inbox as keys
from contracts.event import EVENT_VERSION
from tests.e2e.stack import Stack

WORK = ("inbox:", "control:", "lease:")
CONNECTIONS_OF_ROOM = 60
"""What a room keeps open to Redis at most when nothing happens: pools keep what a busy time has opened."""
FILES_OF_ROOM = 250


def is_idle(client: Any) -> bool:
    """Whether no conversation waits for a worker."""
    return not client.exists(keys.DUE)


def undone(client: Any) -> list[str]:
    """Keys of work that nobody has done; wakes on Celery's list are no work."""
    found = sorted(key for key in client.scan_iter(count=1000) if key.startswith(WORK))
    return [*found, *([keys.DUE] if client.exists(keys.DUE) else [])]


def newer(client: Any) -> Iterator[str]:
    """The inboxes that hold an Event of a version that this one does not know."""
    for key in client.scan_iter("inbox:*", count=1000):
        if any(json.loads(event)["v"] > EVENT_VERSION for event in client.lrange(key, 0, -1)):
            yield key


def lasting(client: Any) -> list[str]:
    """Keys without a life."""
    return sorted(key for key in client.scan_iter(count=1000) if client.ttl(key) == -1)


def dead_marks(client: Any) -> list[str]:
    """The marks of the dead letters' Events."""
    letters = client.xrange(keys.DEAD, "-", "+")
    return [json.loads(fields["event"])["text"].split()[0] for _, fields in letters]


def leaked(stack: Stack, client: Any) -> Iterator[str]:
    """Processes that are not ours, or too many open files and connections, while the rooms still run."""
    connections = len(client.client_list())
    if connections > CONNECTIONS_OF_ROOM * len(stack.rooms):
        yield f"Redis has {connections} connections"
    for name, room in stack.rooms.items():
        assert room.process
        files = psutil.Process(room.process.pid).num_fds()
        if files > FILES_OF_ROOM:
            yield f"{name} has {files} open files"


def left_behind(stack_pids: set[int]) -> Iterator[str]:
    """Processes of the run that are still there after its end."""
    for pid in stack_pids:
        if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            yield f"process {pid} is still there"


def open_redis(port: int) -> Any:
    """A client of the run's own."""
    return redis.Redis(port=port, decode_responses=True, socket_timeout=10)
