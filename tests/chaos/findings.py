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
    """The lists of work that hold an Event of a version that this one does not know."""
    for kind in ("inbox:*", "control:*"):
        for key in client.scan_iter(kind, count=1000):
            if any(json.loads(event)["v"] > EVENT_VERSION for event in client.lrange(key, 0, -1)):
                yield key


def lasting(client: Any) -> list[str]:
    """Keys without a life."""
    return sorted(key for key in client.scan_iter(count=1000) if client.ttl(key) == -1)


def dead_marks(client: Any) -> list[str]:
    """The marks of the dead letters' Events."""
    letters = client.xrange(keys.DEAD, "-", "+")
    return [json.loads(fields["event"])["text"].split()[0] for _, fields in letters]


def ratings(client: Any) -> int:
    """How many verdicts are counted, of all days."""
    days = [client.hgetall(key) for key in client.scan_iter("usage:ratings:*", count=1000)]
    return sum(int(count) for day in days for count in day.values())


def is_claimed(client: Any, delivery: str) -> bool:
    """Whether the gateway has accepted what claims this."""
    return bool(client.exists(f"seen:{delivery}"))


def leaked(stack: Stack, client: Any) -> Iterator[str]:
    """Processes that no room owns, or too many open files and connections, while the rooms still run."""
    connections = len(client.client_list())
    if connections > CONNECTIONS_OF_ROOM * len(stack.rooms):
        yield f"Redis has {connections} connections"
    owned = set()
    for name, room in stack.rooms.items():
        assert room.process
        process = psutil.Process(room.process.pid)
        owned |= {process.pid, *(child.pid for child in process.children(recursive=True))}
        if process.num_fds() > FILES_OF_ROOM:
            yield f"{name} has {process.num_fds()} open files"
    yield from (f"process {pid} is nobody's: {name}" for pid, name in ours(stack) if pid not in owned)


def ours(stack: Stack) -> Iterator[tuple[int, str]]:
    """(id, command) of every process of this run's rooms, also of those whose parent is gone."""
    mark = str(stack.folder / "secrets")
    for process in psutil.process_iter():
        try:
            if process.environ().get("SECRETS_DIR") == mark and process.status() != psutil.STATUS_ZOMBIE:
                yield process.pid, " ".join(process.cmdline())[-80:]
        except psutil.Error:  # it has just ended, or is another user's
            continue


def left_behind(stack: Stack) -> Iterator[str]:
    """Processes of the run that are still there after its end."""
    yield from (f"process {pid} is still there: {name}" for pid, name in ours(stack))


def open_redis(port: int) -> Any:
    """A client of the run's own."""
    return redis.Redis(port=port, decode_responses=True, socket_timeout=10)
