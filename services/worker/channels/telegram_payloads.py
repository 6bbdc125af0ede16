"""What a button says when it is pressed, kept where Telegram has no room for it."""

from redis.asyncio import Redis

from contracts.inbox import BUTTON_TTL_S, button_key
from services.worker.channels.telegram_parts import TelegramPart


class Payloads:
    """Long payloads in Redis, by the short name that the button carries in their place."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def keep(self, part: TelegramPart) -> None:
        """Keep the part's long payloads; the gateway reads them when a button is pressed."""
        for name, payload in part.long_payloads:
            await self._redis.set(button_key(name), payload, ex=BUTTON_TTL_S)
