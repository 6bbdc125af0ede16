"""`python -m benchmarks.noop_tasks REDIS_URL SLOTS`: Celery's own worker, whose task does nothing.

Only the pool is ours: threads, as many as our worker has.
"""

import sys

from celery import Celery

TASK, QUEUE = "bench.noop", "bench"


def noop_app(redis_url: str, slots: int) -> Celery:
    """The app, for who sends and who runs."""
    app = Celery("bench", broker=redis_url)
    app.conf.update(
        task_default_queue=QUEUE,
        task_ignore_result=True,
        worker_pool="threads",
        worker_concurrency=slots,
        broker_connection_retry_on_startup=True,
    )

    @app.task(name=TASK)
    def noop() -> None:
        """Nothing."""

    return app


if __name__ == "__main__":
    noop_app(sys.argv[1], int(sys.argv[2])).worker_main(["worker", "--loglevel", "ERROR"])
