"""What the gallery commands say."""

import json
from pathlib import Path

import pytest

from switchboard.gallery.said import no_gallery, sentence
from switchboard.gallery.summary import SHOWN, tell_dropped, tell_strangers
from switchboard.gallery.work_log import Done, Seen


@pytest.mark.parametrize(
    ("title", "detail", "said"),
    [
        ("The photo is damaged", "its header is broken", "The photo is damaged: its header is broken."),
        ("No face was found in the photo", "", "No face was found in the photo."),
        ("It is full.", "wait a little.", "It is full: wait a little."),
        ("", "nothing else", "nothing else."),
    ],
)
def test_a_problem_is_one_sentence(title: str, detail: str, said: str) -> None:
    assert sentence(title, detail) == said


def test_a_gallery_that_is_missing_is_told_beside_those_that_are_not() -> None:
    assert no_gallery("a", ["b", "c"]) == "There is no gallery 'a': there are b, c."
    assert no_gallery("a", []) == "There is no gallery 'a': there is none yet."


def test_the_terminal_names_a_few_photos_and_the_file_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = [f"{number}.jpg" for number in range(SHOWN + 3)]
    photos = tuple(Seen(reason="blurred", place=place) for place in places)
    tell_dropped([Done(key="ann", fingerprint="", photos=photos)], tmp_path / "dropped.json")
    said = capsys.readouterr().out
    assert f"  dropped, blurred: {len(places)}\n" in said
    assert [place in said for place in places] == [True] * SHOWN + [False] * 3
    assert "    and 3 more\n" in said
    assert json.loads((tmp_path / "dropped.json").read_text()) == {"blurred": places}


def test_what_is_no_photo_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    tell_strangers([])
    assert capsys.readouterr().out == ""
    tell_strangers([Path("notes.txt")])
    assert capsys.readouterr().out == "1 file is not a photo:\n    notes.txt\n"
    tell_strangers([Path("a"), Path("b")])
    assert capsys.readouterr().out == "2 files are not photos:\n    a\n    b\n"
