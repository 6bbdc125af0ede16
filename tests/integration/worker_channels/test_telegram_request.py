"""The HTTP client that speaks to the Bot API."""

from aiohttp import web
from aiohttp.test_utils import TestServer

from services.worker.channels.telegram_request import AiohttpRequest


async def test_a_redirect_is_an_answer_and_no_message_that_was_sent_elsewhere() -> None:
    asked: list[str] = []

    async def elsewhere(request: web.Request) -> web.Response:
        asked.append(f"{request.method} {request.path}")
        return web.Response(status=302, headers={"Location": "/elsewhere"})

    async def taken(request: web.Request) -> web.Response:
        asked.append(f"{request.method} {request.path}")
        return web.json_response({"ok": True, "result": True})

    app = web.Application()
    app.router.add_post("/sendMessage", elsewhere)
    app.router.add_get("/elsewhere", taken)
    client = AiohttpRequest()
    async with TestServer(app) as server:
        status, _ = await client.do_request(str(server.make_url("/sendMessage")), "POST")
        await client.shutdown()
    assert (status, asked) == (302, ["POST /sendMessage"])
