"""nlp's paths: turns, bots, parses, health."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from redis.asyncio import Redis
from redis.exceptions import RedisError

from contracts.turn import AnswerDeleted, TurnItem, TurnProblem, TurnRequest
from foundation.http import Fault, problem_of, require_bearer
from services.nlp.bots import Bots
from services.nlp.deleting import Deletions
from services.nlp.dialogue.events import parse_fields
from services.nlp.errors import BotNotReady, StoreDown
from services.nlp.gathering import Gathering
from services.nlp.metrics import timed
from services.nlp.rasa_api.talks import Talks
from services.nlp.streaming import TurnStream
from services.nlp.turn import Turns


@dataclass(frozen=True)
class Nlp:
    """Everything that the app has built."""

    internal_key: str
    redis: Redis
    bots: Bots
    turns: Turns
    talks: Talks
    deletions: Deletions
    default_bot: str
    rasa_token: str
    """Opens Rasa's API; empty: it is off."""
    gathering: Gathering = field(default_factory=Gathering)


async def built(request: Request) -> Nlp:
    """What the lifespan built."""
    nlp: Nlp = request.app.state.nlp
    return nlp


Here = Annotated[Nlp, Depends(built)]


async def internal(request: Request, here: Here) -> None:
    """Lets in only who shows the token between rooms."""
    require_bearer(here.internal_key)(request)


public = APIRouter()
private = APIRouter(dependencies=[Depends(internal)])


class ParseRequest(BaseModel):
    """A sentence to understand."""

    text: str


@private.post("/turns", response_class=TurnStream, status_code=200)
async def run_turn(turn: TurnRequest, here: Here) -> TurnStream:
    """Run a turn; the stream's events are TurnItems. A repeated event id replays its replies."""
    return TurnStream(here.gathering.gathered(timed(_guarded(here.turns.run(turn)))))


@private.post("/deletions", status_code=204)
async def forget(deleted: AnswerDeleted, here: Here) -> None:
    """A person has deleted an answer: from now on no model is shown what it said."""
    await here.deletions.obey(deleted)


@private.get("/bots")
async def list_bots(here: Here) -> dict[str, Any]:
    """The bots, which of them can answer, and what is wrong with the others."""
    broken = {name: error.mistakes for name, error in here.bots.broken.items()}
    return {"bots": here.bots.names(), "configured": sorted(here.bots.configured()), "broken": broken}


@private.post("/v1/bots/{bot}/parse")
async def parse(bot: str, body: ParseRequest, here: Here) -> dict[str, Any]:
    """What a sentence means to a bot, in Rasa's shape."""
    found = here.bots.live(bot).model.parse(body.text)
    return parse_fields(found)


@public.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process lives."""
    return {"status": "ok"}


@public.get("/readyz")
async def readyz(here: Here) -> dict[str, str]:
    """Every configured bot can answer, and the store answers."""
    if missing := here.bots.missing():
        raise BotNotReady("; ".join(missing))
    try:
        await here.redis.ping()
    except RedisError as error:
        raise StoreDown(f"Redis does not answer ({type(error).__name__})") from error
    return {"status": "ready"}


@public.get("/metrics", response_class=PlainTextResponse)
async def metrics() -> Response:
    """For Prometheus."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _guarded(items: AsyncGenerator[TurnItem, None]) -> AsyncGenerator[TurnItem, None]:
    """The stream, whose faults are its last item."""
    async with aclosing(items):
        try:
            async for item in items:
                yield item
        except Fault as fault:
            yield TurnProblem(problem=problem_of(fault))
