"""`switchboard gallery`'s other commands: ask the running room, tell of a gallery, carry it away."""

import json
from pathlib import Path

import pytest
from PIL import Image

from contracts.face import IdentityList
from tests.integration.face.commands import Commands
from tests.integration.face.room import FaceRoom
from tests.unit.face.photos import astronaut_jpeg, no_face_jpeg


@pytest.fixture
def commands(room: FaceRoom) -> Commands:
    """On the running room's own folder."""
    return Commands(room.folder, room.url)


@pytest.fixture
def johns(test_data: Path) -> Path:
    return test_data / "faces" / "johns"


def two_photos(person: Path) -> tuple[Path, Path]:
    first, second, *_ = sorted(person.iterdir())
    return first, second


def test_verify_prints_its_verdict_and_exits_by_it(commands: Commands, johns: Path, tmp_path: Path) -> None:
    simm, also_simm = two_photos(johns / "John_Simm")
    salley, _ = two_photos(johns / "John_Salley")
    cup = tmp_path / "cup.jpg"
    cup.write_bytes(no_face_jpeg())
    same = commands.run("verify", simm, also_simm)
    assert same.returncode == 0
    assert same.stdout.startswith("same: distance 0.")
    assert same.stdout.endswith(", threshold 0.6\n")
    different = commands.run("verify", simm, salley)
    assert different.returncode == 1
    assert different.stdout.startswith("different: distance 0.")
    neither = commands.run("verify", simm, cup)
    assert (neither.returncode, neither.stdout) == (2, "no face in one of the photos, or in both\n")
    answer = json.loads(commands.run("verify", simm, also_simm, "--json").stdout)
    assert (answer["outcome"], answer["same_person"]) == ("compared", True)


def test_verify_cannot_say_anything_of_what_is_no_photo(commands: Commands, tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no picture")
    done = commands.run("verify", text, text)
    assert done.returncode == 2
    assert done.stderr == (
        "This is not a photo that can be read here: send a JPEG, PNG, WebP, AVIF, HEIC, GIF, TIFF or BMP.\n"
    )


def test_find_says_when_there_is_nobody_to_name(commands: Commands, tmp_path: Path) -> None:
    photos = {"cup": no_face_jpeg(), "eileen": astronaut_jpeg()}
    for name, content in photos.items():
        (tmp_path / f"{name}.jpg").write_bytes(content)
    for name, says in {"cup": "no face in the photo", "eileen": "nobody is in gallery 'empty'"}.items():
        done = commands.run("find", tmp_path / f"{name}.jpg", "--gallery", "empty")
        assert (done.returncode, done.stdout) == (1, f"{says}\n")


def test_a_report_tells_of_look_alikes_of_quality_and_of_who_was_found(
    commands: Commands, johns: Path, room: FaceRoom, tmp_path: Path
) -> None:
    commands.build(johns, "--gallery", "johns", "--photos", 2, "--jitters", 0)
    done = commands.run("report", "--gallery", "johns", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("5 people, 0 of them found, 5 never.\n")
    figures = json.loads((tmp_path / "out" / "report.json").read_text())
    assert (figures["people"], figures["photos"]) == (5, 10)
    assert {one["name"] for one in figures["never_found"]} == {
        path.name.replace("_", " ") for path in johns.iterdir()
    }
    nearest = figures["closest_pairs"][0]
    assert nearest["a"]["name"] != nearest["b"]["name"]
    assert sum(figures["quality"]["sharpness"]["counts"]) == sum(figures["dropped"].values())
    assert sum(figures["neighbours"]["histogram"]["counts"]) == 5
    with Image.open(tmp_path / "out" / "report.png") as picture:
        picture.verify()


def test_an_exported_gallery_is_imported_into_the_running_room(
    commands: Commands, johns: Path, room: FaceRoom, tmp_path: Path
) -> None:
    commands.build(johns, "--gallery", "from", "--photos", 1, "--jitters", 0)
    archive = tmp_path / "johns.zip"
    done = commands.run("export", archive, "--gallery", "from")
    assert (done.returncode, done.stdout) == (0, f"5 people, 5 photos: {archive}\n")
    done = commands.run("import", archive, "--gallery", "to")
    assert (done.returncode, done.stdout) == (0, "5 people and 5 photos came to gallery 'to'\n")
    one, other = (
        IdentityList.model_validate_json(room.client.get(f"/v1/galleries/{name}/identities").content)
        for name in ("from", "to")
    )
    assert one == other
    assert "5 in gallery 'to'" in commands.run("list", "--gallery", "to").stdout


def test_a_gallery_that_is_not_there_is_said_and_those_that_are(
    commands: Commands, johns: Path, room: FaceRoom, tmp_path: Path
) -> None:
    photo, _ = two_photos(johns / "John_Simm")
    commands.run("add", photo, "--name", "John", "--gallery", "there")
    for command in (["list"], ["report"], ["export", tmp_path / "nobody.zip"]):
        done = commands.run(*command, "--gallery", "nobody")
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("There is no gallery 'nobody': there are ")
        assert "there" in done.stderr.removesuffix(".\n").partition("there are ")[2].split(", ")
    assert not (tmp_path / "nobody.zip").exists()


def test_an_export_replaces_a_file_only_when_told_to(
    commands: Commands, johns: Path, room: FaceRoom, tmp_path: Path
) -> None:
    photo, _ = two_photos(johns / "John_Simm")
    commands.run("add", photo, "--name", "John", "--gallery", "kept")
    file = tmp_path / "kept.zip"
    file.write_text("somebody's work")
    done = commands.run("export", file, "--gallery", "kept")
    assert done.returncode == 1
    assert "--force" in done.stderr
    assert file.read_text() == "somebody's work"
    done = commands.run("export", file, "--gallery", "kept", "--force")
    assert (done.returncode, done.stdout) == (0, f"1 people, 1 photos: {file}\n")


def test_a_file_that_is_no_gallery_is_not_imported(commands: Commands, tmp_path: Path) -> None:
    file = tmp_path / "johns.zip"
    file.write_text("nothing of the kind")
    done = commands.run("import", file, "--gallery", "nobody")
    assert done.returncode == 1
    assert "is no exported gallery" in done.stderr


def test_a_gallerys_name_is_plain(commands: Commands, tmp_path: Path) -> None:
    for command in (["list"], ["report"], ["build", tmp_path]):
        done = commands.run(*command, "--gallery", "../etc")
        assert done.returncode == 2
        assert "small letters" in done.stderr
