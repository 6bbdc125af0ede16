"""Recorded shapes of what the platforms post, and how they sign it."""

import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx

FOLDER = Path(__file__).parent / "contract" / "payloads"
TELEGRAM_TOKEN = "123:TEST"
TELEGRAM_SECRET = "test-webhook-secret"
SLACK_TOKEN = "xoxb-test"
SLACK_SECRET = "test-signing-secret"


def payload(name: str) -> dict[str, Any]:
    """A recorded payload, to be changed at will."""
    return dict(json.loads((FOLDER / f"{name}.json").read_text("utf-8")))


def slack_headers(body: bytes, timestamp: str = "", secret: str = SLACK_SECRET) -> dict[str, str]:
    """What Slack puts beside a body."""
    timestamp = timestamp or str(int(time.time()))
    mac = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256)
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={mac.hexdigest()}"}


def post_telegram(url: str, update: dict[str, Any]) -> httpx.Response:
    """Deliver an Update as Telegram does."""
    headers = {"X-Telegram-Bot-Api-Secret-Token": TELEGRAM_SECRET}
    return httpx.post(f"{url}/webhooks/telegram", json=update, headers=headers, timeout=30)


def post_slack_event(url: str, event: dict[str, Any]) -> httpx.Response:
    """Deliver an event as Slack does."""
    body = json.dumps(event).encode()
    headers = {"Content-Type": "application/json", **slack_headers(body)}
    return httpx.post(f"{url}/webhooks/slack/events", content=body, headers=headers, timeout=30)


def post_slack_form(url: str, path: str, fields: dict[str, str]) -> httpx.Response:
    """Deliver an interaction or a slash command as Slack does."""
    body = urlencode(fields).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded", **slack_headers(body)}
    return httpx.post(f"{url}/webhooks/slack/{path}", content=body, headers=headers, timeout=30)
