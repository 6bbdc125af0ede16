"""The contracts of the next version, as the driver makes them, are newer and otherwise the same."""

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from contracts.event import EVENT, EVENT_VERSION
from contracts.turn import TURN_ITEM, TurnReply
from tests.chaos.overlay import make_overlay, path_of

WRITE = """
from contracts.event import EVENT, MessageSent
from contracts.reply import Reply
from contracts.turn import TurnReply
event = MessageSent(event_id="e", conversation_id="web:1", at=1, user={"id": "p"}, text="hello")
assert EVENT.validate_json(event.model_dump_json()) == event
assert EVENT.validate_json(event.model_copy(update={"v": 1}).model_dump_json()).v == 1
print(event.model_dump_json())
print(TurnReply(index=0, reply=Reply(text="hello")).model_dump_json())
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """An Event and a turn's item, as the next version writes them."""
    overlay = make_overlay(tmp_path_factory.mktemp("overlay"))
    done = subprocess.run([sys.executable, "-c", WRITE], env=path_of(overlay), capture_output=True, text=True)
    assert not done.returncode, done.stderr
    return done.stdout.splitlines()


def test_an_event_of_the_next_version_is_not_read_by_this_one(written: list[str]) -> None:
    assert f'"v":{EVENT_VERSION + 1}' in written[0]
    with pytest.raises(ValidationError):
        EVENT.validate_json(written[0])


def test_a_field_that_the_next_version_adds_is_passed_over(written: list[str]) -> None:
    assert "added_by_the_next_version" in written[1]
    item = TURN_ITEM.validate_json(written[1])
    assert isinstance(item, TurnReply)
    assert item.reply.text == "hello"


def test_the_overlay_leaves_the_project_as_it_is(tmp_path: Path) -> None:
    make_overlay(tmp_path)
    assert "added_by" not in Path("contracts/event.py").read_text("utf-8")
