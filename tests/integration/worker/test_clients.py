"""How the worker's clients use their connections, and what their faults tell."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from redis.asyncio import Redis
from telegram.error import NetworkError

from contracts.problem import Problem
from contracts.reply import Reply
from contracts.turn import TurnDone, TurnItem, TurnReply, TurnRequest
from services.worker.channels.base import Channel
from services.worker.channels.slack import SlackChannel, create_client
from services.worker.channels.slack_clients import SlackClients
from services.worker.channels.telegram import TelegramChannel, create_bot
from services.worker.clients.face import FaceClient
from services.worker.clients.nlp import NlpClient
from services.worker.errors import ChannelAway, LeaseLost, RoomAway, RoomRefused, RoomUnavailable
from services.worker.pacer import Pacer
from tests.builders import message
from tests.fakes.delivery import MemoryDelivery
from tests.redis_process import free_port

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
REPLY = TurnReply(index=0, reply=Reply(text="x" * 300_000))


@asynccontextmanager
async def nlp_that(answer: Handler) -> AsyncIterator[NlpClient]:
    app = web.Application()
    app.router.add_post("/turns", answer)
    async with TestServer(app) as server, aiohttp.ClientSession(server.make_url("/")) as http:
        yield NlpClient(http)


async def test_one_connection_to_nlp_serves_turn_after_turn() -> None:
    ports: set[object] = set()

    async def answer(request: web.Request) -> web.StreamResponse:
        ports.add(request.get_extra_info("peername"))
        response = web.StreamResponse()
        await response.prepare(request)
        for item in (REPLY, TurnDone()):
            await response.write(f"event: {item.type}\r\ndata: {item.model_dump_json()}\r\n\r\n".encode())
        return response

    async with nlp_that(answer) as nlp:
        for _ in range(3):
            assert await items_of(nlp) == [REPLY, TurnDone()]
    assert len(ports) == 1


async def test_a_stream_that_breaks_off_is_a_room_that_is_away() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        assert request.transport
        request.transport.close()
        return response

    async with nlp_that(answer) as nlp:
        with pytest.raises(RoomUnavailable):
            await items_of(nlp)


async def refused(problem: Problem) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=problem.status, text=problem.model_dump_json())

    async with nlp_that(answer) as nlp:
        await items_of(nlp)


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


async def test_a_call_that_cannot_reach_telegram_tells_no_token() -> None:
    bot = create_bot("123:SECRET", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(NetworkError) as failed:
        await bot.send_message(1, "hello")
    await bot.request.shutdown()
    assert "SECRET" not in f"{failed.value}{failed.value.__cause__}"


async def test_rooms_that_cannot_be_reached_are_told_from_those_that_fail() -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    async with aiohttp.ClientSession(nowhere) as http:
        with pytest.raises(RoomAway):
            await items_of(NlpClient(http))
    async with httpx.AsyncClient(base_url=nowhere) as face:
        with pytest.raises(RoomAway):
            await FaceClient(face).identify("demo", b"photo")


async def test_platforms_that_cannot_be_reached_are_told_from_those_that_fail(redis_client: Redis) -> None:
    nowhere, pacer = f"http://127.0.0.1:{free_port()}", Pacer(redis_client)
    channels: dict[str, Channel] = {
        "telegram:default:1": TelegramChannel(
            {"default": create_bot("123:TEST", nowhere)}, pacer, redis_client
        ),
        "slack:default:D1": SlackChannel(
            SlackClients({"default": create_client("xoxb-TEST", nowhere)}, create_client), pacer, "update"
        ),
    }
    for place, channel in channels.items():
        with pytest.raises(ChannelAway):
            await channel.sink(message(conversation_id=place), MemoryDelivery()).finish(
                0, Reply(text="hello")
            )
        await channel.aclose()


async def items_of(nlp: NlpClient) -> list[TurnItem]:
    return [item async for item in nlp.turn(TurnRequest(event=message()))]
