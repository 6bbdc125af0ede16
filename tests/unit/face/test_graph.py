"""The graph of the nmslib engine: built aside, kept on disk, shared, and rid of who is removed."""

import subprocess
import sys
from pathlib import Path
from threading import Event, Thread

import numpy as np
import psutil
import pytest

from services.face.hnsw_index import HnswIndex
from tests.synthetic_faces import Vectors, enrolled, other_photos, strangers
from tests.waiting import until

PEOPLE = enrolled(3000)


def filled(vectors: Vectors, folder: Path | None = None, least: int = 0) -> HnswIndex:
    index = HnswIndex(folder, least)
    for number, vector in enumerate(vectors):
        index.add(str(number), vector)
    return index


def graphs(folder: Path) -> list[Path]:
    return list(folder.glob("graph-*.bin"))


def builders() -> list[psutil.Process]:
    return [one for one in psutil.Process().children() if "services.face.hnsw_index" in one.cmdline()]


def truth(gallery: Vectors, probes: Vectors) -> list[str]:
    return [str(np.linalg.norm(gallery - probe, axis=1).argmin()) for probe in probes]


def test_strangers_and_enrolled_people_get_their_nearest_as_by_an_exact_scan() -> None:
    index = filled(PEOPLE)
    index.refresh()
    assert not index.stale()
    for probes in (strangers(500), other_photos(500)):
        assert [index.search(probe, 1)[0][0] for probe in probes] == truth(PEOPLE, probes)


def test_a_built_graph_is_there_after_a_restart_and_not_built_again(tmp_path: Path) -> None:
    first = filled(PEOPLE, tmp_path)
    first.refresh()
    [graph] = graphs(tmp_path)
    again = filled(PEOPLE, tmp_path)
    assert again.stale()
    again.load()
    assert not again.stale()
    again.refresh()
    assert graphs(tmp_path) == [graph]
    assert again.search(PEOPLE[7], 3) == first.search(PEOPLE[7], 3)


def test_who_came_after_the_kept_graph_was_built_is_found_all_the_same(tmp_path: Path) -> None:
    filled(PEOPLE[:2000], tmp_path).refresh()
    again = filled(PEOPLE, tmp_path)
    again.load()
    assert [again.search(PEOPLE[n], 1)[0] for n in range(1990, 2010)] == [
        (str(n), 0.0) for n in range(1990, 2010)
    ]


def test_another_processs_graph_is_taken_over_instead_of_building_one(tmp_path: Path) -> None:
    one, other = filled(PEOPLE, tmp_path), filled(PEOPLE, tmp_path)
    one.refresh()
    [graph] = graphs(tmp_path)
    other.refresh()
    assert not other.stale()
    assert graphs(tmp_path) == [graph]


def test_a_build_that_is_stopped_leaves_the_old_graph(tmp_path: Path) -> None:
    filled(PEOPLE[:1500], tmp_path).refresh()
    [graph] = graphs(tmp_path)
    index = filled(PEOPLE, tmp_path)
    index.load()
    refreshing = Thread(target=index.refresh)
    refreshing.start()
    until(builders, "it is being built")
    index.close()
    refreshing.join(20)
    assert builders() == []
    assert graphs(tmp_path) == [graph]
    assert index.search(PEOPLE[2999], 1) == [("2999", 0.0)]
    again = filled(PEOPLE, tmp_path)
    again.load()
    again.refresh()
    assert not again.stale()
    assert graphs(tmp_path) != [graph]


def test_a_builder_that_dies_is_not_started_again_and_again(tmp_path: Path) -> None:
    index = filled(PEOPLE, tmp_path)
    refreshing = Thread(target=index.refresh)
    refreshing.start()
    [builder] = until(builders, "it is being built")
    builder.kill()
    refreshing.join(20)
    assert not index.stale()
    assert graphs(tmp_path) == []
    assert index.search(PEOPLE[5], 1) == [("5", 0.0)]


def test_a_graph_that_the_disk_has_no_room_for_takes_none(tmp_path: Path) -> None:
    (tmp_path / "graph.new").mkdir()  # the list cannot be written
    index = filled(PEOPLE[:1001], tmp_path)
    index.refresh()
    assert graphs(tmp_path) == []
    assert index.search(PEOPLE[7], 1)[0][0] == "7"


def test_a_removed_persons_embedding_leaves_the_graphs_file(tmp_path: Path) -> None:
    index = filled(PEOPLE, tmp_path)
    index.refresh()
    [graph] = graphs(tmp_path)
    assert PEOPLE[17].tobytes() in graph.read_bytes()
    index.remove("17")
    assert index.stale()
    index.refresh()
    assert not index.stale()
    content = graph.read_bytes()
    assert PEOPLE[17].tobytes() not in content
    assert sum(PEOPLE[n].tobytes() in content for n in (0, 16, 18, 2999)) == 4
    again = filled(PEOPLE, tmp_path)
    again.remove("17")
    again.load()
    assert [again.search(PEOPLE[n], 1)[0][0] for n in (16, 18)] == ["16", "18"]
    assert "17" not in [key for key, _ in again.search(PEOPLE[17], 10)]


def test_a_graph_that_is_used_no_more_leaves_the_disk(tmp_path: Path) -> None:
    filled(PEOPLE, tmp_path).refresh()
    index = filled(PEOPLE[:1500], tmp_path, least=2000)
    index.load()
    assert graphs(tmp_path) == []
    assert index.search(PEOPLE[5], 1) == [("5", 0.0)]


def test_who_comes_again_under_the_id_of_before_is_found_after_a_restart(tmp_path: Path) -> None:
    index = filled(PEOPLE, tmp_path)
    index.refresh()
    index.remove("17")
    index.refresh()
    index.add("17", PEOPLE[17])
    again = filled(PEOPLE, tmp_path)
    again.load()
    assert again.search(PEOPLE[17], 1) == index.search(PEOPLE[17], 1) == [("17", 0.0)]


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{}",
        b"\xff\xff",
        b'{"file": "graph-none.bin", "checksum": 3, "first": 0, "stride": 9, "unreachable": []}',
    ],
)
def test_a_graph_whose_list_is_damaged_is_built_anew(tmp_path: Path, damage: bytes) -> None:
    filled(PEOPLE[:1200], tmp_path).refresh()
    (tmp_path / "graph").write_bytes(damage)
    index = filled(PEOPLE[:1200], tmp_path)
    index.load()
    assert index.stale()
    index.refresh()
    assert not index.stale()
    assert index.search(PEOPLE[5], 1) == [("5", 0.0)]


@pytest.mark.parametrize("damage", ["cut short", "longer", "a link is another"])
def test_a_damaged_graph_is_not_loaded(tmp_path: Path, damage: str) -> None:
    filled(PEOPLE[:1200], tmp_path).refresh()
    [graph] = graphs(tmp_path)
    content = bytearray(graph.read_bytes())
    if damage == "cut short":
        del content[-100:]
    elif damage == "longer":
        content += b"more"
    else:
        content[content.find(PEOPLE[700].tobytes()) - 5] ^= 1
    graph.write_bytes(content)
    index = filled(PEOPLE[:1200], tmp_path)
    index.load()
    assert index.stale()


def test_only_the_owner_may_read_the_graph(tmp_path: Path) -> None:
    filled(PEOPLE[:1200], tmp_path).refresh()
    assert {path.stat().st_mode & 0o077 for path in tmp_path.iterdir()} == {0}


def test_below_the_crossover_there_is_no_graph(tmp_path: Path) -> None:
    index = filled(PEOPLE, tmp_path, least=3001)
    assert not index.stale()
    index.add("one more", strangers(1)[0])
    assert index.stale()


def test_a_refresh_aside_loses_nothing_that_happens_meanwhile() -> None:
    vectors = PEOPLE
    index = filled(vectors[:1000])
    done = Event()
    refreshing = Thread(target=lambda: (index.refresh(), done.set()))
    refreshing.start()
    for number in range(1000, 2000):
        index.add(str(number), vectors[number])
        index.remove(str(number - 1000))
    refreshing.join(60)
    assert done.is_set()
    assert [index.search(vectors[n], 1)[0][0] for n in range(1000, 2000)] == [
        str(n) for n in range(1000, 2000)
    ]


def test_only_many_changes_make_the_graph_stale() -> None:
    vectors = PEOPLE[:1300]
    index = filled(vectors[:1001])
    assert index.stale()
    index.refresh()
    assert not index.stale()
    index.add("one more", vectors[1300 - 1])
    assert not index.stale()


def test_nmslib_says_nothing_on_stderr() -> None:
    code = """
import numpy as np
from services.face.hnsw_index import HnswIndex

index = HnswIndex()
index.add("a", np.ones(128, dtype=np.float32))
index.refresh()
print(index.search(np.ones(128, dtype=np.float32), 1))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("[('a', 0.0)]\n", "")
