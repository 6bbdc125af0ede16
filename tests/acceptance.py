"""Puts arrivals into the inbox as the gateway does, for tests of what comes after it."""

from redis.asyncio import Redis

from contracts.inbox import CLAIM_TTL_S, DUE, INBOX_CAP, Accepted, Arrival, script


async def accept(
    redis: Redis, *arrivals: Arrival, cap: int = INBOX_CAP, wake_ms: int = 3000
) -> list[Accepted]:
    """One call of accept.lua for all of them, and one more for each that finds its inbox full."""
    take, limits = redis.register_script(script("accept")), [cap, CLAIM_TTL_S, wake_ms]
    codes = await take([DUE], [*limits, *(part for a in arrivals for part in a.arguments())])
    for number, arrival in enumerate(arrivals):
        if codes[number] == Accepted.FULL:
            codes[number : number + 1] = await take([DUE], [*limits, *arrival.arguments(is_full=True)])
    return [Accepted(code) for code in codes]
