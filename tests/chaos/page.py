"""A page that listens to its conversation and comes back after every break with Last-Event-ID."""

import asyncio
import json
import time
from dataclasses import replace
from typing import Any

import httpx

from tests.chaos.history import APOLOGY, Shown, Streamed

AGAIN_S = 0.3
SILENCE_S = 12.0
"""A page that has heard nothing for so long, not even a sign of life, connects anew."""


class Page:
    """What one person's page has got, in order."""

    def __init__(self, http: httpx.AsyncClient, conversation: str, cookies: httpx.Cookies) -> None:
        self.got: list[Streamed] = []
        self._replies: dict[str, Shown] = {}
        """By entry id: as each came."""
        self._gone_at: dict[str, float] = {}
        """By event id: when its reply was said to be deleted."""
        self._growing: set[str] = set()
        """The marks of answers of which some text has come."""
        self._http = http
        self.conversation = conversation
        self.cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
        self._last = ""

    async def listen(self, over: asyncio.Event) -> None:
        """Until it is over."""
        while not over.is_set():
            try:
                await self._listen_once(over)
            except (httpx.TransportError, httpx.HTTPStatusError, TimeoutError):
                await asyncio.sleep(AGAIN_S)

    async def _listen_once(self, over: asyncio.Event) -> None:
        headers = {"Cookie": self.cookie} | ({"Last-Event-ID": self._last} if self._last else {})
        path = f"/api/v1/conversations/{self.conversation}/events"
        async with self._http.stream(
            "GET", path, headers=headers, timeout=httpx.Timeout(8, read=SILENCE_S)
        ) as answer:
            answer.raise_for_status()
            entry_id, text = "", ""
            async for told in answer.aiter_lines():
                if over.is_set():
                    return
                if told.startswith("id:"):
                    entry_id = told.removeprefix("id:").strip()
                elif told.startswith("data:"):
                    text = told.removeprefix("data:")
                elif not told and entry_id:
                    self._take(entry_id, json.loads(text))
                    entry_id = ""

    def seen(self, mark: str, *, is_growing: bool) -> str | None:
        """The entry id of the newest reply; of one that grows yet, its mark."""
        if is_growing and mark in self._growing:
            return mark
        return next((one.message for one in reversed(list(self._replies.values())) if one.mark == mark), None)

    async def shown(self) -> list[Shown]:
        """The bot's replies as they stand after a reload, and those that vanished meanwhile.

        That of a turn that failed is an apology. What is too old to be kept stands as it came.
        """
        path = f"/api/v1/conversations/{self.conversation}/messages"
        answer = await self._http.get(path, headers={"Cookie": self.cookie})
        items = answer.raise_for_status().json()["entries"]
        failed = {self._mark(i["entry"]["event_id"]) for i in items if i["entry"].get("outcome") == "failed"}
        standing = {i["id"]: i["entry"]["reply"]["text"] for i in items if i["entry"]["type"] == "reply"}
        oldest = min((_number(item["id"]) for item in items), default=(0, 0))
        found = dict(self._replies)
        for entry_id, shown in self._replies.items():
            if entry_id not in standing and _number(entry_id) > oldest:
                gone_at = self._gone_at.get(shown.mark, time.monotonic())
                found[entry_id] = replace(shown, gone_at=gone_at)
        entries = {item["id"]: item["entry"] for item in items}
        for entry_id in standing:
            mark = self._mark(entries[entry_id]["event_id"])
            known = self._replies.get(entry_id) or Shown(self.conversation, mark, "", 0.0, entry_id)
            kept = APOLOGY if mark in failed else mark
            found[entry_id] = replace(known, mark=kept, text=standing[entry_id])
        return [found[entry_id] for entry_id in sorted(found, key=_number)]

    def _mark(self, event_id: str) -> str:
        return event_id.removeprefix(f"web:{self.conversation}:")

    def _take(self, entry_id: str, entry: dict[str, Any]) -> None:
        self._last = entry_id
        mark, kind, now = self._mark(entry["event_id"]), entry["type"], time.monotonic()
        if kind == "reply":
            text = entry["reply"]["text"]
            self._replies.setdefault(entry_id, Shown(self.conversation, mark, text, now, entry_id))
        elif kind == "delta":
            self._growing.add(mark)
        elif kind == "deleted":
            self._gone_at.setdefault(mark, now)
        self.got.append(Streamed(self.conversation, entry_id, kind, mark))


def _number(entry_id: str) -> tuple[int, int]:
    milliseconds, _, number = entry_id.partition("-")
    return int(milliseconds), int(number)
