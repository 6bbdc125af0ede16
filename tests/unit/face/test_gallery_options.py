"""What the gallery commands take, and print."""

import pytest
from typer.testing import CliRunner

from switchboard.gallery.app import app
from switchboard.gallery.plain import plain


@pytest.mark.parametrize("identity", ["..", ".", "", "a/../..", "a?b", "a" * 65])
def test_what_is_no_id_is_never_part_of_an_address(identity: str) -> None:
    """The room's address of `..` would be that of the gallery, which would be deleted."""
    done = CliRunner().invoke(app, ["remove", identity], env={"COLUMNS": "200"})
    assert done.exit_code == 2
    assert "an id is made of letters" in done.output


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Renée Zellweger", "Renée Zellweger"),
        ("نیلوفر\u200cها", "نیلوفر\u200cها"),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("red \x1b[31m", "red \ufffd[31m"),
        ("two\nlines\u2028more\r", "two\ufffdlines\ufffdmore\ufffd"),
        ("\u202egnp.exe", "\ufffdgnp.exe"),
        ("half \ud800", "half \ufffd"),
    ],
)
def test_a_text_of_strangers_is_shown_and_controls_nothing(text: str, shown: str) -> None:
    assert plain(text) == shown
