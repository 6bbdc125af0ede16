"""Who is on a list."""

import pytest

from contracts.control import StopRequested
from contracts.event import Person
from foundation.allowing import AllowList
from tests.builders import NOON

GROUP = "telegram:default:-100123"


def allows(entries: str, conversation_id: str, person: str = "42") -> bool:
    user = Person(id=person)
    event = StopRequested(event_id="e1", conversation_id=conversation_id, at=NOON, user=user)
    return AllowList(entries).allows(event)


@pytest.mark.parametrize(
    ("entries", "conversation_id"),
    [
        ("*", "web:c1"),
        ("web", "web:c1"),
        ("slack:T1", "slack:T1:C5:1700.1"),
        ("slack:T1:C5", "slack:T1:C5:1700.1"),
        (GROUP, f"{GROUP}:7"),
        ("telegram@42", GROUP),
        ("slack, telegram@42", "telegram:default:42"),
        ("slack\n telegram@42 ", "telegram:default:42"),
    ],
)
def test_a_person_a_chat_a_workspace_and_a_channel_can_be_let_in(entries: str, conversation_id: str) -> None:
    assert allows(entries, conversation_id)


@pytest.mark.parametrize(
    ("entries", "conversation_id"),
    [
        ("", "web:c1"),
        ("telegram", "web:c1"),
        ("slack:T1", "slack:T12:C5"),
        ("slack:T1:C5", "slack:T1:C6"),
        ("telegram@4", GROUP),
        ("slack@42", GROUP),
        ("telegram:42", GROUP),
    ],
)
def test_who_is_not_named_is_not_let_in(entries: str, conversation_id: str) -> None:
    assert not allows(entries, conversation_id)
