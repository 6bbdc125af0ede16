"""Every recorded delivery becomes Events that the other rooms can read, or none."""

import pytest
from pydantic import TypeAdapter

from contracts.control import Control
from contracts.conversation import Conversation
from contracts.event import Event
from contracts.inbox import Arrival
from services.gateway.channels import slack, slack_asked, slack_commands, telegram
from tests.payloads import FOLDER, payload

READABLE: TypeAdapter[Event | Control] = TypeAdapter(Event | Control)
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))
NOT_ANSWERED = {"slack-own", "slack-edit", "slack-join", "slack-mention-as-message"}


def arrivals(name: str) -> list[Arrival]:
    """What the gateway makes of a recorded delivery."""
    found = payload(name)
    if name.startswith("telegram"):
        return telegram.parse(found, "default", "test_bot")
    if "command" in found:
        return slack_commands.parse_command(found)
    shortcut = slack_asked.parse_shortcut(found)
    asked = shortcut.asked if shortcut else slack_asked.parse_confirmation(found)
    return [asked.arrival()] if asked else slack.parse_interaction(found) or slack.parse_event(found)


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_delivery_is_read_back_as_it_was_written(name: str) -> None:
    for arrival in arrivals(name):
        _, _, event, overflow, claims = arrival.arguments(is_full=True)
        assert READABLE.validate_json(event) == arrival.event
        assert READABLE.validate_json(overflow).kind == "conversation_overflowed"
        assert claims.split("\n") == list(arrival.claims)
        conversation = arrival.event.conversation_id
        assert str(Conversation.parse(conversation)) == conversation


def test_every_recorded_delivery_is_answered_but_those_that_are_not_for_the_bot() -> None:
    assert {name for name in NAMES if not arrivals(name)} == NOT_ANSWERED


@pytest.mark.parametrize("name", NAMES)
def test_no_name_of_a_person_travels(name: str) -> None:
    written = " ".join(arrival.event.model_dump_json() for arrival in arrivals(name)).lower()
    assert '"ann"' not in written
    assert "a group" not in written
