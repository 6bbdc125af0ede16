"""A stand-in for Slack's Web API: the same answers, refusals and limits, over real HTTP."""

import base64
import json
import sys
from collections.abc import Callable
from typing import Any

from fastapi import Request, Response

from tests.fakes import slack_apps, slack_files, slack_messages, slack_streams
from tests.fakes.http_server import PlatformServer, read_args, serve
from tests.fakes.slack_limits import SlackLimits
from tests.fakes.slack_state import SCOPES, TEAM, TOKEN, Args, Refused, SlackState

__all__ = ["SCOPES", "TEAM", "TOKEN", "SlackServer"]

LOGIN_PAGE = "<!DOCTYPE html><html><body>Sign in to Slack</body></html>"
METHODS: dict[str, Callable[[SlackState, Args], Args]] = {
    **slack_messages.METHODS,
    **slack_streams.METHODS,
    **slack_files.METHODS,
    **slack_apps.METHODS,
}


class SlackServer(PlatformServer, SlackState):
    """One workspace's view of Slack, and what a test may change in it."""

    def __init__(self, port: int = 0, token: str = TOKEN) -> None:
        PlatformServer.__init__(self, port)
        SlackState.__init__(self, token, self.url)
        self.limits: SlackLimits | None = None
        """Rate limits; without them only scripted calls are refused."""
        self.unknown_methods: set[str] = set()
        """Methods that this workspace does not have."""
        for prefix in ("/api", ""):
            self.app.add_api_route(prefix + "/{method}", self._call, methods=["GET", "POST"])
        self.app.add_api_route("/files-pri/{file_id}", self._download, methods=["GET"])
        self.app.add_api_route("/app/{name}", self._hear, methods=["POST"])
        self.app.add_api_route("/upload/v1/{file_id}", self._upload, methods=["POST"])

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/"

    @property
    def response_url(self) -> str:
        """Where an interaction is answered for one person alone; `called("response_url")` has the answers."""
        return f"{self.url}/app/T1"

    def state(self) -> Args:
        return {channel: self.messages(channel) for channel in list(self.channels)}

    def reset(self) -> None:
        super().reset()
        self.channels.clear()
        self.streams.clear()

    async def _call(self, method: str, request: Request) -> Response:
        args = await read_args(request)
        header = request.headers.get("authorization", "")
        token = header.removeprefix("Bearer ") or args.pop("token", "")
        if method in slack_apps.WITHOUT_TOKEN:
            args |= _client(header)
        elif token not in self.teams:
            return _answer(Refused("invalid_auth"))
        act = METHODS.get(method)
        if act is None or method in self.unknown_methods:
            return _answer(Refused("unknown_method"))
        return await self.perform(method, args, token, lambda: self._act(method, act, args, token))

    def _act(self, method: str, act: Callable[[SlackState, Args], Args], args: Args, token: str) -> Response:
        try:
            if self.limits:
                self.limits.count(method, args)
            channel = str(args.get("channel", ""))
            if channel in self.closed:
                raise Refused(self.closed[channel])
            answer = _answer(act(self, args | {"_team": self.teams.get(token, TEAM)}))
        except Refused as refused:
            answer = _answer(refused)
        answer.headers["x-oauth-scopes"] = self.scopes
        return answer

    async def _download(self, file_id: str, request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.teams or "files:read" not in self.scopes:
            return Response(LOGIN_PAGE, media_type="text/html")
        content = self.contents.get(file_id)
        if content is None:
            return Response(status_code=404)
        return Response(content, media_type="image/jpeg")

    async def _hear(self, request: Request) -> Response:
        args = await read_args(request)
        return await self.perform("response_url", args, "", lambda: Response("ok"))

    async def _upload(self, file_id: str, request: Request) -> Response:
        if self._due("upload"):
            return Response("error", 500)
        self.contents[file_id] = await request.body()
        return Response(f"OK - {len(self.contents[file_id])}")


def _client(header: str) -> Args:
    """Client id and secret, where they come as basic authentication."""
    if not header.startswith("Basic "):
        return {}
    client_id, _, secret = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")
    return {"client_id": client_id, "client_secret": secret}


def _answer(result: Any) -> Response:
    if isinstance(result, Refused):
        body = json.dumps({"ok": False, "error": result.error})
        return Response(body, result.status, result.headers, media_type="application/json")
    return Response(json.dumps({"ok": True, **result}), media_type="application/json")


if __name__ == "__main__":
    serve(SlackServer(int(sys.argv[1])))
