"""Wakes go on, whatever became of those before."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import pytest

from services.gateway.wake import Waker
from tests.builders import arrival, message
from tests.waiting import until


class OddQueue:
    """In Celery's place: raises what nobody expects for the first conversation, and takes the others."""

    def __init__(self) -> None:
        self.tried: list[str] = []

    @property
    def producer_pool(self) -> "OddQueue":
        return self

    @contextmanager
    def acquire(self, block: bool) -> Iterator["OddQueue"]:
        yield self

    def batch(self) -> AbstractContextManager[None]:
        return nullcontext()

    def send_task(self, _: str, conversations: list[str], **__: Any) -> None:
        self.tried += conversations
        if conversations == ["web:first"]:
            raise RuntimeError("nobody has thought of this")


def test_a_wake_that_fails_unexpectedly_keeps_no_later_one_from_going_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    queue = OddQueue()
    waker = Waker(queue)  # type: ignore[arg-type]
    waker.wake(arrival(message(conversation_id="web:first")))
    until(lambda: queue.tried, "the first is tried")
    waker.wake(arrival(message(conversation_id="web:second")))
    waker.close()
    assert queue.tried == ["web:first", "web:second"]
    assert caplog.messages == ["gateway.wake.crashed"]
