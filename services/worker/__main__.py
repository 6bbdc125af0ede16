"""`python -m services.worker`: a Celery worker whose turns run on one event loop."""

import logging
import sys

from celery.signals import setup_logging

from foundation import log, tracing
from services.worker import metrics
from services.worker.app import create_worker
from services.worker.settings import WorkerSettings

SWITCH_S = 0.0005
"""Celery's thread waits so long at most for the one that runs the turns, whenever it has read from Redis.
Python's own 5 ms, four times a wake, held a worker to 50 turns a second."""


def main() -> None:
    """Run until SIGTERM or SIGINT; then let running turns finish, within the soft shutdown."""
    sys.setswitchinterval(SWITCH_S)
    settings = WorkerSettings()
    log.configure("worker", settings.log_level)
    logging.getLogger("celery").setLevel("WARNING")  # its lines hold task arguments
    setup_logging.connect(lambda **_: None, weak=False)
    if tracing.start("worker", settings):
        from opentelemetry.instrumentation.celery import CeleryInstrumentor

        CeleryInstrumentor().instrument()  # type: ignore[no-untyped-call]
    celery, process = create_worker(settings)
    if settings.worker_metrics_port:
        metrics.serve(settings.worker_metrics_host, settings.worker_metrics_port)
    process.start()
    try:
        celery.worker_main(["worker", "--without-gossip", "--without-mingle", "--without-heartbeat"])
    finally:
        process.stop()


if __name__ == "__main__":
    main()
