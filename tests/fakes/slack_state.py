"""What the stand-in for Slack remembers: a workspace's messages, files, people and settings."""

import json
import time
from collections import defaultdict
from typing import Any

TOKEN = "xoxb-test"
TEAM = "T1"
SCOPES = ",".join(
    [
        *("chat:write", "im:history", "im:read", "im:write", "app_mentions:read", "commands"),
        *("files:read", "files:write", "channels:history", "groups:history", "mpim:history"),
        *("assistant:write", "users:read"),
    ]
)
TEXT_CHARACTERS = 40_000
STREAM_LIFE_S = 300
BOT_USER, BOT = "U0BOT", "B0BOT"

Args = dict[str, Any]


class Refused(Exception):
    """An answer with ok=false."""

    def __init__(self, error: str, status: int = 200, **headers: str) -> None:
        super().__init__(error)
        self.error, self.status = error, status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class SlackState:
    """One workspace. `messages(channel)` is what a person sees there now."""

    def __init__(self, token: str, base_url: str) -> None:
        self.base_url = base_url
        self.teams = {token: TEAM}
        self.scopes = SCOPES
        self.update_characters = TEXT_CHARACTERS
        """Where updates are refused as too long; workspaces differ."""
        self.stream_life_s: float = STREAM_LIFE_S
        """A stream that is older closes by itself, even while it is appended to."""
        self.page_objects = 200
        """The most that one call of conversations.replies gives; 15 for some apps."""
        self.closed: dict[str, str] = {}
        """Channel -> the error that every call about it gets."""
        self.bad_pictures: set[str] = set()
        self.files: dict[str, Args] = {}
        self.contents: dict[str, bytes] = {}
        self.people: dict[str, Args] = {}
        """User -> what users.info says: locale, is_admin, is_owner …"""
        self.streams: dict[str, float] = {}
        """Open streams by ts -> when they were started."""
        self.stopped: set[str] = set()
        """Streams that a person has stopped with Slack's own button, by ts."""
        self.statuses: dict[tuple[str, str], Args] = {}
        """(channel, thread) -> the status that shows there."""
        self.prompts: list[Args] = []
        self.views: dict[str, Args] = {}
        self.triggers: dict[str, float] = {}
        """Trigger -> when it was handed out; one that is not named here is fresh."""
        self.used_triggers: set[str] = set()
        self.oauth_clients: dict[str, str] = {}
        """Client id -> secret; while there is none, any is taken."""
        self.oauth_codes: dict[str, Args] = {}
        """Code -> what oauth.v2.access gives for it, once; `access_token` and `team` are enough."""
        self.channels: dict[str, dict[str, Args]] = defaultdict(dict)
        self._last_ts = 0

    def messages(self, channel: str, thread: str | None = None) -> list[Args]:
        """The visible messages of a channel, or of one thread in it, oldest first."""
        everything = [message for _, message in sorted(self.channels[channel].items())]
        return [m for m in everything if thread is None or m.get("thread_ts") == thread]

    def texts(self, channel: str, thread: str | None = None) -> list[str]:
        """What they say: their Markdown where there is some, else their text."""
        return [_said(message) for message in self.messages(channel, thread)]

    def say(self, channel: str, text: str, user: str = "U1", **fields: Any) -> str:
        """A person, or another app, writes; fields such as thread_ts or bot_id. Gives the message's ts."""
        ts = str(fields.pop("ts", "") or self.next_ts())
        self.channels[channel][ts] = {"type": "message", "ts": ts, "user": user, "text": text, **fields}
        return ts

    def forget_message(self, channel: str, ts: str) -> None:
        """A person deletes a message."""
        self.channels[channel].pop(ts, None)
        self.streams.pop(ts, None)

    def press_stop(self, ts: str) -> None:
        """A person stops a stream with Slack's own button: nothing more is taken for it, but for updates."""
        self.streams.pop(ts)
        self.stopped.add(ts)

    def add_file(self, file_id: str, content: bytes, **fields: Any) -> None:
        """A photo that a person shared; fields change what files.info says."""
        url = f"{self.base_url}/files-pri/{file_id}"
        self.contents[file_id] = content
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
        return [self.contents[block["slack_file"]["id"]] for block in blocks if "slack_file" in block]

    def message(self, args: Args) -> Args:
        """The message that a call is about."""
        found = self.channels[str(args["channel"])].get(str(args["ts"]))
        if found is None:
            raise Refused("message_not_found")
        return found

    def is_streaming(self, ts: str) -> bool:
        """Whether the message is an open stream; one that is too old closes now."""
        if time.monotonic() - self.streams.get(ts, 0) > self.stream_life_s:
            self.streams.pop(ts, None)
        return ts in self.streams

    def needs(self, scope: str) -> None:
        """Refuse a token without the scope."""
        if scope not in self.scopes.split(","):
            raise Refused("missing_scope")

    def next_ts(self) -> str:
        self._last_ts = max(self._last_ts + 1, int(time.time() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"


def listed(value: Any) -> list[Args]:
    """A list argument, which form-encoded calls send as JSON."""
    return list(json.loads(value) if isinstance(value, str) else value or [])


def _said(message: Args) -> str:
    markdown = [block["text"] for block in message.get("blocks") or [] if block["type"] == "markdown"]
    return "\n\n".join(markdown) or str(message.get("text", ""))
