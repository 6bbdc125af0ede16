"""What the routes find in the app's state, and who asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from redis.asyncio import Redis

from foundation.accounts import Account
from foundation.http import Unauthorized
from services.gateway.addresses import Addresses, AddressRate
from services.gateway.administration import Administration
from services.gateway.backlog import Backlog
from services.gateway.faces import Faces
from services.gateway.groups import Groups
from services.gateway.intake import Intake
from services.gateway.owner import COOKIE, Owners
from services.gateway.pressure import Pressure
from services.gateway.settings import GatewaySettings
from services.gateway.slack_wiring import SlackEnd
from services.gateway.web_stream import WebStream


@dataclass(frozen=True)
class Gateway:
    """Everything that the app has built."""

    settings: GatewaySettings
    redis: Redis
    bytes_redis: Redis
    """The same Redis, for values that are no text."""
    intake: Intake
    pressure: Pressure
    backlog: Backlog
    stream: WebStream
    owners: Owners
    addresses: Addresses
    administration: Administration
    admin_tries: AddressRate
    """Wrong ADMIN_TOKENs."""
    faces: Faces
    telegram: Mapping[str, Account]
    """By the account's name."""
    slack: SlackEnd
    groups: Groups
    bot_usernames: dict[str, str]
    """By Telegram account; filled as they become known."""
    photo_secret: str


async def gateway(request: Request) -> Gateway:
    """What the lifespan built; a coroutine, because FastAPI sends plain functions to a thread."""
    built: Gateway = request.app.state.gateway
    return built


Here = Annotated[Gateway, Depends(gateway)]


def known_person(request: Request, here: Here) -> str:
    """Who shows a cookie or a bearer token of ours; raises Unauthorized."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    shown = token if scheme.lower() == "bearer" else request.cookies.get(COOKIE, "")
    person = here.owners.person(shown)
    if person is None:
        raise Unauthorized("send the page's cookie, or a token of `switchboard token`")
    return person


KnownPerson = Annotated[str, Depends(known_person)]
