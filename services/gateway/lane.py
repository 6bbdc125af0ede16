"""The short way in: the busiest webhooks without what FastAPI does on the way to an endpoint."""

from collections.abc import Awaitable, Callable
from functools import partial

from fastapi import FastAPI, Request, Response
from redis.exceptions import RedisError
from starlette.requests import ClientDisconnect

from foundation.http import (
    CorrelationMiddleware,
    Fault,
    Receive,
    Scope,
    Send,
    bug_response,
    problem_of,
    problem_response,
)
from services.gateway.errors import BadSignature, queue_down
from services.gateway.routes.webhooks import telegram_update
from services.gateway.routes.webhooks_slack import slack_events
from services.gateway.routes.wiring import Gateway

SHORT_BYTES = 64_000
"""What is longer, or does not say how long it is, goes the long way, where bytes are counted."""

Endpoint = Callable[[Request, Gateway], Awaitable[Response]]


class WholeRequest(Request):
    """A request whose body has come already."""

    def __init__(self, scope: Scope, body: bytes) -> None:
        super().__init__(scope)
        self._whole = body

    async def body(self) -> bytes:
        return self._whole


class ShortLane:
    """The app, but short posts to the busiest paths go straight to their endpoints.

    FastAPI's way to an endpoint costs more than all that the endpoint does (docs/performance.md). Its
    middlewares, and what a route declares besides its path, do not count here: an endpoint of this lane
    checks everything itself. All of them are routes of the app as well, with the same answers.
    """

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._short = CorrelationMiddleware(self._answer)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_short = _is_short_post(scope) and endpoint_of(scope["path"]) is not None
        await (self._short if is_short else self._app)(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        endpoint = endpoint_of(scope["path"])
        assert endpoint
        here = self._app.state.gateway
        try:
            request = WholeRequest(scope, await _body(receive))
        except ClientDisconnect:
            return
        try:
            answer = await endpoint(request, here)
        except BadSignature as error:
            fault = here.addresses.weigh(request, error)
            answer = problem_response(problem_of(fault), fault.retry_after_s)
        except (Fault, RedisError) as error:
            fault = error if isinstance(error, Fault) else queue_down(error)
            answer = problem_response(problem_of(fault), fault.retry_after_s)
        except Exception as error:  # the outermost edge, as in the app
            answer = bug_response(error, scope["path"])
        await answer(scope, receive, send)


def endpoint_of(path: str) -> Endpoint | None:
    """Who answers at this path; None for all that are not that busy."""
    if path == "/webhooks/slack/events":
        return slack_events
    if path == "/webhooks/telegram":
        return telegram_update
    before, _, account = path.rpartition("/")
    return partial(telegram_update, account=account) if before == "/webhooks/telegram" and account else None


async def _body(receive: Receive) -> bytes:
    """All of it; raises ClientDisconnect."""
    body, is_more = b"", True
    while is_more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        is_more = message.get("more_body", False)
    return body


def _is_short_post(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "POST":
        return False
    said = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    return said.isdigit() and int(said) <= SHORT_BYTES
