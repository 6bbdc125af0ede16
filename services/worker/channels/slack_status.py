"""The line that says in a thread that the bot is thinking."""

import time

from contracts.conversation import Conversation
from foundation.words import Language, say
from services.worker.channels.slack_calls import SlackCalls
from services.worker.channels.slack_errors import translated
from services.worker.channels.slack_rates import STATUS

AGAIN_S = 60
"""Slack takes a status away after two minutes in which nothing came."""


class SlackStatus:
    """The status of one turn; Slack shows one in threads only."""

    def __init__(self, calls: SlackCalls, place: Conversation, language: Language) -> None:
        self._calls = calls
        self._place = place
        self._language = language
        self._next_at = 0.0
        self._shown = False

    async def show(self) -> None:
        """Say that we think; raises ChannelFailed where Slack refuses."""
        if self._place.thread is None or time.monotonic() < self._next_at:
            return
        self._next_at = time.monotonic() + AGAIN_S
        self._shown = True
        await self._set(say("thinking", self._language), say("thinking_about", self._language).split("\n"))

    def cleared(self) -> None:
        """A message of ours has taken the status away."""
        self._shown = False

    async def clear(self) -> None:
        """Take away what no message has."""
        if self._shown:
            self._shown = False
            await self._set("", None)

    async def _set(self, status: str, loading: list[str] | None) -> None:
        async def act() -> bool:
            await self._calls.client.assistant_threads_setStatus(
                channel_id=self._place.chat,
                thread_ts=str(self._place.thread),
                status=status,
                loading_messages=loading,
            )
            return True

        with translated():
            await self._calls.now(STATUS, act)
