"""What a report says of a gallery."""

from itertools import combinations

import numpy as np

from contracts.face import EnrolledPhoto, Identity
from services.face.changes import Enrolled, PhotoAdded
from services.face.gallery import Gallery
from services.face.index import ExactIndex
from switchboard.gallery.catalogue import Person
from switchboard.gallery.figures import figures_of, neighbours_of, vectors_of
from switchboard.gallery.work_log import Done, Seen

RANDOM = np.random.default_rng(4)


def gallery_of(people: int, photos: int, found: dict[str, int] | None = None) -> Gallery:
    gallery = Gallery(ExactIndex, found=lambda key: (found or {}).get(key, 0))
    for number in range(people):
        key = f"id{number}"
        rows = RANDOM.normal(0, 0.05, (photos, 128)).astype(np.float32) + RANDOM.normal(0, 0.05, 128)
        rows = rows.astype(np.float32)
        gallery.apply(Enrolled(Identity(id=key, name=f"Name {number}"), rows[0]))
        for photo in range(1, photos):
            gallery.apply(PhotoAdded(key, EnrolledPhoto(id=f"{key}-{photo}"), rows[photo]))
    return gallery


def test_neighbours_are_the_nearest_photos_of_different_people() -> None:
    vectors = vectors_of(gallery_of(30, 3))
    nearest, pairs = neighbours_of(vectors)
    between = np.linalg.norm(vectors.rows[:, np.newaxis] - vectors.rows, axis=2)
    true = {
        (a, b): between[np.ix_(vectors.owners == a, vectors.owners == b)].min()
        for a, b in combinations(range(30), 2)
    }
    for person in range(30):
        assert abs(nearest[person] - min(d for pair, d in true.items() if person in pair)) < 1e-3
    closest, a, b = pairs[0]
    assert (a, b) == min(true, key=lambda pair: true[pair])
    assert abs(closest - true[a, b]) < 1e-3


def test_a_report_says_who_was_found_and_who_never() -> None:
    gallery = gallery_of(3, 1, {"id1": 2, "id2": 5})
    figures = figures_of("g", gallery, vectors_of(gallery), [])
    assert [(one.name, one.found) for one in figures.found] == [("Name 2", 5), ("Name 1", 2)]
    assert [one.name for one in figures.never_found] == ["Name 0"]


def test_a_report_counts_what_builds_dropped() -> None:
    ann = Person("Ann", "ann")
    photos = (Seen(), Seen(reason="blurred"), Seen(reason="blurred"))
    gallery = gallery_of(2, 1)
    done = Done(key=ann.key, fingerprint=ann.fingerprint, photos=photos)
    assert figures_of("g", gallery, vectors_of(gallery), [done]).dropped == {"kept": 1, "blurred": 2}


def test_one_person_alone_has_no_neighbour() -> None:
    gallery = gallery_of(1, 2)
    figures = figures_of("g", gallery, vectors_of(gallery), [])
    assert (figures.people, figures.photos, figures.closest_pairs) == (1, 2, ())
    assert figures.neighbours.histogram.counts == ()
