"""A page as the gateway sees it: a cookie, a conversation, lines, and the stream of events."""

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

_numbers = itertools.count(1)


class WebPage:
    """One browser with one open conversation."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=30, trust_env=False)
        opened = self.http.post("/api/v1/conversations")
        opened.raise_for_status()
        self.conversation = f"web:{opened.json()['id']}"
        self.path = f"/api/v1/conversations/{opened.json()['id']}"

    def say(self, text: str, client_id: str = "") -> httpx.Response:
        body = {"client_id": client_id or f"message-{next(_numbers)}", "text": text}
        return self.http.post(f"{self.path}/messages", json=body)

    @contextmanager
    def listen(self, after: str = "") -> Iterator[Iterator[tuple[str, dict[str, Any]]]]:
        """Each event's id and its entry, as they come."""
        headers = {"Last-Event-ID": after} if after else {}
        with self.http.stream("GET", f"{self.path}/events", headers=headers) as answer:
            answer.raise_for_status()
            yield _events(answer)


def _events(answer: httpx.Response) -> Iterator[tuple[str, dict[str, Any]]]:
    fields: dict[str, str] = {}
    for line in answer.iter_lines():
        name, _, value = line.partition(": ")
        if line:
            fields[name] = value
        elif "data" in fields:  # an empty line ends an event; pings are comments
            yield fields["id"], json.loads(fields["data"])
            fields = {}
