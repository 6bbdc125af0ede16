"""The stand-in's rate limits: so many calls of a method in a minute, and a record of who did not wait."""

import time
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field

from tests.fakes.slack_state import Args, Refused

TIERS = {2: 20, 3: 50, 4: 100}
"""Calls a minute (docs.slack.dev, rate limits)."""
METHOD_TIERS = {
    "chat.startStream": 2,
    "chat.stopStream": 2,
    "chat.appendStream": 4,
    "chat.update": 3,
    "chat.delete": 3,
    "conversations.history": 3,
    "conversations.replies": 3,
    "assistant.threads.setStatus": 3,
}
POSTS_A_MINUTE = 60
"""chat.postMessage: one a second in a channel."""
UNDER_WAY_S = 0.3
"""A call that arrives so soon after a 429 was sent before the caller could know."""


@dataclass
class SlackLimits:
    """Counts calls in sliding windows; `minute_s` below 60 lets a test run faster than the clock."""

    minute_s: float = 60
    counts: dict[str, int] = field(default_factory=dict)
    """Method -> calls a minute, in place of its tier's."""
    refused: Counter[str] = field(default_factory=Counter)
    """How often each method was refused."""
    impatient: list[str] = field(default_factory=list)
    """Methods that were called again before their Retry-After was over."""
    _calls: defaultdict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    _closed: dict[str, tuple[float, float]] = field(default_factory=dict)

    def count(self, method: str, args: Args) -> None:
        """Let the call pass, or refuse it with the time to wait."""
        most = self.counts.get(method) or _most(method)
        if not most:
            return
        now = time.monotonic()
        key = f"{method}:{args.get('channel')}" if method == "chat.postMessage" else method
        window = self.minute_s
        if method == "chat.postMessage":
            most, window = 1, self.minute_s / most * 0.9
        told, until = self._closed.get(key, (0.0, 0.0))
        if now < until:
            if now > told + UNDER_WAY_S:
                self.impatient.append(method)
            self._refuse(key, until, now)
        calls = self._calls[key]
        while calls and calls[0] <= now - window:
            calls.popleft()
        if len(calls) >= most:
            self._refuse(key, calls[0] + window, now)
        calls.append(now)

    def _refuse(self, key: str, until: float, now: float) -> None:
        self.refused[key.split(":")[0]] += 1
        told, _ = self._closed.get(key, (now, 0.0))
        self._closed[key] = (told if now < self._closed.get(key, (0, 0))[1] else now, until)
        raise Refused("ratelimited", 429, Retry_After=f"{until - now:.3f}")


def _most(method: str) -> int:
    return POSTS_A_MINUTE if method == "chat.postMessage" else TIERS.get(METHOD_TIERS.get(method, 0), 0)
