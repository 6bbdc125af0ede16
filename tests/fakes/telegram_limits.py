"""Telegram's limits as its stand-in keeps them: what is too fast, and who calls before their time."""

import time
from collections import defaultdict

MESSAGES_OF_BOT = (3, 90)
"""In so many seconds so many messages: 30 a second, and a little unevenness passes."""
MESSAGES_OF_GROUP = 20
DRAFTS = ((5, 20), (30, 40))
"""In so many seconds so many drafts of one chat, as Telegram tells its own clients."""
MINUTE = 60
SHORTENED = 0.9
"""The network shortens what the sender waited."""


class TelegramLimits:
    """Counts calls. A test may let a second pass in less than one."""

    def __init__(self) -> None:
        self.second = 1.0
        self.enforced = False
        self.refused = 0
        """How many calls were told to wait."""
        self.early: list[str] = []
        """The chats of calls that came before the time that a 429 had named."""
        self._messages: dict[str, list[float]] = defaultdict(list)
        self._drafts: dict[str, list[float]] = defaultdict(list)
        self._closed_until: dict[str, float] = {}

    def forget(self) -> None:
        """Begin anew."""
        self.refused = 0
        for known in (self.early, self._messages, self._drafts, self._closed_until):
            known.clear()

    def note_call(self, chat: str) -> None:
        """A call into this chat has come."""
        if time.monotonic() < self._closed_until.get(chat, 0):
            self.early.append(chat)

    def note_refusal(self, chat: str, retry_after_s: float) -> None:
        """A call into this chat was answered with 429."""
        self.refused += 1
        self._closed_until[chat] = time.monotonic() + retry_after_s

    def wait_for_message(self, chat: str) -> float:
        """Count a message or an edit; the seconds to wait instead, or 0."""
        recent = self._recent(self._messages, chat, MINUTE)
        within, most = MESSAGES_OF_BOT
        wait: float = 0
        if recent and time.monotonic() - recent[-1] < SHORTENED * self.second:
            wait = 1
        if len(self._recent(self._messages, "", within)) >= most / SHORTENED:
            wait = 1
        if chat.startswith("-") and len(recent) >= MESSAGES_OF_GROUP:
            wait = 30
        return self._counted(self._messages, chat, wait)

    def wait_for_draft(self, chat: str) -> float:
        """Count a draft; the seconds to wait instead, or 0."""
        full = any(len(self._recent(self._drafts, chat, within)) >= most for within, most in DRAFTS)
        return self._counted(self._drafts, chat, 3 if full else 0)

    def _counted(self, calls: dict[str, list[float]], chat: str, wait: float) -> float:
        if wait and self.enforced:
            return wait * self.second
        for key in (chat, ""):
            calls[key].append(time.monotonic())
        return 0

    def _recent(self, calls: dict[str, list[float]], key: str, seconds: float) -> list[float]:
        since = time.monotonic() - seconds * self.second
        return [at for at in calls[key] if at > since]
