"""Running face rooms."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.face.room import FaceRoom


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaceRoom]:
    """One room for the tests of a module, which use a gallery each."""
    room = FaceRoom(tmp_path_factory.mktemp("room"))
    room.start()
    yield room
    room.close()


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
