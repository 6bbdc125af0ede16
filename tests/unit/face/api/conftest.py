"""A client of the API."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.unit.face.api.stand import Client, served


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    """Of a room without galleries."""
    async with served(tmp_path) as client:
        yield client
