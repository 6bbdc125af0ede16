"""Calls nlp: posts a turn and reads its server-sent events."""

from collections.abc import AsyncGenerator

import httpx
from pydantic import ValidationError

from contracts.turn import TURN_ITEM, AnswerDeleted, TurnItem, TurnRequest
from foundation.correlation import correlation_headers
from services.worker.clients.answers import problem_in, refusal
from services.worker.errors import LeaseLost, RoomRefused, RoomUnavailable

UNREADABLE = "invalid"
"""What nlp says of a request that does not keep to its contract."""


class NlpClient:
    """One room: it thinks, and forgets."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def forget(self, deleted: AnswerDeleted) -> None:
        """A person has deleted an answer. Raises RoomUnavailable or RoomRefused."""
        try:
            answer = await self._http.post(
                "/deletions", json=deleted.model_dump(), headers=correlation_headers()
            )
        except httpx.TransportError as error:
            raise RoomUnavailable(f"nlp: {type(error).__name__}") from error
        if answer.is_error:
            raise refusal(problem_in(answer))

    async def turn(self, request: TurnRequest) -> AsyncGenerator[TurnItem, None]:
        """The items of the turn's stream. Closing the iterator ends the turn at nlp."""
        body = request.model_dump_json()
        headers = {"Content-Type": "application/json", **correlation_headers()}
        try:
            async with self._http.stream("POST", "/turns", content=body, headers=headers) as response:
                if response.is_error:
                    await response.aread()
                    problem = problem_in(response)
                    if problem.code == LeaseLost.code:
                        raise LeaseLost
                    raise _older() if problem.code == UNREADABLE else refusal(problem)
                async for line in response.aiter_lines():
                    if line.startswith("data:"):
                        yield TURN_ITEM.validate_json(line.removeprefix("data:"))
        except (httpx.RequestError, ValidationError) as error:  # what is unreadable holds people's words
            raise RoomUnavailable(f"nlp: {type(error).__name__}") from None


def _older() -> RoomRefused:
    """In the middle of a deploy nlp may still be of the version before: it will read the request later."""
    return RoomRefused("nlp cannot read the turn", code="turn_unreadable", retryable=True)
