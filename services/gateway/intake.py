"""Takes arrivals in: rate, room, accept, and the wake behind the response."""

import logging
import time
from collections import deque
from collections.abc import Callable, Sequence

from contracts.control import Control
from contracts.event import Event
from contracts.inbox import Accepted, Arrival
from foundation import tracing
from foundation.allowing import AllowList
from services.gateway.errors import NotAllowed, TooFast
from services.gateway.inbox import Inbox
from services.gateway.metrics import ACCEPT_SECONDS, arrived
from services.gateway.pressure import Pressure

log = logging.getLogger(__name__)

Wake = Callable[[Arrival], None]
"""Has a wake enqueued for the arrival's conversation; never raises, and waits for nothing."""
_MINUTE_S = 60
MOST_PEOPLE = 10_000


class Rate:
    """How many messages each person has sent in the last minute, in this process."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._sent: dict[str, deque[float]] = {}

    def count(self, person: str) -> bool:
        """Count one message; False when it is one too many."""
        now = self._clock()
        sent = self._sent.pop(person, None) or deque()
        while sent and sent[0] < now - _MINUTE_S:
            sent.popleft()
        self._sent[person] = sent  # the person heard last stands last
        if len(self._sent) > MOST_PEOPLE:
            del self._sent[next(iter(self._sent))]
        if len(sent) >= self._most:
            return False
        sent.append(now)
        return True


class Intake:
    """The one way in, for every channel."""

    def __init__(
        self, inbox: Inbox, pressure: Pressure, rate: Rate, wake: Wake, allowed: AllowList | None = None
    ) -> None:
        """`allowed` says who is answered; None: everybody."""
        self._allowed = allowed
        self._inbox = inbox
        self._pressure = pressure
        self._rate = rate
        self._wake = wake

    def check_room(self) -> None:
        """Raises QueueDown while nothing can be taken in."""
        self._pressure.check()

    async def look_for_room(self) -> None:
        """Look at Redis now; raises QueueDown where it is nearly full, RedisError where it is away."""
        await self._pressure.look()
        self._pressure.check()

    async def take(self, arrivals: Sequence[Arrival]) -> list[Accepted]:
        """Accept those of people who are answered; raises QueueDown or TooFast: then send again."""
        self._pressure.check()
        arrivals = [arrival for arrival in arrivals if self._is_answered(arrival)]
        for arrival in arrivals:
            self.count(_channel(arrival), arrival.event.user.id)
        return await self.accept(arrivals)

    def admit(self, event: Event | Control) -> None:
        """Raises NotAllowed where this person is not answered, or not here."""
        if self._allowed and not self._allowed.allows(event):
            raise NotAllowed

    def _is_answered(self, arrival: Arrival) -> bool:
        try:
            self.admit(arrival.event)
        except NotAllowed:
            log.info("gateway.person.refused", extra={"conversation_id": arrival.event.conversation_id})
            arrived(_channel(arrival), "not_allowed").inc()
            return False
        return True

    def count(self, channel: str, person: str) -> None:
        """Count one message, or one upload, of a person; raises TooFast when it is one too many."""
        if not self._rate.count(f"{channel}:{person}"):
            arrived(channel, "too_fast").inc()
            raise TooFast

    async def accept(self, arrivals: Sequence[Arrival]) -> list[Accepted]:
        """Accept all of them, already counted; raises QueueDown."""
        begun = time.perf_counter()
        with tracing.span("accept"):
            traced = [arrival.traced(tracing.parent()) for arrival in arrivals]
            answers = [await self._inbox.accept(arrival) for arrival in traced]
        ACCEPT_SECONDS.observe(time.perf_counter() - begun)
        for arrival, answer in zip(traced, answers, strict=True):
            arrived(_channel(arrival), answer.name.lower()).inc()
            if answer is Accepted.IDLE:
                self._wake(arrival)
        return answers


def _channel(arrival: Arrival) -> str:
    return arrival.event.conversation_id.split(":")[0]
