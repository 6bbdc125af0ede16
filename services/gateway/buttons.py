"""Buttons whose payload was too long for their platform: the worker has kept it, the button names it."""

from collections.abc import Sequence

from redis.asyncio import Redis

from contracts.event import ButtonPressed, Fact
from contracts.inbox import KEPT_PAYLOAD, Arrival, button_key
from services.gateway.channels.pressing import pressed


async def with_payloads(arrivals: Sequence[Arrival], redis: Redis) -> list[Arrival]:
    """The arrivals with whole payloads; a button older than what is kept says its title."""
    return [await _with_payload(arrival, redis) for arrival in arrivals]


async def _with_payload(arrival: Arrival, redis: Redis) -> Arrival:
    event = arrival.event
    if not isinstance(event, ButtonPressed) or not event.payload.startswith(KEPT_PAYLOAD):
        return arrival
    payload = str(await redis.get(button_key(event.payload)) or event.title)
    facts = {name: getattr(event, name) for name in Fact.model_fields if name != "v"}
    return Arrival(event=pressed(facts, payload, event.title, event.callback_id), claims=arrival.claims)
