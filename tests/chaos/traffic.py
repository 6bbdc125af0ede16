"""People and platforms: each delivers its Events in order until they are taken, as the real ones do."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx

from tests.chaos.history import Asked, Wish
from tests.chaos.log import RunLog
from tests.chaos.plan import Person, Saying

PATIENCE_S = 8.0
"""Telegram waits up to a minute for an answer; here less long."""
AGAIN_S = 0.4
LOOK_EVERY_S = 0.05
LOOKS_FOR_S = 40.0
"""So long a person waits for the answer that they want to do something about."""

Deliver = Callable[[], Awaitable[httpx.Response]]
Try = Callable[[], Awaitable[bool]]


@dataclass(frozen=True)
class Street:
    """What everybody on it shares: the way to the gateway, the time, the log, and when it all ends."""

    http: httpx.AsyncClient
    began_at: float
    log: RunLog
    over: asyncio.Event

    async def until(self, at_s: float) -> None:
        """Wait for a time of the plan."""
        await asyncio.sleep(max(0.0, self.began_at + at_s - time.monotonic()))


class Sender(ABC):
    """Delivers one person's Events, one after the other."""

    retries_s: tuple[float, ...] | None = None
    """The waits before each further try; None: again and again."""
    wish_retries_s: tuple[float, ...] | None = None
    patience_s = PATIENCE_S

    def __init__(self, street: Street, person: Person, place: str) -> None:
        self.place = place
        self.asked = {s.mark: Asked(s.mark, place, person.channel, s.kind) for s in person.sayings}
        self._street = street
        self._person = person
        self.wishes: list[Wish] = []
        self._later: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Everything that the person has to say."""
        for saying in self._person.sayings:
            await self._street.until(saying.at_s)
            asked = self.asked[saying.mark]
            asked.first_at = time.monotonic()
            if await self._deliver(saying):
                asked.acked_at = time.monotonic()
                if saying.want:
                    self._later.add(asyncio.create_task(self._do_want(saying)))
            taken_s = asked.acked_at and round(asked.acked_at - asked.first_at, 3)
            self._street.log.write("event", mark=saying.mark, place=self.place, taken_s=taken_s)
            if saying.repeated_after_s is not None:
                self._later.add(asyncio.create_task(self._repeat(saying, saying.repeated_after_s)))
        await asyncio.gather(*self._later)

    @abstractmethod
    async def post(self, saying: Saying) -> httpx.Response:
        """Deliver once."""

    @abstractmethod
    def seen(self, saying: Saying) -> str | None:
        """The message that the person would act on, once it can be seen: a long answer while it grows."""

    @abstractmethod
    def wish(self, saying: Saying, message: str) -> tuple[Wish, Deliver]:
        """What the person wants of it, and how that is delivered once."""

    async def _do_want(self, saying: Saying) -> None:
        message, until = None, time.monotonic() + LOOKS_FOR_S
        while message is None and time.monotonic() < until:
            await asyncio.sleep(LOOK_EVERY_S)
            message = self.seen(saying)
        if message is None:
            return
        await asyncio.sleep(saying.want_after_s)
        wish, deliver = self.wish(saying, message)
        self.wishes.append(wish)
        if await self._until_taken(lambda: self._succeeds(wish.claim, deliver), self.wish_retries_s):
            wish.acked_at = time.monotonic()
        self._street.log.write("wish", want=wish.want, mark=wish.mark, place=self.place, message=message)

    async def _repeat(self, saying: Saying, after_s: float) -> None:
        await asyncio.sleep(after_s)
        await self._try(saying)

    async def _deliver(self, saying: Saying) -> bool:
        """Whether it was taken; what is forged is refused, and delivered once."""
        if saying.kind == "forged":
            await self._try(saying)
            return False
        return await self._until_taken(lambda: self._try(saying), self.retries_s)

    async def _until_taken(self, attempt: Try, retries_s: tuple[float, ...] | None) -> bool:
        waits = iter(retries_s) if retries_s is not None else None
        while not await attempt():
            wait = AGAIN_S if waits is None else next(waits, None)
            if wait is None or self._street.over.is_set():
                return False
            await asyncio.sleep(wait)
        return True

    async def _try(self, saying: Saying) -> bool:
        return await self._succeeds(saying.mark, lambda: self.post(saying), is_forged=saying.kind == "forged")

    async def _succeeds(self, what: str, deliver: Deliver, *, is_forged: bool = False) -> bool:
        try:
            async with asyncio.timeout(self.patience_s):
                answer = await deliver()
        except (httpx.TransportError, TimeoutError):
            return False
        if is_forged:
            assert answer.status_code in (401, 403, 404, 503), answer.status_code
        elif answer.is_client_error and answer.status_code != httpx.codes.UNAUTHORIZED:
            raise AssertionError(f"{what}: {answer.status_code} {answer.text}")
        return answer.is_success
