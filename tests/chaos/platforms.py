"""The stand-ins of the platforms and the model, keeping what people see and when each call came."""

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from fastapi import Response

from tests.chaos.history import Call, Shown
from tests.chaos.stalls import Watch
from tests.chaos.words import mark_of, story
from tests.fakes.http_server import PlatformServer
from tests.fakes.openai_server import OpenAIServer, Play
from tests.fakes.slack_server import SlackServer
from tests.fakes.telegram_server import TelegramServer

POSTS = ("sendmessage", "sendphoto", "chat.postMessage", "chat.startStream")
Act = Callable[[], Response]


class Calls:
    """The record of one platform's calls, and refusals to come."""

    def __init__(self) -> None:
        self.made: list[Call] = []
        self.shown_at: dict[tuple[str, str], float] = {}
        """By place and message id: when the message came."""
        self.closed_until: dict[str, float] = defaultdict(float)
        """By place: every send is answered with 429 until then."""
        self.gone: dict[str, list[Shown]] = defaultdict(list)
        """By place: what stood there and was deleted."""

    def refuse(self, place: str, seconds: float) -> None:
        """The platform wants no message in this place for so long."""
        self.closed_until[place] = time.monotonic() + seconds

    def left_s(self, place: str) -> float:
        """How long the place is still closed; 0 where it is open."""
        return max(0.0, self.closed_until[place] - time.monotonic())

    def shown(self, place: str, message: str, text: str) -> Shown:
        """A message as it stands now."""
        at = self.shown_at.get((place, message), time.monotonic())
        return Shown(place, mark_of(text), text, at, message)

    def took_away(self, shown: Shown) -> None:
        """The bot has deleted this message."""
        self.gone[shown.place].append(replace(shown, gone_at=time.monotonic()))

    def note(self, token: str, method: str, place: str, answer: Response, retry_after_s: float) -> None:
        """A call and its answer."""
        self.made.append(Call(time.monotonic(), token, method, place, answer.status_code, retry_after_s))


class Watched(PlatformServer):
    """A stand-in that notes when its event loop stood still."""

    watch: Watch

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        ticking = asyncio.create_task(self.watch.watch_loop(type(self).__name__))
        await self._server.serve(sockets=[self._socket])
        ticking.cancel()


class ChaosTelegram(Watched, TelegramServer):
    """Several bots. The chat's id tells the bot."""

    def __init__(self, tokens: set[str], watch: Watch) -> None:
        super().__init__()
        self.watch = watch
        self.tokens = tokens
        self.record = Calls()

    async def perform(self, method: str, args: dict[str, Any], token: str, act: Act) -> Response:
        name, place = method.lower(), str(args.get("chat_id", ""))
        left = self.record.left_s(place) if name in POSTS else 0.0
        if left:
            wait = int(left) + 1
            body = {"ok": False, "error_code": 429, "description": "Too Many Requests: retry later"}
            body["parameters"] = {"retry_after": wait}
            answer = Response(json.dumps(body), 429, media_type="application/json")
            self.record.note(token, name, place, answer, wait)
            return answer
        found = self.standing(place, str(args.get("message_id"))) if name == "deletemessage" else None
        answer = await super().perform(method, args, token, act)
        self.record.note(token, name, place, answer, 0)
        if found and answer.status_code == 200:
            self.record.took_away(found)
        if name in POSTS and answer.status_code == 200:
            number = json.loads(bytes(answer.body))["result"]["message_id"]
            self.record.shown_at[place, str(number)] = time.monotonic()
        self.calls.clear()
        return answer

    def shown(self) -> list[Shown]:
        """What stands and stood in all chats, oldest first."""
        standing = [
            self.record.shown(chat, str(m["message_id"]), m["text"])
            for chat, messages in self.state().items()
            for m in messages
        ]
        gone = [shown for place in self.record.gone.values() for shown in place]
        return sorted([*standing, *gone], key=lambda shown: int(shown.message))

    def standing(self, chat: str, message: str) -> Shown | None:
        """That message, where it stands now."""
        found = [m for m in self.messages(chat) if str(m["message_id"]) == message]
        return self.record.shown(chat, message, found[0]["text"]) if found else None

    def answer(self, chat: str, mark: str) -> Shown | None:
        """The newest message that answers this, where one stands now."""
        found = [m for m in self.messages(chat) if m["text"].startswith(f"{mark} ")]
        return self.record.shown(chat, str(found[-1]["message_id"]), found[-1]["text"]) if found else None


class ChaosSlack(Watched, SlackServer):
    """One workspace."""

    def __init__(self, token: str, watch: Watch) -> None:
        super().__init__(token=token)
        self.watch = watch
        self.record = Calls()

    async def perform(self, method: str, args: dict[str, Any], token: str, act: Act) -> Response:
        place = str(args.get("channel", ""))
        left = self.record.left_s(place) if method in POSTS else 0.0
        if left:
            wait = int(left) + 1
            refused = json.dumps({"ok": False, "error": "ratelimited"})
            answer = Response(refused, 429, {"Retry-After": str(wait)}, media_type="application/json")
            self.record.note(token, method, place, answer, wait)
            return answer
        found = self.standing(place, str(args.get("ts"))) if method == "chat.delete" else None
        answer = await super().perform(method, args, token, act)
        retry_after = float(answer.headers.get("retry-after", 0))
        self.record.note(token, method, place, answer, retry_after)
        body = json.loads(bytes(answer.body))
        if found and body.get("ok"):
            self.record.took_away(found)
        if method in POSTS and body.get("ok"):
            self.record.shown_at[place, body["ts"]] = time.monotonic()
        self.calls.clear()
        return answer

    def shown(self) -> list[Shown]:
        """What stands and stood in all channels, oldest first."""
        standing = [shown for channel in list(self.channels) for shown in self._standing(channel)]
        gone = [shown for place in self.record.gone.values() for shown in place]
        return sorted([*standing, *gone], key=lambda shown: float(shown.message))

    def standing(self, channel: str, message: str) -> Shown | None:
        """That message, where it stands now."""
        return next((shown for shown in self._standing(channel) if shown.message == message), None)

    def answer(self, channel: str, mark: str) -> Shown | None:
        """The newest message that answers this, where one stands now."""
        return next((s for s in reversed(self._standing(channel)) if s.mark == mark), None)

    def _standing(self, channel: str) -> list[Shown]:
        both = zip(self.messages(channel), self.texts(channel), strict=True)
        return [self.record.shown(channel, message["ts"], text) for message, text in both]


class ChaosModel(OpenAIServer):
    """Tells a story about the mark that stands in what the person wrote last; refuses what is poisoned."""

    def __init__(self, pace_s: float) -> None:
        super().__init__()
        self.pace_s = pace_s
        self.made = lambda args: Play(_story(args))

    async def perform(self, method: str, args: dict[str, Any], token: str, act: Act) -> Response:
        self.calls.clear()
        if _asked(args).endswith(" poison"):
            body = {"error": {"message": "poisoned", "type": "invalid_request_error"}}
            return Response(json.dumps(body), 400, media_type="application/json")
        return await super().perform(method, args, token, act)


def _asked(args: dict[str, Any]) -> str:
    """What the person wrote last; what stands before it in the same message has no answer any more."""
    said = [m["content"] for m in args["messages"] if m["role"] == "user"]
    return str(said[-1]).split("\n\n")[-1]


def _story(args: dict[str, Any]) -> list[str]:
    mark, _, kind = _asked(args).partition(" ")
    first, *rest = story(mark, kind)
    return [first, *(f" {word}" for word in rest)]
