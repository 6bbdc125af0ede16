"""A person on the web, speaking the page's API."""

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.waiting import until


class WebPerson:
    """One cookie, one conversation; resends like a page whose request got no answer."""

    def __init__(self, url: str, locale: str = "en") -> None:
        self.http = httpx.Client(base_url=url, timeout=30, headers={"Accept-Language": locale})
        self.conversation = self._again("POST", "/api/v1/conversations").json()["id"]
        self.path = f"/api/v1/conversations/{self.conversation}"
        self._numbers = itertools.count(1)

    def say(self, text: str = "", **more: str) -> str:
        """Send a message until it is accepted; gives its event id."""
        body = {"client_id": f"client-{next(self._numbers):06}", "text": text, **more}
        answer = self._again("POST", f"{self.path}/messages", json=body)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["event_id"])

    def send_photo(self, photo: bytes, text: str = "") -> str:
        """Upload a photo and send it; gives the event id."""
        upload = self._again("POST", f"{self.path}/photos", content=photo, headers=IMAGE)
        assert upload.status_code == 201, upload.text
        return self.say(text, photo_id=upload.json()["photo_id"])

    def entries(self) -> list[dict[str, Any]]:
        """The conversation as the page would show it after a reload."""
        answer = self._again("GET", f"{self.path}/messages")
        return [item["entry"] for item in answer.json()["entries"]]

    def replies(self) -> list[tuple[str, str]]:
        """(event id, text) of every reply, in order."""
        return [(e["event_id"], e["reply"]["text"]) for e in self.entries() if e["type"] == "reply"]

    def reply_ids(self) -> list[tuple[str, str]]:
        """(entry id, text) of every reply, in order."""
        entries = self._again("GET", f"{self.path}/messages").json()["entries"]
        replies = [(item["id"], item["entry"]) for item in entries if item["entry"]["type"] == "reply"]
        return [(entry_id, entry["reply"]["text"]) for entry_id, entry in replies]

    def wait_reply(self, event_id: str, timeout_s: float = 30) -> dict[str, Any]:
        """The first reply to an Event, once its turn has ended."""

        def probe() -> list[dict[str, Any]]:
            mine = [entry for entry in self.entries() if entry["event_id"] == event_id]
            return mine if any(entry["type"] == "done" for entry in mine) else []

        mine = until(probe, f"the turn of {event_id} ends", timeout_s, 0.05)
        return next(dict(entry["reply"]) for entry in mine if entry["type"] == "reply")

    @contextmanager
    def listening(self, after: str = "0-0") -> Iterator[Iterator[tuple[str, dict[str, Any]]]]:
        """(id, entry) of the conversation's server-sent events."""
        with self.http.stream("GET", f"{self.path}/events", params={"after": after}) as response:
            yield _events(response.iter_lines())

    def _again(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Ask until the gateway answers with anything but 503."""

        def ask() -> httpx.Response | None:
            try:
                answer = self.http.request(method, path, **more)
            except httpx.TransportError:
                return None
            return None if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE else answer

        return until(ask, f"{method} {path} is answered", 60, 0.05)


IMAGE = {"Content-Type": "image/jpeg"}


def _events(lines: Iterator[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    event_id = ""
    for line in lines:
        if line.startswith("id:"):
            event_id = line.removeprefix("id:").strip()
        elif line.startswith("data:"):
            data = line.removeprefix("data:")
        elif not line and event_id:
            yield event_id, json.loads(data)
            event_id = ""
