"""The one Celery task: a shell over the process that runs conversations."""

import logging
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
from celery.signals import task_failure
from kombu.exceptions import ConnectionLimitExceeded

from contracts.task import RUN_CONVERSATION
from services.worker.errors import WakeFailed
from services.worker.settings import WorkerSettings
from services.worker.tasks import add_tasks, create_celery, send_wake


@pytest.fixture
def failures() -> Iterator[list[Any]]:
    """What Celery tells of failed tasks, to OpenTelemetry's instrumentation among others."""
    found: list[Any] = []

    def keep(einfo: Any, **_: object) -> None:
        found.append(einfo.exception)

    task_failure.connect(keep)
    yield found
    task_failure.disconnect(keep)


def test_a_bug_in_a_run_tells_celery_its_type_and_no_words(
    failures: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    words = "my sister's name is " + "Pomegranate"  # a line of the source is told as it stands

    def run(conversation_id: str) -> None:
        raise ValueError(words)

    app = create_celery(WorkerSettings())
    add_tasks(app, run)
    with caplog.at_level(logging.DEBUG):
        app.tasks[RUN_CONVERSATION].apply(["web:c1"])
    [error] = failures
    told = "".join(traceback.format_exception(error)) + caplog.text
    assert "ValueError" in str(error)
    assert "Pomegranate" not in told


class FullPool:
    """A Celery app that has no connection left."""

    def send_task(self, *_: Any, **__: Any) -> None:
        raise ConnectionLimitExceeded


def test_a_wake_that_finds_no_connection_has_failed_and_no_more() -> None:
    with pytest.raises(WakeFailed):
        send_wake(FullPool(), "web:c1")  # type: ignore[arg-type]
