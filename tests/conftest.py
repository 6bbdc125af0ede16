"""Wiring that all tests share. Unit tests may open no socket."""

import os
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import redis.asyncio
from hypothesis import settings

from tests.redis_process import RedisProcess

# what one example takes is the machine's affair; a test that is about time says so itself
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")


@pytest.fixture(autouse=True)
def _no_sockets_in_unit_tests(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "tests/unit/" not in str(request.path):
        return

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a unit test tried to open a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)


@pytest.fixture(scope="session")
def redis_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisProcess]:
    """A Redis for tests that only read and write; those that kill it start their own."""
    server = RedisProcess(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def redis_client(redis_process: RedisProcess) -> AsyncIterator[redis.asyncio.Redis]:
    """A client of an empty Redis; answers are str."""
    client = redis.asyncio.from_url(redis_process.url, decode_responses=True)
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of public bots, corpora and photos."""
    folder = os.environ.get("SWITCHBOARD_TEST_DATA")
    if not folder:
        pytest.skip("SWITCHBOARD_TEST_DATA is not set: the public bots, corpora and photos are not here")
    return Path(folder)
