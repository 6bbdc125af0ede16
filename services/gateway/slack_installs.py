"""The workspaces that installed the Slack app by themselves, sealed in Redis."""

import logging

from redis.asyncio import Redis

from contracts.install import INSTALLS, SlackInstall
from foundation.installs import open_install, seal_install
from foundation.sealing import Unsealable

log = logging.getLogger(__name__)

CLOCK_SKEW_S = 5
"""How far Slack's clock and ours may differ when an install and its end follow one another."""


class SlackInstalls:
    """Reads and writes the installs by team; each method may raise RedisError."""

    def __init__(self, redis: Redis, secret: str) -> None:
        self._redis = redis
        self._secret = secret

    async def get(self, team: str) -> SlackInstall | None:
        """The team's install; None where there is none that can be read."""
        sealed = await self._redis.hget(INSTALLS, team)
        if sealed is None:
            return None
        try:
            return open_install(str(sealed), self._secret, team)
        except Unsealable:
            log.error("gateway.slack_install.unreadable", extra={"team": team})
            return None

    async def put(self, team: str, install: SlackInstall) -> None:
        """Keep the install, in place of an earlier one."""
        await self._redis.hset(INSTALLS, team, seal_install(install, self._secret, team))

    async def remove(self, team: str, ended_at: int) -> bool:
        """Forget the team's install, unless it is newer than its end; False when nothing was forgotten.

        Slack may say again, minutes later, that an app was removed, when it is installed anew already.
        """
        install = await self.get(team)
        if install and install.at > ended_at + CLOCK_SKEW_S:
            return False
        return bool(await self._redis.hdel(INSTALLS, team))
