"""What a skill is made with in a test: a client, no cache but a Redis that is given, settings by name."""

from pathlib import Path

import httpx
from redis.asyncio import Redis

from services.nlp.settings import NlpSettings
from services.nlp.skills import registry
from services.nlp.skills.cache import Cache
from services.nlp.skills.fetching import Outbound
from services.nlp.skills.kit import Kit
from services.nlp.skills.registry import Workshop


def workshop(
    http: httpx.AsyncClient, redis: Redis | None = None, timeout_s: float = 2, **settings: str
) -> Workshop:
    """The settings that are given count as set by whoever runs this; all others have their defaults."""

    def setting(name: str) -> tuple[str, bool]:
        if name in settings:
            return settings[name], True
        field = NlpSettings.model_fields.get(name.lower())
        return str(field.default) if field else "", False

    return Workshop(Outbound(http, timeout_s), Cache(redis), setting, timeout_s)


def skill_kit(
    name: str, http: httpx.AsyncClient, redis: Redis | None = None, data: Path | None = None, **settings: str
) -> Kit:
    """One skill's kit, the shipped data with it."""
    return workshop(http, redis, **settings).kit(name, data or Path(registry.__file__).parent / "data")
