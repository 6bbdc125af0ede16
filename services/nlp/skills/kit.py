"""What a skill is made with: hosts to ask, a cache, its settings, the files that came with it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.nlp.skills.cache import Cache
from services.nlp.skills.fetching import Fetcher, Outbound


@dataclass
class Kit:
    """One skill's."""

    name: str
    outbound: Outbound
    cache: Cache
    settings: Callable[[str], tuple[str, bool]]
    """By a variable's name: its value, and whether whoever runs this has set it."""
    data: Path
    """The folder `data` beside the skill's file."""
    version: str = ""
    """Of the code: what another version has remembered may have another shape, and is not read."""
    _own: set[str] = field(default_factory=set)

    def setting(self, name: str) -> str:
        """The value of a setting such as "KKBOX_CLIENT_ID"; "" where nobody has set it."""
        value, is_own = self.settings(name)
        if is_own:
            self._own.add(value.rstrip("/"))
        return value

    def fetcher(self, *bases: str, setting: str = "") -> Fetcher:
        """Asks these addresses, such as "https://api.example.org", and what they redirect to among them.

        An address that a setting names may be http and at home; all others are https and public.
        `setting`: the one that the addresses were taken out of, where its value is more than an address.
        """
        is_own = bool(setting) and self.settings(setting)[1]
        return Fetcher(self.outbound, bases, [b for b in bases if is_own or b.rstrip("/") in self._own])

    async def cached(self, key: object, ttl_s: float, load: Callable[[], Awaitable[Any]]) -> Any:
        """The JSON value of the key, at most `ttl_s` old, from the cache or from `load`.

        For public facts only. Where the source fails, an older value serves for a day.
        """
        return await self.cache.get(self.name, [self.version, key], ttl_s, load)
