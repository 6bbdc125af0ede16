"""The doctor hears every room, and one that cannot even be read does not silence the others."""

import sys
from io import StringIO
from types import ModuleType

import pytest
from rich.console import Console

from switchboard.check import Check
from switchboard.doctor import examine, table_of


@pytest.fixture
def rooms(monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """Two rooms of the test's own: one that answers, one whose settings are broken."""

    async def well() -> list[Check]:
        return [Check("redis", "ok", "7.0")]

    async def ill() -> list[Check]:
        raise ValueError("SLACK_SIGNING_SECRET is missing")

    for name, checks in (("well", well), ("ill", ill)):
        module = ModuleType(f"switchboard.{name}")
        module.checks = checks  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return "ill", "well"


async def test_a_room_that_cannot_be_read_is_one_failed_check(rooms: tuple[str, ...]) -> None:
    (first_room, first), (second_room, second) = await examine(rooms)
    assert (first_room, first.state) == ("ill", "failed")
    assert "SLACK_SIGNING_SECRET is missing" in first.detail
    assert (second_room, second.state) == ("well", "ok")


def test_a_long_path_is_printed_whole() -> None:
    path = "/" + "/".join(f"folder-{number}" for number in range(30))
    paper = StringIO()
    Console(file=paper, width=80).print(table_of([("face", Check("models", "ok", path))]))
    _, *lines = paper.getvalue().splitlines()
    assert path in "".join(line.split()[-1] for line in lines)
