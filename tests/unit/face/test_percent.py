"""The percent: spread evenly over strangers whatever the gallery's size, and true as it grows."""

from itertools import pairwise

import numpy as np
import pytest

from contracts.face import EnrolledPhoto, Identity
from services.face.changes import Enrolled, PhotoAdded, Removed
from services.face.gallery import Gallery
from services.face.percent import Strangers, expected_strangers, fit_strangers
from tests.synthetic_faces import SyntheticFaces, Vectors, enrolled, other_photos, strangers
from tests.unit.face.gallery_builders import gallery_of

PROBES = strangers(1000)


def nearest_distances(gallery: Vectors, probes: Vectors) -> Vectors:
    best = np.full(len(probes), np.inf, dtype=np.float32)
    for start in range(0, len(gallery), 4096):
        rows = gallery[start : start + 4096]
        np.minimum(best, (np.einsum("ij,ij->i", rows, rows) - 2 * (probes @ rows.T)).min(axis=1), out=best)
    return np.sqrt(best + np.einsum("ij,ij->i", probes, probes))


def fit(gallery: Vectors) -> Strangers:
    return fit_strangers(gallery.T.copy(), np.arange(len(gallery), dtype=np.int32))


def unevenness(percentiles: list[float]) -> float:
    """The Kolmogorov-Smirnov distance from an even spread over 0 to 100."""
    shares = np.sort(percentiles) / 100
    places = np.arange(len(shares) + 1) / len(shares)
    return float(max(np.abs(shares - places[1:]).max(), np.abs(shares - places[:-1]).max()))


@pytest.mark.parametrize("people", [1000, 12_000, 100_000])
def test_percents_of_strangers_are_spread_evenly_and_hardly_anybody_is_taken_for_another(people: int) -> None:
    gallery = enrolled(people)
    found = fit(gallery)
    distances = nearest_distances(gallery, PROBES)
    assert unevenness([found.percentile(d) for d in distances]) <= 0.06
    assert np.mean(distances < found.same_person_distance) < 0.01
    same = np.linalg.norm(gallery[:1000] - other_photos(1000), axis=1)
    assert np.mean(same < found.same_person_distance) > 0.98


def test_a_percent_means_the_same_before_and_after_the_gallery_grew() -> None:
    """Somebody's percent is their place among people, which a larger gallery does not change on average."""
    everybody = enrolled(100_000)
    medians = []
    for people in (1000, 12_000, 100_000):
        found = fit(everybody[:people])
        medians.append(
            np.median([found.percentile(d) for d in nearest_distances(everybody[:people], PROBES)])
        )
    assert max(medians) - min(medians) < 6
    assert medians == pytest.approx([50] * 3, abs=6)


def test_the_percent_falls_as_the_distance_grows_without_a_jump_even_beyond_the_sample() -> None:
    for found in (fit(enrolled(1000)), expected_strangers(3)):
        percentiles = [found.percentile(d) for d in np.linspace(0, 2, 20_001)]
        assert percentiles[0] == pytest.approx(100, abs=1e-6)
        assert percentiles[-1] == pytest.approx(0, abs=1e-6)
        steps = [before - after for before, after in pairwise(percentiles)]
        assert min(steps) >= 0
        assert max(steps) < 1


def test_people_who_are_enrolled_twice_hardly_lower_the_threshold() -> None:
    alone = enrolled(1000)
    twice = np.concatenate([alone, other_photos(40)])
    assert fit(twice).same_person_distance == pytest.approx(fit(alone).same_person_distance, abs=0.03)


def test_a_persons_other_photos_do_not_count_as_strangers() -> None:
    faces = SyntheticFaces()
    people = faces.people(300)
    gallery = gallery_of(faces.photos(people))
    before = gallery.statistics.mean
    for number, row in enumerate(faces.photos(people, take=1)):
        gallery.apply(PhotoAdded(str(number), EnrolledPhoto(id=f"{number} b"), row))
    assert gallery.statistics.mean == pytest.approx(before, abs=0.03)
    assert gallery.statistics.people == 300


def test_photos_enrolled_one_by_one_under_one_name_are_one_persons() -> None:
    doubled = np.concatenate([enrolled(100), other_photos(100)])
    gallery = gallery_of(doubled, name=lambda number: f"Person {number % 100}")
    assert (gallery.statistics.people, len(gallery)) == (100, 200)
    assert min(gallery.statistics.distances) > 0.5


def test_the_fit_follows_every_change_of_a_small_gallery() -> None:
    gallery = gallery_of(enrolled(60))
    before = gallery.statistics
    assert gallery.statistics is before
    gallery.apply(Removed("7"))
    assert (before.people, gallery.statistics.people) == (60, 59)


def test_a_large_gallery_is_fitted_anew_when_it_has_changed_by_a_twentieth() -> None:
    gallery = gallery_of(enrolled(4000))
    assert gallery.stale()
    assert gallery.statistics == expected_strangers(4000)
    gallery.refresh()
    assert not gallery.stale()
    fitted = gallery.statistics
    more = strangers(300, seed=2)
    for number in range(200):
        gallery.apply(Enrolled(Identity(id=f"new {number}", name=f"New {number}"), more[number]))
    assert not gallery.stale()
    gallery.apply(Enrolled(Identity(id="one more", name="One more"), more[200]))
    assert gallery.stale()
    assert gallery.statistics is fitted
    gallery.refresh()
    assert gallery.statistics.people == 4201


def test_people_who_are_all_equally_far_apart_do_not_break_the_fit() -> None:
    assert fit(np.eye(128, dtype=np.float32)) == expected_strangers(128)


def test_an_empty_gallery_has_a_threshold_all_the_same() -> None:
    assert Gallery(lambda: gallery_of(enrolled(0)).index).same_person_distance == 0.6
