"""A turn's sink on Slack: the algorithm of every platform's messages, over streams and updates."""

import logging
import random
import time

from contracts.reply import Reply
from services.worker.channels.base import Delivery, Outcome
from services.worker.channels.messages import MessageSink
from services.worker.channels.slack_messages import SlackMessages
from services.worker.channels.slack_parts import SlackPart
from services.worker.errors import ChannelFailed, MessageVanished

log = logging.getLogger(__name__)

AGAIN_S = 0.25
"""When a stream that was not granted a place asks again, on average."""


class SlackSink(MessageSink[SlackPart]):
    """Asks people whether a finished answer of the language model helped: what was streamed is one."""

    def __init__(self, messages: SlackMessages, delivery: Delivery, *, grows: bool) -> None:
        """grows: whether people see an answer before it is whole."""
        super().__init__(messages, delivery)
        self._slack = messages
        self._grows = grows
        self._streamed: set[int] = set()

    async def append(self, index: int, text: str) -> None:
        self._streamed.add(index)
        if not self._grows:
            return
        self._slack.grow()
        await super().append(index, text)
        if self._slack.dropped:  # ask again soon, each stream at a time of its own
            self._slack.dropped = False
            self._next_at = time.monotonic() + AGAIN_S * random.uniform(0.5, 1.5)

    async def finish(self, index: int, reply: Reply, picture: bytes | None = None) -> None:
        self._slack.end(rated=index in self._streamed)
        await super().finish(index, reply, picture)

    async def break_off(self, index: int, reply: Reply, mark: str) -> None:
        self._streamed.discard(index)
        await super().break_off(index, reply, mark)

    async def close(self, outcome: Outcome) -> None:
        await super().close(outcome)
        try:
            await self._slack.leave()
        except (ChannelFailed, MessageVanished) as error:
            log.warning("worker.slack_stream.left", extra={"code": error.code})
