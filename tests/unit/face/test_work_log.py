"""The work log: what it remembers over stops and crashes."""

from pathlib import Path

import pytest

from switchboard.gallery.catalogue import Person, PhotoPlace
from switchboard.gallery.work_log import BuildRunning, Done, Seen, WorkLog, counts, dropped, read_log

ANN, BEN = Person("Ann", "ann"), Person("Ben", "ben")


def done(person: Person, *reasons: str, again: bool = False) -> Done:
    photos = tuple(Seen(reason=reason) for reason in reasons)
    return Done(key=person.key, fingerprint=person.fingerprint, photos=photos, again=again)


def test_who_is_done_stays_done_until_the_catalogue_says_something_new(tmp_path: Path) -> None:
    log = WorkLog(tmp_path)
    log.add(done(ANN, ""))
    log.close()
    log = WorkLog(tmp_path)
    assert log.is_done(ANN)
    assert not log.is_done(BEN)
    assert not log.is_done(Person("Ann", "ann", photos=(PhotoPlace("http://a/1.jpg"),)))


def test_who_could_not_be_had_is_not_done(tmp_path: Path) -> None:
    log = WorkLog(tmp_path)
    log.add(done(ANN, "not_downloaded", again=True))
    assert not log.is_done(ANN)


def test_a_line_that_a_crash_tore_costs_that_line_only(tmp_path: Path) -> None:
    log = WorkLog(tmp_path)
    log.add(done(ANN, "", "blurred"))
    log.add(done(BEN, ""))
    log.close()
    path = tmp_path / "log.jsonl"
    path.write_bytes(path.read_bytes()[:-10])
    log = WorkLog(tmp_path)
    assert (log.is_done(ANN), log.is_done(BEN)) == (True, False)
    log.add(done(BEN, "small"))
    log.close()
    assert counts(read_log(tmp_path)) == {"kept": 1, "blurred": 1, "small": 1}


def test_of_several_lines_about_a_person_the_last_holds(tmp_path: Path) -> None:
    log = WorkLog(tmp_path)
    log.add(done(ANN, "not_downloaded", again=True))
    log.add(done(ANN, ""))
    assert counts(log.of([ANN, BEN])) == {"kept": 1}


def test_one_build_at_a_time_holds_a_log(tmp_path: Path) -> None:
    log = WorkLog(tmp_path)
    with pytest.raises(BuildRunning):
        WorkLog(tmp_path)
    log.close()
    WorkLog(tmp_path).close()


def test_dropped_photos_are_told_by_reason_and_those_of_older_builds_by_their_person() -> None:
    ann = Done(
        key="ann",
        fingerprint="",
        photos=(Seen(place="1.jpg"), Seen(reason="small", place="2.jpg"), Seen(reason="small")),
    )
    ben = Done(key="ben", fingerprint="", photos=(Seen(reason="not_found", place="Ben"),))
    assert dropped([ann, ben]) == {"small": ["2.jpg", "ann"], "not_found": ["Ben"]}
