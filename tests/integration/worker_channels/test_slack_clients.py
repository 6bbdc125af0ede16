"""Workspaces that install the app are answered with their own token, from then on and until they part."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from contracts.install import INSTALLS, SlackInstall
from foundation.installs import install_secret, seal_install
from services.worker.channels.slack import create_client
from services.worker.channels.slack_clients import SlackClients, kept_up
from tests.waiting import auntil

API = "http://127.0.0.1:9/api/"


@pytest.fixture
def secret(tmp_path: Path) -> str:
    return install_secret(tmp_path)


@pytest.fixture
async def clients() -> AsyncIterator[SlackClients]:
    """The settings know T1 and, for every other team, the default."""
    own = {"T1": create_client("xoxb-one", API), "default": create_client("xoxb-default", API)}
    found = SlackClients(own, lambda token: create_client(token, API))
    yield found
    await found.aclose()


def token_of(clients: SlackClients, team: str) -> str | None:
    client = clients.find(team)
    return client.token if client else None


async def becomes(clients: SlackClients, team: str, token: str | None) -> None:
    """Wait until the team is spoken to with this token."""

    async def is_so() -> bool:
        return token_of(clients, team) == token

    await auntil(is_so, f"{team} has its new token")


async def install(redis: Redis, secret: str, team: str, token: str) -> None:
    sealed = seal_install(SlackInstall(token=token, at=1), secret, team)
    await redis.hset(INSTALLS, team, sealed)


def test_a_team_that_nobody_named_has_no_client_without_a_default() -> None:
    assert SlackClients({}).find("T9") is None


async def test_an_installed_team_comes_before_the_default_and_after_the_settings(
    clients: SlackClients, secret: str
) -> None:
    sealed = {
        team: seal_install(SlackInstall(token=f"xoxb-{team}", at=1), secret, team) for team in ("T1", "T2")
    }
    clients.keep(sealed, secret)
    assert [token_of(clients, team) for team in ("T1", "T2", "T3")] == ["xoxb-one", "xoxb-T2", "xoxb-default"]


async def test_installs_renewals_and_removals_are_followed_without_a_restart(
    redis_client: Redis, clients: SlackClients, secret: str
) -> None:
    await install(redis_client, secret, "T2", "xoxb-two")
    async with kept_up(redis_client, secret, clients):
        assert token_of(clients, "T2") == "xoxb-two"
        await install(redis_client, secret, "T2", "xoxb-again")
        await install(redis_client, secret, "T3", "xoxb-three")
        await becomes(clients, "T2", "xoxb-again")
        await becomes(clients, "T3", "xoxb-three")
        await redis_client.hdel(INSTALLS, "T3")
        await becomes(clients, "T3", "xoxb-default")


async def test_an_install_that_cannot_be_read_costs_no_other_team_its_token(
    clients: SlackClients, secret: str
) -> None:
    good = seal_install(SlackInstall(token="xoxb-two", at=1), secret, "T2")
    clients.keep({"T3": good, "T2": good}, secret)
    assert [token_of(clients, team) for team in ("T2", "T3")] == ["xoxb-two", "xoxb-default"]
