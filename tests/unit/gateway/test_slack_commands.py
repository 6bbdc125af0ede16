"""What the gateway makes of Slack's slash commands."""

import pytest

from contracts.control import StopRequested
from contracts.event import CommandGiven, MessageSent
from services.gateway.channels.slack_commands import StopCommand, parse_command, parse_stop_command
from tests.payloads import payload


def form(command: str, text: str) -> dict[str, str]:
    """A recorded command with other words."""
    return {**payload("slack-command"), "command": command, "text": text}


@pytest.mark.parametrize(
    ("command", "text", "name", "rest"),
    [
        ("/switchboard", "help", "help", ""),
        ("/switchboard", "START", "start", ""),
        ("/switchboard", "", "help", ""),
        ("/switchboard", "new", "new", ""),
        ("/switchboard", "persona", "persona", ""),
        ("/switchboard", "persona pirate", "persona", "pirate"),
        ("/new", "", "new", ""),
        ("/persona", "", "persona", ""),
        ("/persona", "a kind pirate", "persona", "a kind pirate"),
    ],
)
def test_a_command_has_its_name_and_what_stands_behind_it(
    command: str, text: str, name: str, rest: str
) -> None:
    (arrival,) = parse_command(form(command, text))
    assert isinstance(arrival.event, CommandGiven)
    assert (arrival.event.name, arrival.event.text) == (name, rest)
    assert arrival.event.conversation_id == "slack:T1:D1"


@pytest.mark.parametrize(
    "text",
    [
        "hello there",
        "help me with my taxes",
        "stop smoking, how?",
        "start a fire",
        "new shoes",
        "persona non grata",
    ],
)
def test_a_question_that_begins_with_a_command_word_is_a_question(text: str) -> None:
    (arrival,) = parse_command(form("/switchboard", text))
    assert isinstance(arrival.event, MessageSent)
    assert arrival.event.text == text


@pytest.mark.parametrize(("command", "text"), [("/stop", ""), ("/stop", "now"), ("/switchboard", "Stop")])
def test_a_stop_names_person_and_channel_and_waits_for_its_conversation(command: str, text: str) -> None:
    assert parse_command(form(command, text)) == []
    stop = parse_stop_command(form(command, text))
    assert stop == StopCommand("T1", "D1", "U1", "slack:T1:333.444.def")
    arrival = stop.arrival("slack:T1:D1:1.1")
    assert isinstance(arrival.event, StopRequested)
    assert (arrival.event.conversation_id, arrival.event.user.id) == ("slack:T1:D1:1.1", "U1")
    assert arrival.claims == ("slack:T1:333.444.def",)


@pytest.mark.parametrize(("command", "text"), [("/switchboard", "stop smoking"), ("/new", "stop")])
def test_any_other_command_is_no_stop(command: str, text: str) -> None:
    assert parse_stop_command(form(command, text)) is None


def test_a_command_in_a_channel_that_is_never_answered_is_not() -> None:
    found = form("/switchboard", "help") | {"channel_id": "C1", "channel_name": "general"}
    assert parse_command(found, {"C1": "never"}) == []
    assert parse_command(found, {"C2": "never"}) != []
    assert parse_command(form("/switchboard", "help"), {"*": "never"}) != []
