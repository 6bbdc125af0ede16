"""`switchboard gallery` and the room's part of `switchboard doctor`, against a running room."""

import subprocess
import sys
from pathlib import Path

import pytest

from switchboard.face import checks
from tests.integration.face.room import TOKEN, FaceRoom
from tests.unit.face.photos import astronaut_jpeg, no_face_jpeg


def switchboard(room: FaceRoom, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "switchboard", *arguments],
        env={"FACE_URL": room.url, "INTERNAL_TOKEN": TOKEN},
        capture_output=True,
        text=True,
        check=False,
    )


def test_people_are_enrolled_listed_and_removed(room: FaceRoom, tmp_path: Path) -> None:
    photo = tmp_path / "eileen.jpg"
    photo.write_bytes(astronaut_jpeg())
    done = switchboard(
        room, "gallery", "add", str(photo), "--name", "Eileen", "--gallery", "cli", "--n-movies", "2"
    )
    assert done.returncode == 0, done.stderr
    identity = done.stdout.split()[0]
    assert "Eileen" in switchboard(room, "gallery", "list", "--gallery", "cli").stdout
    assert switchboard(room, "gallery", "remove", identity, "--gallery", "cli").returncode == 0
    assert switchboard(room, "gallery", "list", "--gallery", "cli").stdout == "0 in gallery 'cli'\n"


def test_what_the_room_refuses_is_said_in_a_sentence(room: FaceRoom, tmp_path: Path) -> None:
    photo = tmp_path / "coffee.jpg"
    photo.write_bytes(no_face_jpeg())
    done = switchboard(room, "gallery", "enroll", str(photo), "--name", "Nobody")
    assert (done.returncode, done.stderr) == (1, "No face was found in the photo.\n")
    done = switchboard(room, "gallery", "remove", "nobody")
    assert (done.returncode, done.stderr) == (1, "Nobody in the gallery has this id.\n")


async def states(monkeypatch: pytest.MonkeyPatch, url: str, token: str) -> dict[str, str]:
    monkeypatch.setenv("FACE_URL", url)
    monkeypatch.setenv("INTERNAL_TOKEN", token)
    return {check.name: check.state for check in await checks()}


async def test_the_doctor_says_what_works(room: FaceRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await states(monkeypatch, room.url, TOKEN) == {
        "face models": "ok",
        "face room": "ok",
        "gallery": "off",
    }
    room.client.post(
        "/v1/galleries/default/identities", files={"photo": astronaut_jpeg()}, data={"name": "Eileen"}
    )
    assert (await states(monkeypatch, room.url, TOKEN))["gallery"] == "ok"


async def test_the_doctor_says_what_does_not_work_and_what_to_do(
    room: FaceRoom, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert (await states(monkeypatch, room.url, "wrong"))["face room"] == "failed"
    assert (await states(monkeypatch, "http://127.0.0.1:1", TOKEN))["face room"] == "failed"
    monkeypatch.setenv("FACE_MODELS_DIR", str(tmp_path))
    assert (await states(monkeypatch, room.url, TOKEN))["face models"] == "failed"
    assert all(check.remedy for check in await checks() if check.state != "ok")
