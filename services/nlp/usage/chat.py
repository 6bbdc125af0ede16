"""Figures of the chat: people, turns, photos, faces and matches, counted when a turn is committed."""

import asyncio
import hashlib
import hmac
import logging
import time
from collections.abc import Callable, Mapping

from redis.asyncio import Redis
from redis.exceptions import RedisError

from contracts.conversation import Conversation
from contracts.event import MessageSent
from contracts.reply import Reply
from contracts.turn import TurnRequest
from contracts.usage import Asker, chat_key, day_of, people_key

log = logging.getLogger(__name__)


class ChatFigures:
    """Counts turns behind their answers: nobody waits for it, and a fault costs a count, never a turn."""

    def __init__(
        self, redis: Redis, days: int, person_key: str, clock: Callable[[], float] = time.time
    ) -> None:
        self._redis = redis
        self._life_s = days * 24 * 3600
        self._person_key = person_key.encode()
        self._clock = clock
        self._counting: set[asyncio.Task[None]] = set()

    def count(self, request: TurnRequest, bot: str, replies: tuple[Reply, ...]) -> None:
        """A turn was answered: one line of the log, and its figures."""
        asker, figures = Asker.of(request.event), figures_of(request, replies)
        event = request.event
        log.info(
            "nlp.turn.finished",
            extra={
                "event_id": event.event_id,
                "channel": Conversation.parse(event.conversation_id).channel,
                "workspace": asker.workspace,
                "person": self._pseudonym(asker),
                "bot": bot,
                "kind": event.kind,
                **figures,
            },
        )
        counting = asyncio.create_task(self._write_down(asker, figures))
        self._counting.add(counting)
        counting.add_done_callback(self._counting.discard)

    async def aclose(self) -> None:
        """Wait for what is still being counted."""
        await asyncio.gather(*self._counting)

    async def _write_down(self, asker: Asker, figures: Mapping[str, int]) -> None:
        day = day_of(self._clock())
        pipe = self._redis.pipeline(transaction=False)
        people = people_key(day, asker.workspace)
        pipe.pfadd(people, f"{asker.workspace}:{asker.user}")
        pipe.expire(people, self._life_s)
        for figure, count in figures.items():
            if count:
                pipe.hincrby(chat_key(day), f"{figure} {asker.workspace}", count)
        pipe.expire(chat_key(day), self._life_s)
        try:
            await pipe.execute()
        except RedisError as error:
            log.warning("nlp.figures.lost", extra={"error": type(error).__name__})

    def _pseudonym(self, asker: Asker) -> str:
        """The same for the same person, and no way back to the platform's id."""
        told = f"{asker.workspace}\n{asker.user}".encode()
        return hmac.new(self._person_key, told, hashlib.sha256).hexdigest()[:16]


def figures_of(request: TurnRequest, replies: tuple[Reply, ...]) -> dict[str, int]:
    """What one turn adds to the figures of its day."""
    event = request.event
    found = [reply.look_alike for reply in replies if reply.look_alike]
    values = (result.value or {} for result in request.results.values())
    return {
        "turns": 1,
        "photos": int(isinstance(event, MessageSent) and event.photo is not None),
        "faces": sum(int(value.get("faces_found") or 0) for value in values),
        "matches": len(found),
        "same_people": sum(look_alike.same_person for look_alike in found),
    }
