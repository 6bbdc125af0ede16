"""Galleries in memory: who is nearest, by which of their photos, and how that is told."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from contracts.face import EnrolledPhoto, Identity
from services.face.changes import Described, Description, Enrolled, PhotoAdded, PhotoRemoved, Removed
from services.face.gallery import Gallery, distance_between
from services.face.index import ExactIndex
from services.face.percent import Scale
from tests.synthetic_faces import enrolled, other_photos, strangers
from tests.unit.face.gallery_builders import embedding, gallery_of, vector


def test_the_nearest_come_first_with_distance_and_verdict() -> None:
    gallery = gallery_of(np.stack([embedding(0.9), embedding(0.3), embedding(0, 0.7)]))
    matches = gallery.nearest(embedding(), 3)
    assert [(m.identity.id, m.distance, m.same_person) for m in matches] == [
        ("1", pytest.approx(0.3), True),
        ("2", pytest.approx(0.7), False),
        ("0", pytest.approx(0.9), False),
    ]
    assert matches[0].percentile > matches[1].percentile > matches[2].percentile


def test_a_person_is_matched_once_by_the_nearest_of_their_photos() -> None:
    gallery = gallery_of(np.stack([embedding(0.9), embedding(0.5)]))
    for number in range(20):
        gallery.apply(PhotoAdded("0", EnrolledPhoto(id=f"more {number}"), embedding(0.1 + number / 100)))
    matches = gallery.nearest(embedding(), 2)
    assert [(m.identity.id, m.distance) for m in matches] == [("0", 0.1), ("1", 0.5)]
    assert [photo_id for photo_id, _ in gallery.embeddings("0")][:2] == ["0", "more 0"]
    assert len(gallery) == 2


def test_a_removed_photo_is_searched_no_more_and_the_next_is_shown_first() -> None:
    gallery = gallery_of(embedding(0.1)[np.newaxis])
    gallery.apply(PhotoAdded("0", EnrolledPhoto(id="b", licence="CC0", source="there"), embedding(0.4)))
    gallery.apply(PhotoRemoved("0", "0"))
    [match] = gallery.nearest(embedding(), 2)
    assert (match.identity.id, match.distance) == ("0", 0.4)
    assert (match.identity.licence, match.identity.source) == ("CC0", "there")
    assert [photo.id for photo in match.identity.photos] == ["b"]


def test_who_loses_the_last_photo_is_gone() -> None:
    gallery = gallery_of(embedding(1)[np.newaxis])
    gallery.apply(PhotoRemoved("0", "0"))
    assert (len(gallery), gallery.get("0"), gallery.nearest(embedding(), 1)) == (0, None, ())


def test_who_is_removed_is_gone_with_every_photo() -> None:
    gallery = gallery_of(np.stack([embedding(1), embedding(2)]))
    gallery.apply(PhotoAdded("0", EnrolledPhoto(id="b"), embedding(1.1)))
    gallery.apply(Removed("0"))
    assert (len(gallery), gallery.get("0"), "0" in gallery, gallery.has_photo("b")) == (1, None, False, False)
    assert [m.identity.id for m in gallery.nearest(embedding(1), 5)] == ["1"]


def test_what_happens_to_somebody_who_is_gone_does_nothing() -> None:
    gallery = gallery_of(embedding(1)[np.newaxis])
    for change in (
        Removed("x"),
        PhotoRemoved("x", "x"),
        PhotoAdded("x", EnrolledPhoto(id="y"), embedding(2)),
        Described("x", Description(name="X")),
    ):
        gallery.apply(change)
    assert [one.name for one in gallery.identities()] == ["Person 0"]
    assert not gallery.has_photo("y")


def test_who_is_described_anew_keeps_their_photos() -> None:
    gallery = gallery_of(embedding(1)[np.newaxis])
    gallery.apply(Described("0", Description(name="Ada", alias="ada", role="poet", n_movies=3)))
    [ada] = gallery.identities()
    assert (ada.name, ada.alias, ada.role, ada.n_movies, len(ada.photos)) == ("Ada", "ada", "poet", 3, 1)


def test_an_identity_or_a_photo_twice_is_refused_and_changes_nothing() -> None:
    gallery = gallery_of(np.stack([embedding(1), embedding(2)]))
    with pytest.raises(ValueError, match="already"):
        gallery.apply(Enrolled(Identity(id="0", name="Twice"), embedding(3)))
    with pytest.raises(ValueError, match="already"):
        gallery.apply(PhotoAdded("0", EnrolledPhoto(id="1"), embedding(3)))
    assert [len(one.photos) for one in gallery.identities()] == [1, 1]


def test_people_are_listed_by_name_whatever_its_case() -> None:
    gallery = gallery_of(np.eye(128, dtype=np.float32)[:4], name=["chen", "Ada", "Bob", "dora"].__getitem__)
    assert [one.name for one in gallery.identities()] == ["Ada", "Bob", "chen", "dora"]
    assert [one.name for one in gallery.identities(1, 2)] == ["Bob", "chen"]
    gallery.apply(Described("0", Description(name="Zoe")))
    gallery.apply(Removed("2"))
    gallery.apply(Enrolled(Identity(id="4", name="Bea"), embedding(4)))
    assert [one.name for one in gallery.identities()] == ["Ada", "Bea", "dora", "Zoe"]


def test_the_counts_of_who_was_found_are_told() -> None:
    gallery = Gallery(ExactIndex, found={"a": 3}.__getitem__)
    gallery.apply(Enrolled(Identity(id="a", name="Ada", found=99), embedding(1)))
    assert gallery.nearest(embedding(1), 1)[0].identity.found == 3


def test_an_identity_comes_back_as_it_was_given() -> None:
    given = Identity.model_validate(
        {
            "id": "a",
            "name": "Ada Λ",
            "alias": "ada",
            "n_movies": 0,
            "licence": "CC BY 4.0",
            "source": "https://example.org/a",
            "photo": {"width": 400, "height": 300},
            "box": {"left": -3, "top": 4, "width": 50, "height": 60},
        }
    )
    gallery = Gallery(ExactIndex)
    gallery.apply(Enrolled(given, embedding(1)))
    got = gallery.get("a")
    assert got
    assert got.model_copy(update={"photos": ()}) == given
    assert got.photos[0].model_dump() == {
        "id": "a",
        "size": {"width": 400, "height": 300},
        "box": {"left": -3, "top": 4, "width": 50, "height": 60},
        "licence": "CC BY 4.0",
        "author": "",
        "source": "https://example.org/a",
    }


@pytest.mark.parametrize("people", [0, 1, 2, 5, 20, 49, 50])
def test_a_gallery_of_any_size_answers_sensibly(people: int) -> None:
    gallery = gallery_of(enrolled(people))
    matches = [gallery.nearest(probe, 3) for probe in strangers(200)]
    assert {len(match) for match in matches} == {min(3, people)}
    assert 0.45 <= gallery.same_person_distance <= 0.6
    if people:
        percentiles = [match[0].percentile for match in matches]
        assert 30 < np.median(percentiles) < 70
        assert sum(match[0].same_person for match in matches) <= 2
        assert all(gallery.nearest(probe, 1)[0].same_person for probe in other_photos(people)[:3])
        assert gallery.nearest(enrolled(people)[0], 1)[0].percent == 100


@pytest.mark.parametrize(("floor", "percent"), [(0, [100, 50, 0]), (50, [100, 75, 50]), (99, [100, 100, 99])])
def test_the_shown_percent_rises_from_its_floor_to_100(floor: int, percent: list[int]) -> None:
    scale = Scale(floor=floor)
    assert [scale.percent(percentile) for percentile in (100, 50.4, 0)] == pytest.approx(percent, abs=0.5)


def test_the_normal_curve_is_another_scale_for_the_same_distances() -> None:
    people, probes = enrolled(400), strangers(50)
    by_sample, by_curve = gallery_of(people), gallery_of(people, scale=Scale("normal"))
    differences = [
        by_sample.nearest(probe, 1)[0].percentile - by_curve.nearest(probe, 1)[0].percentile
        for probe in probes
    ]
    assert 0 < np.abs(differences).max() < 15


def test_the_distance_of_two_embeddings_is_euclidean() -> None:
    assert distance_between(embedding(3), embedding(0, 4)) == pytest.approx(5)


def test_one_photo_and_a_page_of_photos_are_found_without_reading_everybody() -> None:
    read: list[str] = []

    def found(identity_id: str) -> int:
        read.append(identity_id)
        return 0

    gallery = Gallery(ExactIndex, found=found)
    for number in range(50):
        gallery.apply(Enrolled(Identity(id=f"{number:02}", name=f"Person {number:02}"), vector(number)))
        gallery.apply(PhotoAdded(f"{number:02}", EnrolledPhoto(id=f"{number:02}-2"), vector(100 + number)))
    owner = gallery.owner("31-2")
    assert owner
    assert (owner.id, gallery.owner("nobody's")) == ("31", None)
    assert read == ["31"]
    every = [(one.id, photo.id) for one in gallery.identities() for photo in one.photos]
    for offset, limit in ((0, 3), (7, 4), (99, 5), (100, 5), (0, 200)):
        read.clear()
        page = [(one.id, photo.id) for one, photo in gallery.photos(offset, limit)]
        assert page == every[offset : offset + limit]
        assert len(read) <= limit


class Interrupted(ExactIndex):
    """Something happens while its vectors are asked for."""

    meanwhile: Callable[[], object] | None = None

    def vectors(self) -> tuple[list[str], NDArray[np.float32]]:
        act, self.meanwhile = self.meanwhile, None
        if act:
            act()
        return super().vectors()


def test_two_fits_at_once_leave_no_later_change_unfitted() -> None:
    """A question fits a small gallery, maybe while the fit behind the last change is under way."""
    index = Interrupted()
    gallery = gallery_of(enrolled(60), make_index=lambda: index)
    index.meanwhile = lambda: gallery.statistics
    gallery.refresh()
    assert not gallery.stale()
    for number in range(60, 120):
        gallery.apply(Enrolled(Identity(id=str(number), name=str(number)), vector(number)))
        assert gallery.stale()
        assert gallery.statistics.people == number + 1
