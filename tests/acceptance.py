"""Puts arrivals into the inbox as the gateway does, for tests of what comes after it."""

from redis.asyncio import Redis

from contracts.inbox import CLAIM_TTL_S, DUE, INBOX_CAP, Accepted, Arrival, script


async def accept(
    redis: Redis, *arrivals: Arrival, cap: int = INBOX_CAP, wake_ms: int = 3000
) -> list[Accepted]:
    """One call of accept.lua for all of them."""
    arguments = [cap, CLAIM_TTL_S, wake_ms, *(part for a in arrivals for part in a.arguments())]
    return [Accepted(code) for code in await redis.register_script(script("accept"))([DUE], arguments)]
