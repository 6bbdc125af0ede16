"""The table of `make bench` and its figure."""

import json
from pathlib import Path

import pytest

from benchmarks.plots import FARTHEST, draw, times_better
from benchmarks.rows import Measured, Row, merged, read, today, write
from benchmarks.running import run

BARE = Row("no goal, no baseline", 3, "MB")
BESIDE = Row("a baseline only", 20, "req/s", 10, "another")
FEW = Row("few are better", 10, "ms", None, "", 40)
MANY = Row("many are better", 50, "/s", 60, "another", 100, True)


@pytest.mark.parametrize(
    ("row", "times"),
    [
        (BARE, None),
        (BESIDE, 2),
        (FEW, 4),
        (MANY, 0.5),
        (Row("nothing at all", 0, "MB", None, "", 5), FARTHEST),
        (Row("none of them", 0, "/s", None, "", 5, True), 1 / FARTHEST),
    ],
)
def test_a_row_is_so_many_times_better_than_its_goal_or_else_its_baseline(
    row: Row, times: float | None
) -> None:
    assert times_better(row) == times


@pytest.mark.parametrize("rows", [[BARE, BESIDE, FEW, MANY], [BARE], []])
def test_a_figure_is_drawn_whatever_the_rows_have(rows: list[Row], tmp_path: Path) -> None:
    draw(rows, tmp_path / "figure.png")
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")


def test_a_table_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    measured = [Measured(row, "2026-01-02") for row in (BARE, BESIDE, FEW, MANY)]
    write(measured, tmp_path)
    assert read(tmp_path) == measured
    assert "| many are better | 50 /s | 60 /s (another) | 0.833 | ≥ 100 | no | 2026-01-02 |" in (
        tmp_path / "results.md"
    ).read_text("utf-8")


def test_where_there_is_no_table_nothing_is_read(tmp_path: Path) -> None:
    assert read(tmp_path) == []


def test_a_row_without_a_date_is_as_old_as_its_table(tmp_path: Path) -> None:
    write([Measured(BARE, "2026-01-02")], tmp_path)
    found = json.loads((tmp_path / "results.json").read_text("utf-8"))
    del found["rows"][0]["date"]
    (tmp_path / "results.json").write_text(json.dumps(found | {"made": "2025-12-31, here"}), "utf-8")
    assert read(tmp_path) == [Measured(BARE, "2025-12-31")]


def test_a_row_that_is_measured_again_keeps_its_place_and_the_others_their_dates() -> None:
    old = [Measured(FEW, "2026-01-02"), Measured(MANY, "2026-01-02")]
    again = Measured(Row(FEW.name, 11, "ms", None, "", 40), "2026-02-03")
    new = Measured(BARE, "2026-02-03")
    assert merged(old, [again, new]) == [again, old[1], new]


def test_what_is_not_measured_this_time_stays_in_the_table(tmp_path: Path) -> None:
    long = [Measured(MANY, "2026-01-02")]
    write(long, tmp_path)
    for names in ((), ("short",)):
        run(names, {"short": lambda: [FEW]}, tmp_path, full=False)
        assert read(tmp_path) == [*long, Measured(FEW, today())]
    run(["short"], {"short": lambda: [FEW]}, tmp_path, full=True)
    assert read(tmp_path) == [*long, Measured(FEW, today())]


def test_what_nothing_measures_any_more_goes_when_everything_is_measured(tmp_path: Path) -> None:
    write([Measured(MANY, "2026-01-02")], tmp_path)
    run([], {"short": lambda: [FEW]}, tmp_path, full=True)
    assert read(tmp_path) == [Measured(FEW, today())]
