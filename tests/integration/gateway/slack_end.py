"""What the worker leaves in Redis for a person on Slack to act on, and how their clicks arrive."""

import json
from typing import Any

import httpx
from redis.asyncio import Redis

from contracts.control import CONTROL, Control
from contracts.inbox import control_key, message_key, running_key, turn_key
from tests.payloads import payload, post_slack_form

QUESTION = "slack:T1:C1:1790000010.000200"
"""The Event that was asked, and the conversation that it began."""
ANSWER = "1790000011.000201"


async def answer(redis: Redis, user: str = "U1", ts: str = ANSWER, channel: str = "C1") -> None:
    """The bot has begun to answer that person."""
    record = json.dumps({"event_id": QUESTION, "user": user})
    await redis.set(message_key("slack", channel, ts), record)
    await redis.hset(turn_key(QUESTION), "attempts", "1")


async def finish(redis: Redis) -> None:
    """The answer is finished."""
    await redis.hset(turn_key(QUESTION), "state", "finished")


async def run(redis: Redis, conversation: str, began: int = 1, user: str = "U1", channel: str = "C1") -> None:
    """A turn of that person runs in the conversation."""
    await redis.zadd(running_key("slack", "T1", channel, user), {conversation: began})


async def controls(redis: Redis, conversation: str = QUESTION) -> list[Control]:
    """The control Events that the worker will find."""
    return [CONTROL.validate_json(text) for text in await redis.lrange(control_key(conversation), 0, -1)]


def interact(url: str, found: dict[str, Any]) -> httpx.Response:
    """Deliver an interaction."""
    return post_slack_form(url, "interactivity", {"payload": json.dumps(found)})


def command(url: str, name: str, trigger: str = "1.2.a", **fields: str) -> httpx.Response:
    """Deliver a slash command, given in channel C1."""
    form = {**payload("slack-command"), "channel_id": "C1", "text": "", "trigger_id": trigger}
    return post_slack_form(url, "commands", form | {"command": name} | fields)
