"""An uploaded photo stays in memory on its whole way."""

import sys
import tempfile
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from services.face.app import create_app
from services.face.settings import FaceSettings
from tests.unit.face.photos import astronaut, encoded

PROJECT = str(Path(__file__).parents[3])


def below_tmp(paths: list[str]) -> list[str]:
    """Temporary files; the project's own sources may lie below /tmp too."""
    found = [path for path in paths if path.startswith(tempfile.gettempdir())]
    return [path for path in found if not path.startswith(PROJECT)]


@pytest.mark.parametrize(
    ("path", "part", "padding"), [("/v1/detect", "photo", 0), ("/v1/detect/batch", "photos", 23_000_000)]
)
async def test_a_large_photo_touches_no_file(tmp_path: Path, path: str, part: str, padding: int) -> None:
    opened: list[str] = []
    listening = False

    def hear(event: str, arguments: tuple[object, ...]) -> None:
        if listening and event in ("open", "tempfile.mkstemp") and isinstance(arguments[0], str):
            opened.append(arguments[0])

    sys.addaudithook(hear)
    photo = encoded(astronaut().resize((1600, 1600)), "PNG") + bytes(padding)
    assert len(photo) > 2_000_000
    app = create_app(FaceSettings(face_data_dir=tmp_path, internal_token=SecretStr("t")))
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://face") as client,
    ):
        listening = True
        answer = await client.post(path, files={part: photo}, headers={"Authorization": "Bearer t"})
        by_photo = below_tmp(opened)
        with tempfile.TemporaryFile():
            pass  # so that we know that the hook hears
        listening = False
    assert answer.status_code == 200
    assert by_photo == []
    assert below_tmp(opened)
