"""One gateway for the tests that only talk with it; those that stop it, or its Redis, start their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from tests.integration.gateway.fake_face import FaceServer
from tests.integration.gateway.room import GatewayRoom
from tests.redis_process import RedisProcess


@pytest.fixture(scope="session")
def face() -> Iterator[FaceServer]:
    server = FaceServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def gateway_process(
    redis_process: RedisProcess, face: FaceServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GatewayRoom]:
    folder: Path = tmp_path_factory.mktemp("gateway")
    room = GatewayRoom(folder, redis_process.url, FACE_URL=face.url, GATEWAY_PERSON_RATE="1000")
    try:
        room.start()
        yield room
    finally:
        room.close()


@pytest.fixture
def gateway(gateway_process: GatewayRoom, redis_client: Redis, face: FaceServer) -> GatewayRoom:
    """The gateway in front of an empty Redis, and nobody signed in."""
    gateway_process.client.cookies.clear()
    face.reset()
    return gateway_process
