"""Calls nlp: posts a turn and reads its server-sent events."""

from collections.abc import AsyncGenerator, AsyncIterator

import aiohttp
from pydantic import ValidationError

from contracts.problem import Problem
from contracts.turn import TURN_ITEM, AnswerDeleted, TurnItem, TurnRequest
from foundation.correlation import correlation_headers
from services.worker.clients.answers import problem_of, refusal
from services.worker.errors import LeaseLost, RoomAway, RoomRefused, RoomUnavailable

UNREADABLE = "invalid"
"""What nlp says of a request that does not keep to its contract."""

_DATA = b"data:"
_LAST = ("done", "need", "problem")


class NlpClient:
    """One room: it thinks, and forgets."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http

    async def forget(self, deleted: AnswerDeleted) -> None:
        """A person has deleted an answer. Raises RoomUnavailable or RoomRefused."""
        body = deleted.model_dump_json().encode()
        headers = {"Content-Type": "application/json", **correlation_headers()}
        try:
            async with self._http.post("/deletions", data=body, headers=headers) as response:
                if not response.ok:
                    raise refusal(problem_of(response.status, await response.read()))
        except (aiohttp.ClientError, TimeoutError) as error:
            raise RoomUnavailable(f"nlp: {type(error).__name__}") from error

    async def turn(self, request: TurnRequest) -> AsyncGenerator[TurnItem, None]:
        """The items of the turn's stream. Closing the iterator ends the turn at nlp.

        The last item comes when the stream has ended, so that its connection serves the next turn.
        Raises RoomAway, RoomUnavailable, RoomRefused or LeaseLost.
        """
        body = request.model_dump_json().encode()
        headers = {"Content-Type": "application/json", **correlation_headers()}
        last: TurnItem | None = None
        try:
            async with self._http.post("/turns", data=body, headers=headers) as response:
                if not response.ok:
                    raise _refused(problem_of(response.status, await response.read()))
                async for line in _lines(response.content):
                    if not line.startswith(_DATA):
                        continue
                    item = TURN_ITEM.validate_json(line[len(_DATA) :])
                    if item.type in _LAST:
                        last = item
                    else:
                        yield item
        except aiohttp.ClientConnectorError as error:
            raise RoomAway(f"nlp: {type(error).__name__}") from None
        except (aiohttp.ClientError, TimeoutError, ValidationError) as error:
            if last is None:  # what is unreadable holds people's words
                raise RoomUnavailable(f"nlp: {type(error).__name__}") from None
        if last:
            yield last


def _refused(problem: Problem) -> LeaseLost | RoomRefused:
    if problem.code == LeaseLost.code:
        return LeaseLost()
    if problem.code == UNREADABLE:  # in the middle of a deploy nlp may still be of the version before
        return RoomRefused("nlp cannot read the turn", code="turn_unreadable", retryable=True)
    return refusal(problem)


async def _lines(content: aiohttp.StreamReader) -> AsyncIterator[bytes]:
    """However long they are: the reader's own lines have a limit."""
    rest = b""
    async for piece in content.iter_any():
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield line
