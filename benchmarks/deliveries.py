"""Webhooks ready to be posted, and the process that posts them."""

import json
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from typing import Any

from tests.payloads import TELEGRAM_SECRET, payload, slack_headers

CONNECTIONS = 32
_FIRST_CHAT = 500_000


def telegram_posts(count: int, people: int, path: str = "/webhooks/telegram") -> list[bytes]:
    """As many messages, from these people in turn."""
    return [_telegram_post(path, number, _FIRST_CHAT + number % people) for number in range(count)]


def slack_posts(count: int, people: int) -> list[bytes]:
    """As many direct messages, signed now: Slack's signatures are good for five minutes."""
    return [_slack_post(number, f"D{_FIRST_CHAT + number % people}") for number in range(count)]


def _telegram_post(path: str, number: int, chat: int) -> bytes:
    update = payload("telegram-text")
    update["update_id"] += number
    update["message"]["message_id"] = number
    update["message"]["chat"]["id"] = update["message"]["from"]["id"] = chat
    return _request(path, json.dumps(update).encode(), {"X-Telegram-Bot-Api-Secret-Token": TELEGRAM_SECRET})


def _slack_post(number: int, chat: str) -> bytes:
    event = payload("slack-dm")
    event["event_id"] = f"Ev{number}"
    event["event"] |= {"channel": chat, "user": f"U{chat}", "ts": f"1790000000.{number:06}"}
    body = json.dumps(event).encode()
    return _request("/webhooks/slack/events", body, slack_headers(body))


def _request(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    fields = {"Host": "127.0.0.1", "Content-Type": "application/json", **headers}
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


def post(requests: Sequence[bytes], port: int, rate: float = 0) -> dict[str, Any]:
    """What benchmarks/http_load.py prints about posting them."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(pickle.dumps(requests))
        file.flush()
        command = [
            sys.executable,
            "-m",
            "benchmarks.http_load",
            file.name,
            str(port),
            str(CONNECTIONS),
            str(rate),
        ]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return dict(json.loads(done.stdout))
