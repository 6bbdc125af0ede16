"""A stand-in for Slack's Web API: the same answers, refusals and limits, over real HTTP."""

import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from fastapi import Request, Response

from tests.fakes.http_server import PlatformServer, read_args, serve

TOKEN = "xoxb-test"
TEAM = "T1"
SCOPES = ",".join(
    [
        *("chat:write", "im:history", "im:read", "im:write", "app_mentions:read", "commands"),
        *("files:read", "files:write", "channels:history"),
    ]
)
MARKDOWN_CHARACTERS = 12_000
BLOCKS_CHARACTERS = 13_200
TEXT_CHARACTERS = 40_000
BLOCKS = 50
LOGIN_PAGE = "<!DOCTYPE html><html><body>Sign in to Slack</body></html>"

Args = dict[str, Any]


class Refused(Exception):
    """An answer with ok=false."""

    def __init__(self, error: str, status: int = 200, **headers: str) -> None:
        super().__init__(error)
        self.error, self.status = error, status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class SlackServer(PlatformServer):
    """One workspace's view of Slack. `messages(channel)` is what a person sees there now."""

    def __init__(self, port: int = 0, token: str = TOKEN, enforce_limits: bool = False) -> None:
        super().__init__(port)
        self.teams = {token: TEAM}
        self.scopes = SCOPES
        self.enforce_limits = enforce_limits
        self.update_characters = TEXT_CHARACTERS
        """Where updates are refused as too long; workspaces differ."""
        self.closed: dict[str, str] = {}
        """Channel -> the error that every call about it gets."""
        self.bad_pictures: set[str] = set()
        self.files: dict[str, Args] = {}
        self._contents: dict[str, bytes] = {}
        self._channels: dict[str, dict[str, Args]] = defaultdict(dict)
        self._posted_at: dict[str, float] = {}
        self._last_ts = 0
        for prefix in ("/api", ""):
            self.app.add_api_route(prefix + "/{method}", self._call, methods=["GET", "POST"])
        self.app.add_api_route("/files-pri/{file_id}", self._download, methods=["GET"])
        self.app.add_api_route("/upload/v1/{file_id}", self._upload, methods=["POST"])

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/"

    def messages(self, channel: str, thread: str | None = None) -> list[Args]:
        """The visible messages of a channel, or of one thread in it, oldest first."""
        everything = [message for _, message in sorted(self._channels[channel].items())]
        return [m for m in everything if thread is None or m.get("thread_ts") == thread]

    def texts(self, channel: str, thread: str | None = None) -> list[str]:
        """What they say: their Markdown where there is some, else their text."""
        return [_said(message) for message in self.messages(channel, thread)]

    def state(self) -> Args:
        return {channel: self.messages(channel) for channel in list(self._channels)}

    def reset(self) -> None:
        super().reset()
        self._channels.clear()
        self._posted_at.clear()

    def forget_message(self, channel: str, ts: str) -> None:
        """A person deletes a message."""
        self._channels[channel].pop(ts, None)

    def add_file(self, file_id: str, content: bytes, **fields: Any) -> None:
        """A photo that a person shared; fields change what files.info says."""
        url = f"{self.url}/files-pri/{file_id}"
        self._contents[file_id] = content
        self.files[file_id] = {
            "id": file_id,
            "mimetype": "image/jpeg",
            "size": len(content),
            "url_private": url,
            "url_private_download": url,
        } | fields

    def pictures(self, channel: str) -> list[bytes]:
        """The uploaded pictures that a person sees in a channel."""
        blocks = [block for message in self.messages(channel) for block in message.get("blocks") or []]
        return [self._contents[block["slack_file"]["id"]] for block in blocks if "slack_file" in block]

    async def _call(self, method: str, request: Request) -> Response:
        args = await read_args(request)
        token = request.headers.get("authorization", "").removeprefix("Bearer ") or args.pop("token", "")
        if token not in self.teams:
            return _answer(Refused("invalid_auth"))
        act = METHODS.get(method)
        if act is None:
            return _answer(Refused("unknown_method"))
        return await self.perform(method, args, token, lambda: self._act(act, args, token))

    def _act(self, act: Callable[["SlackServer", Args], Args], args: Args, token: str) -> Response:
        try:
            channel = str(args.get("channel", ""))
            if channel in self.closed:
                raise Refused(self.closed[channel])
            answer = _answer(act(self, args | {"_team": self.teams[token]}))
        except Refused as refused:
            answer = _answer(refused)
        answer.headers["x-oauth-scopes"] = self.scopes
        return answer

    async def _download(self, file_id: str, request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.teams or "files:read" not in self.scopes:
            return Response(LOGIN_PAGE, media_type="text/html")
        content = self._contents.get(file_id)
        if content is None:
            return Response(status_code=404)
        return Response(content, media_type="image/jpeg")

    async def _upload(self, file_id: str, request: Request) -> Response:
        if self._due("upload"):
            return Response("error", 500)
        self._contents[file_id] = await request.body()
        return Response(f"OK - {len(self._contents[file_id])}")

    def auth_test(self, args: Args) -> Args:
        team = {"url": f"{self.url}/", "team": "Test", "team_id": args["_team"]}
        return team | {"user": "bot", "user_id": "U0BOT", "bot_id": "B0BOT"}

    def post_message(self, args: Args) -> Args:
        channel = args["channel"]
        now = time.monotonic()
        if self.enforce_limits and now - self._posted_at.get(channel, -10) < 0.9:
            raise Refused("ratelimited", 429, Retry_After="1")
        self._check(args, TEXT_CHARACTERS)
        self._posted_at[channel] = now
        ts = self._next_ts()
        message = {"type": "message", "ts": ts, "user": "U0BOT", "bot_id": "B0BOT", **_content(args)}
        if args.get("thread_ts"):
            message["thread_ts"] = str(args["thread_ts"])
        self._channels[channel][ts] = message
        return {"channel": channel, "ts": ts, "message": message}

    def update(self, args: Args) -> Args:
        message = self._channels[args["channel"]].get(str(args["ts"]))
        if message is None:
            raise Refused("message_not_found")
        self._check(args, self.update_characters)
        message.update(_content(args))
        return {"channel": args["channel"], "ts": message["ts"], "message": message}

    def delete(self, args: Args) -> Args:
        if self._channels[args["channel"]].pop(str(args["ts"]), None) is None:
            raise Refused("message_not_found")
        return {"channel": args["channel"], "ts": args["ts"]}

    def history(self, args: Args) -> Args:
        found = [m for m in self.messages(args["channel"]) if "thread_ts" not in m]
        return self._page(list(reversed(found)), args)

    def replies(self, args: Args) -> Args:
        return self._page(self.messages(args["channel"], str(args["ts"])), args)

    def file(self, args: Args) -> Args:
        if "files:read" not in self.scopes:
            raise Refused("missing_scope")
        if args["file"] not in self.files:
            raise Refused("file_not_found")
        file = dict(self.files[args["file"]])
        if not file["mimetype"]:  # looked into behind the answer: the next question finds it
            self.files[args["file"]]["mimetype"] = "image/jpeg"
        return {"file": file}

    def begin_upload(self, args: Args) -> Args:
        if "files:write" not in self.scopes:
            raise Refused("missing_scope")
        file_id = f"F{len(self._contents):08}U"
        return {"upload_url": f"{self.url}/upload/v1/{file_id}", "file_id": file_id}

    def end_upload(self, args: Args) -> Args:
        wanted = json.loads(args["files"]) if isinstance(args["files"], str) else args["files"]
        for file in wanted:
            if file["id"] not in self._contents:
                raise Refused("file_not_found")
            self.files[file["id"]] = {"id": file["id"], "mimetype": "", "title": file["title"]}
        return {"files": [self.files[file["id"]] for file in wanted]}

    def set_status(self, args: Args) -> Args:
        if not args.get("thread_ts"):
            raise Refused("invalid_arguments")
        return {}

    def open_view(self, args: Args) -> Args:
        if not args.get("trigger_id"):
            raise Refused("invalid_arguments")
        return {"view": {"id": "V1", **args["view"]}}

    def _page(self, messages: list[Args], args: Args) -> Args:
        channel = args["channel"]
        scope = "im:history" if channel.startswith("D") else "channels:history"
        if scope not in self.scopes:
            raise Refused("missing_scope")
        shown = [m for m in messages if float(m["ts"]) > float(args.get("oldest", 0))]
        if str(args.get("include_all_metadata", "")).lower() not in ("1", "true"):
            shown = [{k: v for k, v in m.items() if k != "metadata"} for m in shown]
        limit, start = int(args.get("limit", 100)), int(args.get("cursor") or 0)
        more = start + limit < len(shown)
        page: Args = {"messages": shown[start : start + limit], "has_more": more}
        return page | ({"response_metadata": {"next_cursor": str(start + limit)}} if more else {})

    def _check(self, args: Args, characters: int) -> None:
        blocks = args.get("blocks") or []
        if not blocks and not args.get("text"):
            raise Refused("no_text")
        total = sum(len(block.get("text", "")) for block in blocks if block["type"] == "markdown")
        if len(args.get("text", "")) > characters or total > characters:
            raise Refused("msg_too_long")
        if total > BLOCKS_CHARACTERS:
            raise Refused("msg_blocks_too_long")
        if len(blocks) > BLOCKS or not all(self._is_good(block) for block in blocks):
            raise Refused("invalid_blocks")

    def _is_good(self, block: Args) -> bool:
        if block["type"] == "markdown":
            return 0 < len(block["text"]) <= MARKDOWN_CHARACTERS
        if block["type"] == "image":
            file = self.files.get(block.get("slack_file", {}).get("id"), {})
            shown = file.get("mimetype") or block.get("image_url", "")
            return bool(block["alt_text"] and shown) and shown not in self.bad_pictures
        if block["type"] == "actions":
            ids = [element["action_id"] for element in block["elements"]]
            return (
                0 < len(ids) <= 25 and len(ids) == len(set(ids)) and all(map(_is_button, block["elements"]))
            )
        return False

    def _next_ts(self) -> str:
        self._last_ts = max(self._last_ts + 1, int(time.time() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"


def _is_button(element: Args) -> bool:
    return 0 < len(element["text"]["text"]) <= 75 and 0 < len(element["value"]) <= 2000


def _content(args: Args) -> Args:
    return {name: args[name] for name in ("text", "blocks", "metadata") if name in args}


def _said(message: Args) -> str:
    markdown = [block["text"] for block in message.get("blocks") or [] if block["type"] == "markdown"]
    return "\n\n".join(markdown) or str(message.get("text", ""))


def _answer(result: Any) -> Response:
    if isinstance(result, Refused):
        body = json.dumps({"ok": False, "error": result.error})
        return Response(body, result.status, result.headers, media_type="application/json")
    return Response(json.dumps({"ok": True, **result}), media_type="application/json")


METHODS: dict[str, Callable[[SlackServer, Args], Args]] = {
    "auth.test": SlackServer.auth_test,
    "chat.postMessage": SlackServer.post_message,
    "chat.update": SlackServer.update,
    "chat.delete": SlackServer.delete,
    "conversations.history": SlackServer.history,
    "conversations.replies": SlackServer.replies,
    "files.info": SlackServer.file,
    "files.getUploadURLExternal": SlackServer.begin_upload,
    "files.completeUploadExternal": SlackServer.end_upload,
    "assistant.threads.setStatus": SlackServer.set_status,
    "views.open": SlackServer.open_view,
}


if __name__ == "__main__":
    serve(SlackServer(int(sys.argv[1])))
