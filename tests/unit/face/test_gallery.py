"""Galleries in memory: who is nearest, and how alike in percent."""

import numpy as np
import pytest
from numpy.typing import NDArray

from contracts.face import Identity
from services.face.gallery import Gallery, distance_between, is_same_person
from services.face.index import ExactIndex
from services.face.percent import Strangers, fit_strangers

Vectors = NDArray[np.float32]


def embedding(*start: float) -> Vectors:
    vector = np.zeros(128, dtype=np.float32)
    vector[: len(start)] = start
    return vector


def scattered(count: int, seed: int = 3) -> Vectors:
    return np.random.default_rng(seed).normal(0, 0.08, (count, 128)).astype(np.float32)


def gallery_of(vectors: Vectors, same_name: bool = False) -> Gallery:
    gallery = Gallery(ExactIndex)
    for number, vector in enumerate(vectors):
        name = "Ada" if same_name else f"Person {number}"
        gallery.enroll(Identity(id=str(number), name=name), vector)
    return gallery


def test_the_nearest_come_first_with_distance_percent_and_verdict() -> None:
    gallery = gallery_of(np.stack([embedding(0.9), embedding(0.3), embedding(0, 0.688)]))
    matches = gallery.nearest(embedding(), 3)
    assert [(m.identity.id, m.distance, m.same_person) for m in matches] == [
        ("1", pytest.approx(0.3), True),
        ("2", pytest.approx(0.688), False),
        ("0", pytest.approx(0.9), False),
    ]
    assert [m.percent for m in matches] == [100, 50, 0]


def test_people_are_listed_by_name_whatever_its_case() -> None:
    gallery = Gallery(ExactIndex)
    for number, name in enumerate(["chen", "Ada", "Bob"]):
        gallery.enroll(Identity(id=str(number), name=name), embedding(number))
    assert [one.name for one in gallery.identities()] == ["Ada", "Bob", "chen"]


def test_who_is_removed_is_gone() -> None:
    gallery = gallery_of(np.stack([embedding(1), embedding(2)]))
    gallery.remove("0")
    assert (len(gallery), gallery.get("0")) == (1, None)
    assert [m.identity.id for m in gallery.nearest(embedding(1), 5)] == ["1"]
    with pytest.raises(KeyError):
        gallery.remove("0")


def test_a_small_gallery_takes_its_percent_from_what_was_measured() -> None:
    assert gallery_of(scattered(49)).percent(0.688) == 50
    assert gallery_of(scattered(80), same_name=True).percent(0.688) == 50


def test_a_large_gallery_takes_its_percent_from_its_own_people() -> None:
    vectors = scattered(400)
    gallery = gallery_of(vectors)
    strangers = [gallery.nearest(probe, 1)[0].percent for probe in scattered(300, seed=4)]
    assert 35 < np.median(strangers) < 65
    assert np.percentile(strangers, 10) < 30
    assert np.percentile(strangers, 90) > 70


def test_the_percent_is_fitted_anew_after_a_change() -> None:
    gallery = gallery_of(scattered(60))
    before = gallery.percent(1.0)
    for number, vector in enumerate(scattered(60, seed=5) * 0.5):
        gallery.enroll(Identity(id=f"new {number}", name=f"New {number}"), vector)
    assert gallery.percent(1.0) != before


def test_a_persons_other_photos_do_not_count_as_strangers() -> None:
    one_each = scattered(60)
    twice = np.concatenate([one_each, one_each + np.float32(0.001)])
    people = np.arange(60)
    alone = fit_strangers(one_each, people)
    doubled = fit_strangers(twice, np.concatenate([people, people]))
    assert doubled.mean == pytest.approx(alone.mean, rel=0.02)


def test_alike_people_who_are_all_equally_far_apart_do_not_break_the_fit() -> None:
    assert fit_strangers(np.eye(128, dtype=np.float32), np.arange(128)) == Strangers()


@pytest.mark.parametrize(("distance", "percent"), [(0.0, 100), (0.688, 50), (0.729, 16), (1.5, 0)])
def test_the_percent_follows_the_normal_distribution(distance: float, percent: int) -> None:
    assert Strangers().percent(distance) == percent


def test_the_same_person_is_nearer_than_0_55() -> None:
    assert is_same_person(0.5499)
    assert not is_same_person(0.55)
    assert distance_between(embedding(3), embedding(0, 4)) == pytest.approx(5)
