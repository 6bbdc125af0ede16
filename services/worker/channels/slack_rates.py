"""Slack's rate limits as we keep them, and how long a stream may go on."""

from dataclasses import dataclass

from services.worker.pacer import Limit

POST = "chat.postMessage"
UPDATE = "chat.update"
DELETE = "chat.delete"
START, APPEND, STOP = "chat.startStream", "chat.appendStream", "chat.stopStream"
READ = "conversations"
STATUS = "assistant.threads"
FILES = "files"
PEOPLE = "users"


@dataclass(frozen=True)
class Rate:
    """Calls a minute that Slack grants, and how many of them we may make at once."""

    a_minute: int
    burst: int = 1
    spare: int = 0
    """What streaming leaves of the burst for final texts."""


RATES = {
    POST: Rate(60),
    START: Rate(20, burst=20),
    STOP: Rate(20, burst=20),
    UPDATE: Rate(50, burst=5, spare=3),
    DELETE: Rate(50, burst=5),
    READ: Rate(50, burst=5),
    STATUS: Rate(50, burst=5),
    APPEND: Rate(100, burst=5, spare=1),
    FILES: Rate(100, burst=5),
    PEOPLE: Rate(100, burst=20),
}
"""Tiers 2, 3 and 4 for each method and workspace, posts for each channel (docs.slack.dev, rate limits)."""
STREAM_PLACES = 20
"""Streams that are open or were stopped in the last minute: so no start and no stop finds Tier 2 used up."""


@dataclass(frozen=True)
class SlackRates:
    """The rates by the clock; a test may have shorter minutes."""

    minute_s: float = 60
    roll_s: float = 240
    """A stream that is older is stopped, and its message goes on by updates: Slack closes a stream after
    about five minutes, even while it is appended to (slackapi/python-slack-sdk#1859)."""
    stream_life_s: float = 310
    """After so long Slack has closed any stream by itself."""

    def limit(self, scope: str, *, key: str, streaming: bool = False) -> Limit:
        """The limit of a method; streaming leaves some of a burst to final texts.

        A minute never sees more than Slack grants, not even one that begins with a whole burst.
        """
        rate = RATES[scope]
        steady = rate.a_minute - rate.burst - 1 if 1 < rate.burst < rate.a_minute else rate.a_minute
        interval_ms = int(self.minute_s * 1000 / steady)
        return Limit(key, interval_ms, rate.burst, rate.spare if streaming else 0)
