"""`switchboard gallery build` on real faces, with a server of photos that misbehaves."""

import asyncio
import csv
import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from contracts.face import Identity
from services.face.store import GalleryStore
from tests.fakes.wikimedia_server import BAND, Entity, WikimediaServer
from tests.integration.face.commands import Commands
from tests.integration.face.room import FaceRoom
from tests.unit.face.photos import astronaut_jpeg, no_face_jpeg
from tests.waiting import until


@pytest.fixture(scope="module")
def server() -> Iterator[WikimediaServer]:
    server = WikimediaServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def _fresh(server: WikimediaServer) -> None:
    server.reset()


@pytest.fixture
def commands(tmp_path: Path) -> Commands:
    return Commands(tmp_path)


@pytest.fixture
def johns(test_data: Path) -> dict[str, list[Path]]:
    """Five people's photos."""
    folders = sorted((test_data / "faces" / "johns").iterdir())
    return {folder.name.replace("_", " "): sorted(folder.iterdir()) for folder in folders}


def people_of(commands: Commands, gallery: str = "default") -> dict[str, Identity]:
    async def read() -> dict[str, Identity]:
        store = GalleryStore(commands.folder / "face" / "galleries")
        found = {one.name: one for one in (await store.get(gallery)).identities()}
        await store.close()
        return found

    return asyncio.run(read())


def catalogue(folder: Path, rows: list[dict[str, str]]) -> Path:
    path = folder / "people.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, ["name", "photo", "licence"])
        writer.writeheader()
        writer.writerows(rows)
    return path


def serve(server: WikimediaServer, johns: dict[str, list[Path]], photos: int) -> list[dict[str, str]]:
    """Some photos of everybody on the server, and the catalogue's rows of them."""
    rows = []
    for name, paths in johns.items():
        for path in paths[:photos]:
            server.photos[path.name] = path.read_bytes()
            rows.append({"name": name, "photo": server.photo_url(path.name), "licence": "CC0"})
    return rows


def test_a_folder_becomes_a_gallery_that_the_running_room_answers_from(
    room: FaceRoom, johns: dict[str, list[Path]], tmp_path: Path
) -> None:
    commands = Commands(room.folder, room.url)
    source = tmp_path / "photos"
    for name, paths in johns.items():
        (source / name).mkdir(parents=True)
        for path in paths[:3]:
            (source / name / path.name).symlink_to(path)
    said = commands.build(source, "--jitters", 2)
    assert "5 of 5 people, 5 kept" in said
    assert "5 of 5 people are in gallery 'default'" in said
    probe = johns["John Simm"][5]
    found = commands.run("find", probe, "--limit", 2)
    assert found.returncode == 0, found.stderr
    first, second = found.stdout.splitlines()
    assert first.startswith("John Simm  ")
    assert first.endswith("the same person")
    assert second.startswith("John ")
    assert not second.endswith("the same person")
    match = json.loads(commands.run("find", probe, "--json").stdout)["matches"][0]
    assert match["identity"]["alias"] == "john-simm"
    assert f"{match['percent']} %  distance {match['distance']:.4f}" in first


def test_what_is_not_good_enough_is_dropped_counted_and_shown(
    commands: Commands, johns: dict[str, list[Path]], test_data: Path, tmp_path: Path
) -> None:
    photos = {
        "Good": astronaut_jpeg(),
        "Same": astronaut_jpeg(),
        "Cup": no_face_jpeg(),
        "Broken": astronaut_jpeg()[:3000],
        "Crowd": (test_data / "faces" / "faces" / "bald_guys.jpg").read_bytes(),
    }
    source = tmp_path / "photos"
    source.mkdir()
    for name, content in photos.items():
        (source / f"{name}.jpg").write_bytes(content)
    (source / "notes.txt").write_text("where they are from")
    (source / "Mixed").mkdir()
    simm = johns["John Simm"]
    for number, path in enumerate([simm[0], simm[1], simm[4], johns["John Salley"][0]]):
        (source / "Mixed" / f"{number}.jpg").symlink_to(path)
    said = commands.build(source, "--jobs", 1, "--sheet", tmp_path / "sheet.png")
    assert "2 of 6 people are in gallery 'default'" in said
    for reason in ("no face", "unreadable", "several faces", "outlier", "duplicate"):
        assert f"dropped, {reason}: 1\n" in said
    assert f"    {source / 'Broken.jpg'}\n" in said
    assert f"1 file is not a photo:\n    {source / 'notes.txt'}\n" in said
    dropped = json.loads((commands.builds / "dropped.json").read_text())
    assert dropped["no_face"] == [str(source / "Cup.jpg")]
    assert dropped["outlier"] == [str(source / "Mixed" / "3.jpg")]
    assert sum(map(len, dropped.values())) == 5
    assert set(people_of(commands)) == {"Good", "Mixed"}
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.height > 6 * 128  # a row for kept, and one for each reason


def test_photos_are_found_on_wikidata_with_licence_and_author(
    commands: Commands, server: WikimediaServer, johns: dict[str, list[Path]], tmp_path: Path
) -> None:
    for name, paths in johns.items():
        server.photos[f"{name}.jpg"] = paths[0].read_bytes()
    server.add(Entity("Q1", "John Simm", (("John Salley.jpg", "normal"),), BAND))
    server.add(Entity("Q2", "John Simm (painter)"))
    server.add(Entity("Q5001", "John Simm (new)", instance_of=""))
    server.add(
        Entity("Q3", "John Simm (actor)", (("gone.jpg", "deprecated"), ("John Simm.jpg", "preferred")))
    )
    server.add(Entity("Q4", "Another name", (("John Salley.jpg", "normal"),)))
    source = tmp_path / "people.json"
    people = [{"name": "John Simm"}, {"name": "Salley", "wikidata": "Q4"}, {"name": "Nobody Known"}]
    source.write_text(json.dumps(people))
    server.maxlag.append("0.2")
    address = ("--wikidata-url", server.url, "--commons-url", server.url, "--rate", 100)
    said = commands.build(source, *address, "--contact", "me@example.org", "--jitters", 0)
    assert "dropped, not found: 1" in said
    simm = people_of(commands)["John Simm"]
    assert (simm.licence, simm.source) == (
        "CC BY-SA 4.0",
        "https://commons.example/wiki/File:John Simm.jpg",
    )
    assert simm.photos[0].author == "Ann & John Simm.jpg"
    assert "Salley" in people_of(commands)
    assert server.user_agents == {"switchboard-gallery/0.1 (me@example.org)"}
    assert all(call["maxlag"] == "5" for call in server.called("wbsearchentities"))
    assert {call["iiurlwidth"] for call in server.called("query")} == {"960"}


def test_wikimedia_is_asked_no_faster_than_it_is_said(
    commands: Commands, server: WikimediaServer, tmp_path: Path
) -> None:
    source = catalogue(tmp_path, [{"name": f"Nobody {number}"} for number in range(6)])
    commands.build(source, "--wikidata-url", server.url, "--commons-url", server.url, "--rate", 5)
    times = [call.at for call in server.calls]
    assert len(times) == 6
    assert times[-1] - times[0] > 0.9


def test_a_server_that_stumbles_is_asked_again_and_what_is_missing_is_counted(
    commands: Commands, server: WikimediaServer, johns: dict[str, list[Path]], tmp_path: Path
) -> None:
    rows = serve(server, johns, 1)
    rows.append({"name": "Gone", "photo": server.photo_url("gone.jpg")})
    server.fail("photo", times=2, status=429, headers={"Retry-After": "1"})
    server.fail("photo", times=1, drop=True)
    server.fail("photo", times=1, stall_s=30)
    server.fail("photo", times=1, status=500)
    source = catalogue(tmp_path, rows)
    begun = time.monotonic()
    said = commands.build(source, "--timeout", 1, "--jitters", 0)
    assert time.monotonic() - begun < 30
    assert "5 of 6 people are in gallery" in said
    assert "not downloaded: 1" in said
    calls = [call.at for call in server.calls if call.method == "photo"]
    assert len(calls) >= 11
    assert server.called("photo").count({"name": "gone.jpg"}) <= 5
    assert "the same command tries them again" not in said


def test_what_a_server_refused_for_now_is_had_by_the_next_run(
    commands: Commands, server: WikimediaServer, johns: dict[str, list[Path]], tmp_path: Path
) -> None:
    source = catalogue(tmp_path, serve(server, johns, 1))
    server.fail("photo", times=1, status=503, headers={"Retry-After": "3600"})
    said = commands.build(source, "--jobs", 1, "--jitters", 0)
    assert "4 of 5 people are in gallery" in said
    assert "Of 1 people something could not be had" in said
    server.calls.clear()
    said = commands.build(source, "--jitters", 0)
    assert "4 of 5 people are done already." in said
    assert "5 of 5 people are in gallery 'default', by 5 photos." in said
    assert len(server.called("photo")) == 1


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_a_stopped_build_goes_on_where_it_was_and_neither_doubles_nor_loses_anybody(
    commands: Commands,
    server: WikimediaServer,
    johns: dict[str, list[Path]],
    tmp_path: Path,
    how: signal.Signals,
    code: int,
) -> None:
    rows = serve(server, johns, 3)
    source = catalogue(tmp_path, rows)
    whole = Commands(tmp_path / "whole")
    whole.build(source, "--jitters", 0)
    server.fail("photo", times=100, skip=7, stall_s=30)
    process = commands.start("build", source, "--jobs", 2, "--jitters", 0)
    log = commands.builds / "log.jsonl"
    until(lambda: log.exists() and log.read_bytes().count(b"\n") >= 2, "two people are done", 60)
    process.send_signal(how)
    _, said = process.communicate(timeout=20)
    assert process.returncode == code
    assert how != signal.SIGINT or said == "Stopped. The same command goes on from here.\n"
    server.failures.clear()
    with log.open("ab") as file:  # as if the crash had torn a line
        file.write(b'{"key": "john-s')
    assert "people are done already." in commands.build(source, "--jitters", 0)
    assert photos_of(commands) == photos_of(whole)
    server.calls.clear()
    assert "5 of 5 people are done already." in commands.build(source)
    assert not server.calls
    assert "people are in gallery" in commands.build(source, "--again", "--jitters", 0)
    assert photos_of(commands) == photos_of(whole)


def photos_of(commands: Commands) -> dict[str, tuple[str, ...]]:
    return {name: tuple(p.id for p in one.photos) for name, one in people_of(commands).items()}


def test_two_builds_of_one_gallery_do_not_run_at_once(
    commands: Commands, server: WikimediaServer, johns: dict[str, list[Path]], tmp_path: Path
) -> None:
    source = catalogue(tmp_path, serve(server, johns, 1))
    server.fail("photo", times=100, stall_s=30)
    first = commands.start("build", source)
    until(lambda: server.called("photo"), "the first build downloads", 60)
    second = commands.run("build", source)
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=20)
    assert (second.returncode, second.stderr) == (1, "Another build of gallery 'default' is running.\n")


def test_what_keeps_a_build_from_working_is_said(commands: Commands, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "Eileen.jpg").write_bytes(astronaut_jpeg())
    missing = Commands(tmp_path / "missing", FACE_MODELS_DIR=str(tmp_path)).run("build", tmp_path / "photos")
    assert missing.returncode == 1
    assert missing.stderr.startswith("The model files are not installed: ")
    journal = commands.builds.with_name("journal")
    journal.parent.mkdir(parents=True)
    journal.write_text("broken\nbroken\n")
    damaged = commands.run("build", tmp_path / "photos")
    assert damaged.returncode == 1
    assert damaged.stderr.endswith("move it away, or cut it there.\n")
    assert "The gallery's journal is damaged: " in damaged.stderr


def test_a_source_that_cannot_be_read_says_so(commands: Commands, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    done = commands.run("build", empty)
    assert (done.returncode, done.stderr) == (1, f"nobody is in {empty}\n")
    assert not commands.builds.exists()
