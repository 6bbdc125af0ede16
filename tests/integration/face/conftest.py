"""Running face rooms."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.integration.face.room import TOKEN, FaceRoom
from tests.unit.face.api.openapi import Document


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaceRoom]:
    """One room for the tests of a module, which use a gallery each."""
    room = FaceRoom(tmp_path_factory.mktemp("room"))
    room.start()
    yield room
    room.close()


@pytest.fixture(scope="module")
def client(room: FaceRoom) -> Iterator[httpx.Client]:
    """Holds every answer against the room's own document."""
    document = Document(room.client.get("/openapi.json").json())

    def check(response: httpx.Response) -> None:
        response.read()
        document.check(response)

    with httpx.Client(
        base_url=room.url,
        headers={"Authorization": f"Bearer {TOKEN}", "x-api-key": TOKEN},
        timeout=60,
        trust_env=False,
        event_hooks={"response": [check]},
    ) as client:
        yield client


@pytest.fixture
def start_room(tmp_path: Path) -> Iterator[Callable[..., FaceRoom]]:
    """Starts rooms on this test's folder, with the variables given."""
    rooms: list[FaceRoom] = []

    def start(**variables: str) -> FaceRoom:
        room = FaceRoom(tmp_path, **variables)
        rooms.append(room)
        room.start()
        return room

    yield start
    for room in rooms:
        room.close()
