"""One suite for every search engine of the face room: what the Index Protocol promises."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from services.face.hnsw_index import HnswIndex
from services.face.index import ExactIndex, Index

Vectors = NDArray[np.float32]


def people(count: int, seed: int = 7) -> Vectors:
    """Made-up embeddings like dlib's: about 1.5 long, with a common mean, strangers about 0.9 apart."""
    chance = np.random.default_rng(seed)
    mean = np.zeros(128)
    mean[:2] = 0.95
    spread = 0.12 * 0.97 ** np.arange(128)
    return (mean + chance.normal(size=(count, 128)) * spread).astype(np.float32)


def filled(make: Callable[[], Index], vectors: Vectors) -> Index:
    index = make()
    for number, vector in enumerate(vectors):
        index.add(str(number), vector)
    return index


ENGINES: dict[str, Callable[[], Index]] = {
    "exact": ExactIndex,
    "hnsw": HnswIndex,
    "hnsw refreshed": HnswIndex,
    "auto, few people": lambda: HnswIndex(least=10_000),
}


@pytest.fixture(params=ENGINES)
def make(request: pytest.FixtureRequest) -> Callable[[], Index]:
    return ENGINES[request.param]


@pytest.fixture
def settle(request: pytest.FixtureRequest) -> Callable[[Index], None]:
    """Refreshes, where the case is about a refreshed index."""
    refreshed = "hnsw refreshed" in request.node.name
    return lambda index: index.refresh() if refreshed else None


Settle = Callable[[Index], None]
Make = Callable[[], Index]


def test_an_empty_index_finds_nobody(make: Make, settle: Settle) -> None:
    index = make()
    settle(index)
    assert index.search(people(1)[0], 3) == []


def test_everybody_is_found_by_their_own_embedding_at_distance_0(make: Make, settle: Settle) -> None:
    vectors = people(300)
    index = filled(make, vectors)
    settle(index)
    assert [index.search(vector, 1)[0] for vector in vectors] == [(str(n), 0.0) for n in range(300)]


def test_neighbours_come_nearest_first_with_their_true_distances(make: Make, settle: Settle) -> None:
    vectors, probes = people(300), people(20, seed=8)
    index = filled(make, vectors)
    settle(index)
    for probe in probes:
        truth = np.linalg.norm(vectors - probe, axis=1)
        found = index.search(probe, 5)
        assert [key for key, _ in found] == [str(n) for n in np.argsort(truth)[:5]]
        assert [distance for _, distance in found] == pytest.approx(np.sort(truth)[:5], abs=1e-5)


def test_asking_for_more_than_there_are_gives_all(make: Make, settle: Settle) -> None:
    index = filled(make, people(3))
    settle(index)
    assert len(index.search(people(1)[0], 10)) == 3


def test_a_newcomer_is_found_at_once(make: Make, settle: Settle) -> None:
    vectors = people(50)
    index = filled(make, vectors[:49])
    settle(index)
    index.add("new", vectors[49])
    assert index.search(vectors[49], 1) == [("new", 0.0)]
    assert len(index) == 50


def test_a_removed_person_is_never_found_again(make: Make, settle: Settle) -> None:
    vectors = people(60)
    index = filled(make, vectors)
    settle(index)
    for number in range(0, 60, 2):
        index.remove(str(number))
    for _ in range(2):
        found = {key for vector in vectors for key, _ in index.search(vector, 10)}
        assert found == {str(number) for number in range(1, 60, 2)}
        settle(index)
    assert len(index) == 30


def test_the_table_follows_every_change(make: Make, settle: Settle) -> None:
    vectors = people(200)
    index = filled(make, vectors)
    settle(index)
    index.remove("17")
    keys, rows = index.vectors()
    assert sorted(keys) == sorted({str(n) for n in range(200)} - {"17"})
    assert np.array_equal(rows, vectors[[int(key) for key in keys]])


BAD = {
    "too short": np.zeros(127, dtype=np.float32),
    "too long": np.zeros(129, dtype=np.float32),
    "two of them": np.zeros((2, 128), dtype=np.float32),
    "float64": np.zeros(128),
    "not a number": np.full(128, np.nan, dtype=np.float32),
    "infinite": np.full(128, np.inf, dtype=np.float32),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_what_is_no_embedding_is_refused(make: Make, settle: Settle, bad: Vectors) -> None:
    index = filled(make, people(10))
    settle(index)
    with pytest.raises(ValueError, match="an embedding is"):
        index.add("bad", bad)
    with pytest.raises(ValueError, match="an embedding is"):
        index.search(bad, 1)
    assert len(index) == 10


def test_a_key_that_is_there_is_refused(make: Make, settle: Settle) -> None:
    index = filled(make, people(2))
    settle(index)
    with pytest.raises(ValueError, match="already"):
        index.add("1", people(1)[0])


def test_who_is_there_can_be_asked_for(make: Make, settle: Settle) -> None:
    vectors = people(20)
    index = filled(make, vectors)
    settle(index)
    index.remove("3")
    assert ("4" in index, "3" in index) == (True, False)
    assert np.array_equal(index.get("4"), vectors[4])
    with pytest.raises(KeyError):
        index.get("3")


def test_the_nearest_who_are_left_are_found_however_many_before_them_were_removed(
    make: Make, settle: Settle
) -> None:
    vectors = people(1500)
    index = filled(make, vectors)
    settle(index)
    order = np.argsort(np.linalg.norm(vectors - vectors[0], axis=1))
    for number in order[:900]:
        index.remove(str(number))
    assert [key for key, _ in index.search(vectors[0], 3)] == [str(number) for number in order[900:903]]


def test_removing_who_is_not_there_is_refused(make: Make, settle: Settle) -> None:
    index = filled(make, people(2))
    settle(index)
    with pytest.raises(KeyError):
        index.remove("2")
