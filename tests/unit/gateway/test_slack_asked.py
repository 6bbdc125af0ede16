"""Stop and delete on Slack: what shortcut, button and modal say, and the modal's limits in every language."""

from typing import Any

import pytest

from contracts.control import DeleteRequested, StopRequested
from foundation.words import LANGUAGES, Language
from services.gateway.channels.slack import Place
from services.gateway.channels.slack_asked import (
    Asked,
    Demand,
    parse_confirmation,
    parse_pressed,
    parse_shortcut,
)
from services.gateway.slack_turns import Verdict
from services.gateway.slack_views import view_of
from tests.payloads import payload

PLACE = Place("T1", "C1", "1790000011.000201", "1790000010.000200")
TITLE_CHARACTERS = 24
"""Of a modal's title and buttons (docs.slack.dev, views)."""


def shortcut(**changes: Any) -> Any:
    return parse_shortcut(payload("slack-shortcut") | changes)


@pytest.mark.parametrize(("callback", "act"), [("abort_openai_api", "stop"), ("delete_message", "delete")])
def test_a_shortcut_names_the_message_its_thread_and_who_chose_it(callback: str, act: str) -> None:
    found = shortcut(callback_id=callback)
    assert (found.team, found.user, found.trigger_id) == ("T1", "U1", "555.666.ghi")
    assert found.response_url == "https://hooks.slack.com/app/T1/1/abc"
    assert (found.asked.act, found.asked.place, found.asked.user) == (act, PLACE, "U1")
    assert found.asked.conversation_id == "slack:T1:C1:1790000010.000200"


def test_an_answer_that_was_replied_to_is_no_thread_of_its_own() -> None:
    message = payload("slack-shortcut")["message"]
    found = shortcut(message=message | {"thread_ts": message["ts"]}, channel={"id": "D1"})
    assert found.asked.conversation_id == "slack:T1:D1"


def test_a_shortcut_away_from_any_message_asks_for_none() -> None:
    found = payload("slack-shortcut") | {"type": "shortcut"}
    for name in ("message", "channel", "response_url", "message_ts"):
        del found[name]
    chosen = parse_shortcut(found)
    assert chosen
    assert (chosen.act, chosen.asked, chosen.response_url) == ("stop", None, "")


def test_another_apps_shortcut_or_another_interaction_is_none() -> None:
    assert shortcut(callback_id="file_a_bug") is None
    assert shortcut(type="block_actions") is None


def test_a_confirmation_is_the_submitters_and_not_who_was_asked() -> None:
    found = payload("slack-confirmation")
    found["user"] = {"id": "U2"}
    asked = parse_confirmation(found)
    assert asked == Asked("delete", PLACE, "U2", "slack:T1:V1")
    event = asked.arrival().event
    assert isinstance(event, DeleteRequested)
    assert (event.message_id, event.conversation_id) == (PLACE.message_id, asked.conversation_id)


def test_who_confirms_from_another_company_acts_in_the_workspace_that_has_the_app() -> None:
    asked = parse_confirmation(payload("slack-confirmation") | {"team": {"id": "T2"}})
    assert asked
    assert asked.conversation_id == "slack:T1:C1:1790000010.000200"


def test_a_modals_answer_is_claimed_once_however_often_it_is_submitted() -> None:
    first = parse_confirmation(payload("slack-confirmation") | {"trigger_id": "1"})
    second = parse_confirmation(payload("slack-confirmation") | {"trigger_id": "2"})
    assert first
    assert second
    assert first.arrival().claims == second.arrival().claims


def test_another_view_confirms_nothing() -> None:
    found = payload("slack-confirmation")
    assert parse_confirmation(found | {"type": "view_closed"}) is None
    found["view"]["callback_id"] = "file_a_bug"
    assert parse_confirmation(found) is None


def test_what_a_modal_carries_comes_back_as_it_was_asked() -> None:
    asked = shortcut(callback_id="delete_message").asked
    found = payload("slack-confirmation")
    found["view"]["private_metadata"] = view_of(asked, "theirs", "delete", "en")["private_metadata"]
    confirmed = parse_confirmation(found)
    assert confirmed
    assert confirmed.place == asked.place


@pytest.mark.parametrize(("action_id", "kind"), [("stop", StopRequested), ("delete", DeleteRequested)])
def test_a_pressed_stop_or_delete_button_is_about_its_message(action_id: str, kind: type) -> None:
    found = payload("slack-button")
    found["actions"][0]["action_id"] = action_id
    (asked,) = parse_pressed(found)
    assert asked.place == Place("T1", "D1", "1790000001.000101", None)
    assert isinstance(asked.arrival().event, kind)


def test_another_button_is_neither() -> None:
    assert parse_pressed(payload("slack-button")) == []
    assert parse_pressed(payload("slack-shortcut")) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("act", ["stop", "delete"])
def test_a_modal_asks_before_it_acts(act: Demand, language: Language) -> None:
    asked = Asked(act, PLACE, "U1", "e1")
    view = view_of(asked, "theirs", act, language)
    assert view["submit"]
    titles = [view[name]["text"] for name in ("title", "submit", "close")]
    assert max(map(len, titles)) <= TITLE_CHARACTERS


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("verdict", ["not_mine", "not_theirs", "over"])
def test_a_modal_that_says_why_not_offers_nothing_to_submit(verdict: Verdict, language: Language) -> None:
    views = [view_of(Asked("stop", PLACE, "U1", "e1"), verdict, "stop", language)]
    views.append(view_of(None, "theirs", "stop", language))
    for view in views:
        assert view.keys() == {"type", "title", "close", "blocks"}
        assert view["blocks"][0]["text"]["text"]
