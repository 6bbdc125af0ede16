"""A page that listens to its conversation and comes back after every break with Last-Event-ID."""

import asyncio
import json
import time

import httpx

from tests.chaos.history import APOLOGY, Shown, Streamed

AGAIN_S = 0.3
SILENCE_S = 12.0
"""A page that has heard nothing for so long, not even a sign of life, connects anew."""


class Page:
    """What one person's page has got, in order."""

    def __init__(self, http: httpx.AsyncClient, conversation: str, cookies: httpx.Cookies) -> None:
        self.got: list[Streamed] = []
        self._seen_at: dict[str, float] = {}
        self._http = http
        self._conversation = conversation
        self._cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
        self._last = ""

    async def listen(self, over: asyncio.Event) -> None:
        """Until it is over."""
        while not over.is_set():
            try:
                await self._listen_once(over)
            except (httpx.TransportError, httpx.HTTPStatusError, TimeoutError):
                await asyncio.sleep(AGAIN_S)

    async def _listen_once(self, over: asyncio.Event) -> None:
        headers = {"Cookie": self._cookie} | ({"Last-Event-ID": self._last} if self._last else {})
        path = f"/api/v1/conversations/{self._conversation}/events"
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

    async def shown(self) -> list[Shown]:
        """The bot's replies as they stand after a reload; that of a turn that failed is an apology."""
        path = f"/api/v1/conversations/{self._conversation}/messages"
        answer = await self._http.get(path, headers={"Cookie": self._cookie})
        entries = [item["entry"] for item in answer.raise_for_status().json()["entries"]]
        failed = {entry["event_id"] for entry in entries if entry.get("outcome") == "failed"}
        return [
            Shown(
                self._conversation,
                APOLOGY if entry["event_id"] in failed else self._mark(entry["event_id"]),
                entry["reply"]["text"],
                self._seen_at.get(entry["event_id"], 0.0),
            )
            for entry in entries
            if entry["type"] == "reply"
        ]

    def _mark(self, event_id: str) -> str:
        return event_id.removeprefix(f"web:{self._conversation}:")

    def _take(self, entry_id: str, entry: dict[str, str]) -> None:
        self._last = entry_id
        if entry["type"] == "reply":
            self._seen_at.setdefault(entry["event_id"], time.monotonic())
        mark = self._mark(entry["event_id"])
        self.got.append(Streamed(self._conversation, entry_id, entry["type"], mark))
