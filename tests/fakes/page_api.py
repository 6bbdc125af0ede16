"""A stand-in for the gateway behind the page: its API as the page sees it, driven by the test."""

import asyncio
import itertools
import json
import time
import uuid
from collections.abc import AsyncIterator
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, JSONResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles

from contracts.web import WEB_ENTRY
from services.gateway.routes.pages import ADMIN_SAFE, SAFE, STATIC, words_module
from tests.fakes.http_server import Call, PlatformServer
from tests.fakes.page_answers import add_answers
from tests.fakes.page_people import PageGallery
from tests.waiting import until

LASTING = ("said", "asked", "reply", "rated", "done")
CONVERSATIONS = "/api/v1/conversations"


class PageApi(PlatformServer):
    """Conversations in memory. The test plays the bot with typing, delta, reply and done."""

    def __init__(self) -> None:
        super().__init__()
        self.streams: dict[str, list[tuple[str, dict[str, Any]]]] = {}
        self.photos: dict[str, bytes] = {}
        self.listeners = 0
        self.outcome = "accepted"
        """What the next messages get: accepted or dropped."""
        self.gallery = PageGallery()
        self._numbers = itertools.count(1)
        self._cut = 0
        _add_pages(self.app)
        self._add_conversations()
        add_answers(self)
        self.gallery.add_routes(self.app)

    @property
    def conversation(self) -> str:
        """The newest conversation."""
        return list(self.streams)[-1]

    def heard(self, count: int = 1) -> list[dict[str, Any]]:
        """The messages that were taken, once there are so many."""
        until(lambda: len(self.called("message")) >= count, f"{count} messages come")
        return self.called("message")

    def event(self, message: dict[str, Any]) -> str:
        """The event id of a posted message."""
        return f"web:{self.conversation}:{message['client_id']}"

    def publish(self, entry: dict[str, Any], conversation: str = "") -> None:
        """Append an entry that is true to the contract."""
        whole = json.loads(WEB_ENTRY.validate_python(entry).model_dump_json())
        stream = self.streams[conversation or self.conversation]
        stream.append((f"{1790000000000 + next(self._numbers)}-0", whole))

    def typing(self, event_id: str) -> None:
        self.publish({"type": "typing", "event_id": event_id})

    def delta(self, event_id: str, text: str, index: int = 0, attempt: int = 1) -> None:
        self.publish(
            {"type": "delta", "event_id": event_id, "index": index, "attempt": attempt, "text": text}
        )

    def reply(self, event_id: str, text: str = "", index: int = 0, **more: Any) -> None:
        reply = {"text": text, **more}
        self.publish({"type": "reply", "event_id": event_id, "index": index, "reply": reply, "at": _now()})

    def done(self, event_id: str, outcome: str = "finished", *, cut_off: bool = False) -> None:
        self.publish({"type": "done", "event_id": event_id, "outcome": outcome, "cut_off": cut_off})

    def delete(self, entry_id: str, conversation: str = "") -> None:
        """Take a reply out of the stream, as the worker does."""
        stream = self.streams[conversation or self.conversation]
        [(_, entry)] = [one for one in stream if one[0] == entry_id]
        gone = {"v": 2, "type": "deleted", "event_id": entry["event_id"], "index": entry["index"]}
        self.publish(gone, conversation)
        entry["type"] = "gone"  # its place stays, so that who reads on from behind it misses nothing

    def asked(self, how: str, count: int = 1) -> str:
        """The event id of the newest request of a kind, once there are so many."""
        until(lambda: len(self.called(how)) >= count, f"{count} requests to {how} come")
        return self.event(self.called(how)[-1])

    def answer(self, event_id: str, text: str = "", **more: Any) -> None:
        """A whole turn."""
        self.typing(event_id)
        self.reply(event_id, text, **more)
        self.done(event_id)

    def cut_streams(self) -> None:
        """End every open stream of events, as a lost connection does."""
        self._cut += 1

    def _add_conversations(self) -> None:
        app = self.app

        @app.post(CONVERSATIONS)
        async def open_conversation() -> Response:
            def act() -> Response:
                conversation = str(uuid.uuid4())
                self.streams[conversation] = []
                return JSONResponse({"id": conversation}, 201)

            return await self.perform("open", {}, "", act)

        @app.get(CONVERSATIONS + "/{conversation}/messages")
        async def read_messages(conversation: str) -> Response:
            return await self.perform("read", {}, "", lambda: self._history(conversation))

        @app.post(CONVERSATIONS + "/{conversation}/messages")
        async def send_message(conversation: str, request: Request) -> Response:
            message = await request.json()
            return await self.perform("post", message, "", lambda: self._take(conversation, message))

        @app.post(CONVERSATIONS + "/{conversation}/photos")
        async def upload(conversation: str, request: Request) -> Response:
            photo = await request.body()
            kind = request.headers.get("content-type")
            return await self.perform("photo", {"type": kind}, "", lambda: self._keep(photo))

        @app.post(CONVERSATIONS + "/{conversation}/stop")
        async def stop(conversation: str, request: Request) -> Response:
            body = await request.json()
            answer = {"event_id": f"web:{conversation}:{body['client_id']}", "outcome": "accepted"}
            return await self.perform("stop", body, "", lambda: JSONResponse(answer, 202))

        @app.get(CONVERSATIONS + "/{conversation}/events")
        async def listen(conversation: str, after: str = "0-0") -> Response:
            def act() -> Response:
                if conversation not in self.streams:
                    return JSONResponse({"code": "conversation_unknown"}, 404)
                return StreamingResponse(self._follow(conversation, after), media_type="text/event-stream")

            return await self.perform("listen", {"after": after}, "", act)

    def _history(self, conversation: str) -> Response:
        if conversation not in self.streams:
            return JSONResponse({"code": "conversation_unknown"}, 404)
        stream = self.streams[conversation]
        entries = [{"id": i, "entry": entry} for i, entry in stream if entry["type"] in LASTING]
        return JSONResponse({"entries": entries, "last_id": stream[-1][0] if stream else "0-0"})

    def _take(self, conversation: str, message: dict[str, Any]) -> Response:
        event_id = f"web:{conversation}:{message['client_id']}"
        said = [entry["event_id"] for _, entry in self.streams[conversation] if entry["type"] == "said"]
        if event_id in said:
            return JSONResponse({"event_id": event_id, "outcome": "duplicate"}, 202)
        line = {
            "text": message.get("title") or message.get("text", ""),
            "has_photo": message["photo_id"] is not None,
        }
        self.publish({"type": "said", "event_id": event_id, **line, "at": _now()}, conversation)
        if self.outcome == "accepted":
            self.calls.append(Call("message", message))
        return JSONResponse({"event_id": event_id, "outcome": self.outcome}, 202)

    def _keep(self, photo: bytes) -> Response:
        photo_id = uuid.uuid4().hex
        self.photos[photo_id] = photo
        return JSONResponse({"photo_id": photo_id}, 201)

    async def _follow(self, conversation: str, after: str) -> AsyncIterator[str]:
        cut, stream = self._cut, self.streams[conversation]
        place = sum(_number(entry_id) <= _number(after) for entry_id, _ in stream)
        self.listeners += 1
        yield ": hello\n\n"
        try:
            while cut == self._cut and not self._server.should_exit:
                while place < len(stream):
                    entry_id, entry = stream[place]
                    if entry["type"] != "gone":
                        yield f"id: {entry_id}\ndata: {json.dumps(entry)}\n\n"
                    place += 1
                await asyncio.sleep(0.01)
        finally:
            self.listeners -= 1


def _number(entry_id: str) -> tuple[int, ...]:
    return tuple(map(int, entry_id.split("-")))


def _now() -> int:
    return int(time.time() * 1000)


def _add_pages(app: FastAPI) -> None:
    @app.get("/static/words.js")
    async def words() -> Response:
        return Response(words_module(), media_type="text/javascript")

    app.mount("/static", StaticFiles(directory=STATIC))

    @app.get("/")
    async def chat_page() -> Response:
        return FileResponse(STATIC / "index.html", headers=SAFE)

    @app.get("/admin")
    async def admin_page() -> Response:
        return FileResponse(STATIC / "admin.html", headers=ADMIN_SAFE)
