"""`python -m benchmarks.bare_webhooks PORT REDIS_URL`: webhooks that only read, or do what tutorials do."""

import sys
from typing import Any

from celery import Celery, Task
from fastapi import FastAPI, Request, Response

from contracts.task import QUEUE, RUN_CONVERSATION
from foundation.serving import serve


def task_of(celery: Celery) -> Task:
    """The task, as a tutorial would declare it."""

    @celery.task(name=RUN_CONVERSATION, queue=QUEUE)
    def handle(what: Any) -> None:
        """What is done is of no account: only who enqueues it is measured."""

    return handle


def create_app(celery: Celery) -> FastAPI:
    """Three endpoints under one FastAPI: each but the first reads and parses its body."""
    app = FastAPI()
    handle = task_of(celery)

    @app.post("/nothing")
    async def nothing() -> Response:
        return Response()

    @app.post("/bare")
    async def bare(request: Request) -> Response:
        await request.json()
        return Response()

    @app.post("/tutorial")
    async def tutorial(update: dict[str, Any]) -> dict[str, bool]:
        handle.apply_async((update,))
        return {"ok": True}

    return app


if __name__ == "__main__":
    serve(
        create_app(Celery("bot", broker=sys.argv[2])), "gateway", "WARNING", "127.0.0.1", int(sys.argv[1]), 3
    )
