"""How often each address may ask: a rate each, in bounded memory.

Only what anybody may ask is counted: the page, its API, and what fails to authenticate. A delivery that
its platform has signed is never counted, nor looked up.
"""

import ipaddress
import logging
import time
from collections.abc import Callable
from functools import lru_cache

from fastapi import Request

from foundation.http import Fault
from services.gateway.errors import NotWithin, TooFast

log = logging.getLogger(__name__)

MOST_ADDRESSES = 10_000
"""That are remembered at a time; whoever was heard longest ago is forgotten first."""
_PASSED_ON = {"x-forwarded-for", "forwarded", "x-real-ip", "via"}
"""Headers by which a proxy says for whom it asks."""
_MINUTE_S = 60.0
_SITE_BITS = 64
"""Of an IPv6 address: what one household or one machine is given whole."""


class AddressRate:
    """So many a minute for each address, at once or spread, in this process; 0: as many as they like."""

    def __init__(self, a_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._step_s = _MINUTE_S / a_minute if a_minute else 0.0
        self._clock = clock
        self._full_at: dict[str, float] = {}
        """By address: when all of its minute may be used again."""

    def count(self, address: str) -> bool:
        """Count one; False when it is one too many, which is not counted."""
        if not self._step_s:
            return True
        now = self._clock()
        full_at = max(self._full_at.pop(address, now), now) + self._step_s
        is_one_too_many = full_at > now + _MINUTE_S + self._step_s / 2
        self._full_at[address] = full_at - self._step_s if is_one_too_many else full_at
        if len(self._full_at) > MOST_ADDRESSES:
            del self._full_at[next(iter(self._full_at))]
        return not is_one_too_many

    def has_room(self, address: str) -> bool:
        """Whether one more would be counted."""
        now = self._clock()
        return max(self._full_at.get(address, now), now) + self._step_s / 2 <= now + _MINUTE_S


class Addresses:
    """Counts those who ask, but for this machine itself and for a proxy that we do not know."""

    def __init__(self, a_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = AddressRate(a_minute, clock)
        self._has_warned = False

    def count(self, request: Request) -> None:
        """Count one request; raises TooFast."""
        address = address_of(request)
        if address and not self._is_free(address, request) and not self._rate.count(address):
            raise TooFast

    def weigh(self, request: Request, refusal: Fault) -> Fault:
        """Count a request that is refused; gives what it is told: the refusal, or that it is too fast."""
        try:
            self.count(request)
        except TooFast as too_fast:
            return too_fast
        return refusal

    def _is_free(self, address: str, request: Request) -> bool:
        if not _is_private(address):
            return False
        # A private address with this header is a proxy that GATEWAY_PROXIES does not name: to count it
        # would be to count everybody as one.
        if "x-forwarded-for" in request.headers and not self._has_warned:
            self._has_warned = True
            log.warning("gateway.proxy.unnamed", extra={"setting": "GATEWAY_PROXIES"})
        return _is_here(address) or "x-forwarded-for" in request.headers


def check_within(request: Request) -> None:
    """Raises NotWithin unless this machine or its own network asks, itself: a proxy speaks for anybody."""
    address = address_of(request)
    if (address and ipaddress.ip_address(address).is_global) or _PASSED_ON & set(request.headers):
        raise NotWithin


def address_of(request: Request) -> str:
    """Who asks, an IPv6 address by its network of 64 bits; "" where it cannot be told."""
    return _site(request.client.host) if request.client else ""


@lru_cache(maxsize=1000)
def _site(host: str) -> str:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, _SITE_BITS), strict=False).network_address)


@lru_cache(maxsize=1000)
def _is_private(address: str) -> bool:
    return ipaddress.ip_address(address).is_private


def _is_here(address: str) -> bool:
    return ipaddress.ip_address(address).is_loopback or address == "::"
