"""What the worker makes of nlp's refusals."""

import httpx
import pytest

from contracts.problem import Problem
from contracts.turn import TurnRequest
from services.worker.clients.nlp import NlpClient
from services.worker.errors import LeaseLost, RoomRefused
from tests.builders import message


async def refused(problem: Problem) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(problem.status, content=problem.model_dump_json())

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://nlp") as http:
        async for _ in NlpClient(http).turn(TurnRequest(event=message())):
            pass


async def test_a_turn_that_an_older_nlp_cannot_read_is_tried_again() -> None:
    with pytest.raises(RoomRefused) as caught:
        await refused(Problem(title="The request is malformed", status=422, code="invalid"))
    assert (caught.value.code, caught.value.retryable) == ("turn_unreadable", True)


async def test_what_nlp_refuses_for_good_is_not_tried_again() -> None:
    with pytest.raises(RoomRefused) as caught:
        await refused(Problem(title="no such bot", status=404, code="bot_unknown"))
    assert (caught.value.code, caught.value.retryable) == ("bot_unknown", False)


async def test_a_lease_that_is_another_s_ends_the_turn() -> None:
    with pytest.raises(LeaseLost):
        await refused(Problem(title="The lease is another's", status=409, code="lease_lost"))
