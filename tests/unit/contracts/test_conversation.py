"""The conversation's id is one string and reads back."""

import pytest

from contracts.conversation import Conversation


@pytest.mark.parametrize(
    "text",
    [
        "telegram:default:1001",
        "telegram:support:-100123:7",
        "slack:T1:D1",
        "slack:T1:C1:1790000000.000100",
        "web:7d4c0000-0000-4000-8000-000000000000",
    ],
)
def test_an_id_reads_back_as_it_was_written(text: str) -> None:
    assert str(Conversation.parse(text)) == text


@pytest.mark.parametrize("text", ["", "web", "telegram:1", "sms:1:2", "slack:a:b:c:d"])
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="conversation id"):
        Conversation.parse(text)
