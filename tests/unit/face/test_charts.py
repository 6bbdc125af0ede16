"""A report's picture can be read."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from contracts.face import Quality
from switchboard.gallery.charts import figure_of
from switchboard.gallery.figures import figures_of, vectors_of
from switchboard.gallery.work_log import Done, Seen
from tests.unit.face.test_figures import gallery_of

QUALITIES = [
    Quality(eye_distance=40 + n, roll=n, yaw=n / 10, sharpness=100 * n, brightness=90 + n) for n in range(3)
]


@pytest.fixture(scope="module")
def picture() -> Iterator[Figure]:
    """Of twenty people and three photos that builds looked at, drawn."""
    gallery = gallery_of(20, 1)
    vectors = vectors_of(gallery)
    done = Done(key="ann", fingerprint="", photos=tuple(Seen(quality=one) for one in QUALITIES))
    figure = figure_of(figures_of("g", gallery, vectors, [done]), vectors)
    figure.draw_without_rendering()
    yield figure
    plt.close(figure)


def test_every_axis_says_what_it_counts_in_what_unit(picture: Figure) -> None:
    *histograms, _ = picture.axes
    assert len(histograms) == 6
    told = {axes.get_xlabel() for axes in histograms}
    assert {"pixels", "degrees, clockwise", "variance of the Laplacian", "mean grey, 0 to 255"} < told
    assert "" not in told
    assert [axes.get_ylabel() for axes in histograms] == ["number of people"] + ["number of photos"] * 5


def test_counts_have_whole_numbers_at_their_axis(picture: Figure) -> None:
    *histograms, _ = picture.axes
    for axes in histograms:
        ticks = axes.get_yticks()
        assert np.array_equal(ticks, ticks.round())


def test_no_name_is_written_over_a_dot_or_over_another_name(picture: Figure) -> None:
    axes = picture.axes[-1]
    dots = axes.transData.transform(axes.collections[0].get_offsets())
    names = [text.get_window_extent() for text in axes.texts if text.get_text().startswith("Name")]
    assert len(names) == len(dots) > 10
    for place, name in enumerate(names):
        assert not any(name.contains(*dot) for dot in dots)
        assert not any(name.overlaps(other) for other in names[:place])
