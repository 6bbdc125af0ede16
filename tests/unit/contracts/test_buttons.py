"""A button that opens a page, between rooms of this version and the one before."""

import json
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from contracts.reply import Button, Reply


class _ButtonBefore(BaseModel):
    """As rooms read it that know no pages."""

    model_config = ConfigDict(frozen=True)

    title: str
    payload: str


def test_a_room_that_knows_no_pages_reads_the_button() -> None:
    told = Button(title="Listen", payload="Listen", url="https://widget.example/").model_dump_json()
    assert _ButtonBefore.model_validate_json(told) == _ButtonBefore(title="Listen", payload="Listen")


def test_a_reply_written_before_there_were_pages_is_read() -> None:
    kept: dict[str, Any] = {"text": "Sure?", "buttons": [{"title": "Yes", "payload": "/affirm"}]}
    [button] = Reply.model_validate_json(json.dumps(kept)).buttons
    assert (button.payload, button.url, button.link) == ("/affirm", None, None)


@pytest.mark.parametrize(
    ("url", "is_link"),
    [
        ("https://widget.example/?id=1", True),
        ("HTTP://widget.example", True),
        ("https://", False),
        ("https:///x", False),
        ("javascript:alert(1)", False),
        ("https://a b", False),
        ("https://a.example/\n", False),
        ("//widget.example", False),
        ("", False),
    ],
)
def test_only_addresses_of_the_web_are_links(url: str, is_link: bool) -> None:
    assert Button(title="Go", payload="", url=url).link == (url if is_link else None)
    assert Reply(image=url).image_link == (url if is_link else None)
