"""KKBOX's access token: kept in this process until it expires, and nowhere else."""

import asyncio
import time
from collections.abc import Callable, Mapping

from services.nlp.skills.fetching import Fetcher, Unavailable

EARLY_S = 60
"""A token is renewed so long before its end."""
LONGEST_S = 90 * 24 * 3600
"""No token is trusted to last longer, whatever KKBOX says."""


class Token:
    """By client credentials."""

    def __init__(
        self,
        fetcher: Fetcher,
        url: str,
        client_id: str,
        client_secret: str,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetcher = fetcher
        self._url = url
        self._form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
        }
        self._now = now
        self._value = ""
        self._until = 0.0
        self._lock = asyncio.Lock()

    async def get(self) -> str:
        """One that has not expired. Raises Unavailable."""
        async with self._lock:
            if self._now() >= self._until:
                await self._renew()
            return self._value

    async def renewed(self, refused: str) -> str:
        """Another than the one that was refused, asked for once by all who had it. Raises Unavailable."""
        async with self._lock:
            if self._value == refused:
                await self._renew()
            return self._value

    async def _renew(self) -> None:
        answer = await self._fetcher.json(self._url, form=self._form)
        told = answer if isinstance(answer, Mapping) else {}
        value, seconds = told.get("access_token"), told.get("expires_in")
        if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable():
            raise Unavailable("the answer is no token")
        lasts = seconds if isinstance(seconds, int) and not isinstance(seconds, bool) else 0
        self._value, self._until = value, self._now() + max(min(lasts, LONGEST_S) - EARLY_S, 0)
