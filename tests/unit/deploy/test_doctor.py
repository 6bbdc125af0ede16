"""The doctor hears every room, and one that cannot even be read does not silence the others."""

import sys
from types import ModuleType

import pytest

from switchboard.check import Check
from switchboard.doctor import examine


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
