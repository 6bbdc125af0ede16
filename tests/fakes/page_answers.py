"""The part of the page's stand-in that takes requests about what was said."""

import time
from typing import TYPE_CHECKING, Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from tests.fakes.http_server import Call

if TYPE_CHECKING:
    from tests.fakes.page_api import PageApi

OF_A_CONVERSATION = "/api/v1/conversations/{conversation}"


def add_answers(api: "PageApi") -> None:
    """The routes. Each request is recorded by its name: regenerate, continue, edit, delete, feedback."""

    @api.app.post(OF_A_CONVERSATION + "/messages/{event_id}/{how}")
    async def ask(conversation: str, event_id: str, how: str, request: Request) -> Response:
        body = await request.json()

        def act() -> Response:
            return _asked(api, conversation, event_id, how, body)

        return await api.perform(how, body | {"target": event_id}, "", act)

    @api.app.delete(OF_A_CONVERSATION + "/replies/{reply}")
    async def delete(conversation: str, reply: str) -> Response:
        def act() -> Response:
            entry = _reply(api, conversation, reply)
            if entry is None:
                return JSONResponse({"code": "message_unknown"}, 404)
            api.delete(reply, conversation)
            return _taken(conversation, f"delete-{reply}")

        return await api.perform("delete", {"reply": reply}, "", act)

    @api.app.post(OF_A_CONVERSATION + "/replies/{reply}/feedback")
    async def rate(conversation: str, reply: str, request: Request) -> Response:
        body = await request.json()

        def act() -> Response:
            entry = _reply(api, conversation, reply)
            if entry is None:
                return JSONResponse({"code": "message_unknown"}, 404)
            about = {"event_id": entry["event_id"], "index": entry["index"]}
            api.publish({"v": 2, "type": "rated", "helpful": body["helpful"], **about}, conversation)
            return _taken(conversation, body["client_id"])

        return await api.perform("feedback", body | {"reply": reply}, "", act)


def _asked(api: "PageApi", conversation: str, target: str, how: str, body: dict[str, Any]) -> Response:
    event_id = f"web:{conversation}:{body['client_id']}"
    if any(e["event_id"] == event_id for _, e in api.streams[conversation]):
        return _taken(conversation, body["client_id"], "duplicate")
    at = int(time.time() * 1000)
    said = {"type": "said", "event_id": event_id, "at": at, "text": body.get("text"), "replaces": target}
    asked = {"v": 2, "type": "asked", "event_id": event_id, "at": at, "how": how, "target": target}
    api.publish(said if how == "edit" else asked, conversation)
    if how == "edit":
        api.calls.append(Call("message", body))
    return _taken(conversation, body["client_id"])


def _reply(api: "PageApi", conversation: str, reply: str) -> dict[str, Any] | None:
    return next((e for i, e in api.streams[conversation] if i == reply and e["type"] == "reply"), None)


def _taken(conversation: str, client_id: str, outcome: str = "accepted") -> Response:
    return JSONResponse({"event_id": f"web:{conversation}:{client_id}", "outcome": outcome}, 202)
