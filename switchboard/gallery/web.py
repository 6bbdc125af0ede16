"""Gets things from other people's servers: bounded, patient, and no faster than they like."""

import asyncio
import random
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

PATIENCE_S = 120.0
"""A server that wants a longer pause is left for the next run."""
_API_BYTES = 4 * 1024 * 1024


class Unavailable(Exception):
    """It was not to be had; `again` says whether another day may be different."""

    def __init__(self, reason: str, again: bool) -> None:
        super().__init__(reason)
        self.again = again


class Pace:
    """When each host may be asked next. The hosts named are asked at most so often a second."""

    def __init__(self, per_second: float, hosts: frozenset[str]) -> None:
        self._step = 1 / per_second
        self._hosts = hosts
        self._next: dict[str, float] = {}
        self._held: dict[str, float] = {}

    async def turn(self, host: str) -> None:
        """Wait until the host may be asked."""
        if host in self._hosts:
            now = time.monotonic()
            at = max(now, self._next.get(host, 0), self._held.get(host, 0))
            self._next[host] = at + self._step
            await asyncio.sleep(at - now)
        await self._while_held(host)

    async def _while_held(self, host: str) -> None:
        left = self._held.get(host, 0) - time.monotonic()
        if left > 0:
            await asyncio.sleep(left)
            await self._while_held(host)  # it may be held for longer by now

    def hold(self, host: str, seconds: float) -> None:
        """The host wants to be left alone so long, by everybody."""
        self._held[host] = max(self._held.get(host, 0), time.monotonic() + seconds)


class Web:
    """Downloads, each tried `retries` times more. Not more than `jobs` at once."""

    def __init__(
        self, client: httpx.AsyncClient, pace: Pace, jobs: int, retries: int, timeout_s: float
    ) -> None:
        self._client = client
        self._pace = pace
        self._free = asyncio.Semaphore(jobs)
        self._retries = retries
        self._timeout_s = timeout_s

    async def get(self, address: str, most_bytes: int) -> bytes:
        """The body. Raises Unavailable."""
        return (await self._persist(address, {}, most_bytes, is_api=False))[0]

    async def api(self, address: str, query: Mapping[str, str]) -> dict[str, Any]:
        """The answer of a MediaWiki, which may say that it is behind. Raises Unavailable."""
        _, answer = await self._persist(address, query, _API_BYTES, is_api=True)
        return answer

    async def _persist(
        self, address: str, query: Mapping[str, str], most_bytes: int, *, is_api: bool
    ) -> tuple[bytes, dict[str, Any]]:
        host = urlsplit(address).netloc
        for attempt in range(self._retries + 1):
            try:
                await self._pace.turn(host)
                async with self._free:
                    body, wait = await self._once(address, query, most_bytes)
                return body, _parsed(body, wait) if is_api else {}
            except _Pause as pause:
                wait = pause.seconds if pause.seconds is not None else _backoff(attempt)
                if attempt == self._retries or wait > PATIENCE_S:
                    raise Unavailable(pause.reason, again=True) from pause
                if pause.is_hosts:
                    self._pace.hold(host, wait)
                else:
                    await asyncio.sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    async def _once(
        self, address: str, query: Mapping[str, str], most_bytes: int
    ) -> tuple[bytes, float | None]:
        """The body, and what the server says of coming again."""
        try:
            # Besides the client's own limit between two packets: a trickle must end too.
            async with asyncio.timeout(4 * self._timeout_s):
                return await self._read(address, query, most_bytes)
        except (httpx.TransportError, TimeoutError) as error:
            raise _Pause(type(error).__name__, None) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unavailable(type(error).__name__, again=False) from error

    async def _read(
        self, address: str, query: Mapping[str, str], most_bytes: int
    ) -> tuple[bytes, float | None]:
        async with self._client.stream("GET", address, params=query or None) as answer:
            wait = _retry_after(answer.headers.get("retry-after"))
            if answer.status_code in (408, 425, 429) or answer.status_code >= 500:
                raise _Pause(f"HTTP {answer.status_code}", wait, is_hosts=answer.status_code in (429, 503))
            if answer.status_code != 200:
                raise Unavailable(f"HTTP {answer.status_code}", again=False)
            body = bytearray()
            async for piece in answer.aiter_bytes():
                body += piece
                if len(body) > most_bytes:
                    raise Unavailable(f"more than {most_bytes} bytes", again=False)
            return bytes(body), wait


class _Pause(Exception):
    """Worth another try, after so many seconds."""

    def __init__(self, reason: str, seconds: float | None, is_hosts: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.seconds = seconds
        self.is_hosts = is_hosts
        """The host asked everybody to wait, not only this request."""


def _parsed(body: bytes, wait: float | None) -> dict[str, Any]:
    try:
        answer = httpx.Response(200, content=body).json()
    except ValueError as error:
        raise _Pause("no JSON", None) from error
    if not isinstance(answer, dict):
        raise _Pause("no object", None)
    problem = answer.get("error")
    if isinstance(problem, dict):
        if problem.get("code") in ("maxlag", "ratelimited", "readonly"):
            raise _Pause(str(problem["code"]), 5.0 if wait is None else wait, is_hosts=True)
        raise Unavailable(str(problem.get("code")), again=False)
    return answer


def _retry_after(header: str | None) -> float | None:
    """Seconds, from either form of the header; None where there is none that can be read."""
    if not header:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def _backoff(attempt: int) -> float:
    return float(0.5 * 2**attempt * random.uniform(0.7, 1.3))
