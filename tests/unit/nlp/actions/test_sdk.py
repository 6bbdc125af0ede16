"""The interface that actions.py imports: what actions see, say and tell."""

import importlib
import sys
from datetime import datetime
from typing import Any

import pytest

from services.nlp.actions.sdk import events, install_sdk
from services.nlp.actions.sdk.executor import CollectingDispatcher
from services.nlp.actions.sdk.interfaces import ActionNotFoundException, Tracker
from services.nlp.actions.sdk.utils import Button, Element, all_subclasses, call_potential_coroutine

NAMES = {
    "rasa_sdk": "Action Tracker ValidationAction FormValidationAction ActionExecutionRejection",
    "rasa_sdk.executor": "CollectingDispatcher Action Tracker",
    "rasa_sdk.events": "SlotSet AllSlotsReset Restarted SessionStarted ActionExecuted UserUtteranceReverted "
    "ActionReverted FollowupAction ReminderScheduled ReminderCancelled ConversationPaused "
    "ConversationResumed StoryExported ActiveLoop Form LoopInterrupted ActionExecutionRejected "
    "BotUttered UserUttered EventType",
    "rasa_sdk.interfaces": "Tracker Action ActionExecutionRejection ActionNotFoundException",
    "rasa_sdk.types": "DomainDict TrackerState ActionCall",
    "rasa_sdk.forms": "FormAction FormValidationAction ValidationAction REQUESTED_SLOT Action SlotSet",
    "rasa_sdk.utils": "all_subclasses",
}


@pytest.mark.parametrize("module", NAMES)
def test_bots_find_each_name_where_rasa_has_it(module: str) -> None:
    install_sdk()
    loaded = importlib.import_module(module)
    assert [name for name in NAMES[module].split() if not hasattr(loaded, name)] == []


def test_installing_twice_changes_nothing() -> None:
    install_sdk()
    before = {name: module for name, module in sys.modules.items() if name.startswith("rasa_sdk")}
    install_sdk()
    after = {name: module for name, module in sys.modules.items() if name.startswith("rasa_sdk")}
    assert after == before
    assert "rasa_sdk.forms" in after


def test_events_of_1x_are_those_of_today() -> None:
    assert events.Form("a") == events.ActiveLoop("a")
    assert events.FormValidation(False) == events.LoopInterrupted(True)


def test_a_reminders_time_travels_as_text() -> None:
    reminder = events.ReminderScheduled("remind", datetime(2030, 1, 2, 3, 4, 5), name="r")
    assert (reminder["date_time"], reminder["intent"]) == ("2030-01-02T03:04:05", "remind")
    assert reminder["kill_on_user_msg"] is True


def tracker(*told: dict[str, Any], **parts: Any) -> Tracker:
    return Tracker.from_dict({"sender_id": "ann", "events": list(told), **parts})


def test_a_tracker_can_be_had_from_a_senders_name_alone() -> None:
    seen = tracker()
    assert (seen.slots, seen.latest_message, seen.active_loop_name) == ({}, {}, None)
    assert (seen.get_slot("a"), seen.get_latest_input_channel(), seen.is_paused()) == (None, None, False)
    assert seen.current_state()["latest_event_time"] is None


def test_the_loops_older_name_is_read_and_known() -> None:
    seen = tracker(active_form={"name": "a_form"})
    assert (seen.active_loop_name, seen.active_form) == ("a_form", {"name": "a_form"})


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (("city",), ["Oslo"]),
        (("city", "to"), ["Rome", "Nice"]),
        (("city", None, "1"), ["Bonn"]),
        (("land",), []),
    ],
)
def test_entity_values_are_those_of_the_very_role_and_group(wanted: Any, found: list[str]) -> None:
    entities = [
        {"entity": "city", "value": "Oslo", "role": ""},
        {"entity": "city", "value": "Rome", "role": "to"},
        {"entity": "city", "value": "Nice", "role": "to"},
        {"entity": "city", "value": "Bonn", "group": "1"},
    ]
    seen = tracker(latest_message={"entities": entities})
    assert list(seen.get_latest_entity_values(*wanted)) == found


def test_events_that_were_taken_back_do_not_count() -> None:
    def act(name: str) -> dict[str, Any]:
        return {"event": "action", "name": name}

    user = {"event": "user", "text": "hi"}
    told = [act("a"), {"event": "restart"}, act("b"), act("c"), {"event": "undo"}, act("action_listen"), user]
    told += [act("d"), {"event": "rewind"}, act("e")]
    seen = tracker(*told)
    assert seen.applied_events() == [act("b"), act("e")]
    assert seen.events_after_latest_restart() == told[2:]
    assert seen.last_executed_action_has("e")
    assert seen.last_executed_action_has("b", skip=1)
    assert seen.get_last_event_for("action", exclude=["e"]) == act("b")
    assert seen.get_last_event_for("user") is None


def test_slots_to_validate_are_those_at_the_very_end() -> None:
    seen = tracker(
        events.SlotSet("old", 1), {"event": "user"}, events.SlotSet("a", 1), events.SlotSet("b", 2)
    )
    assert list(seen.slots_to_validate().items()) == [("a", 1), ("b", 2)]


def test_a_copy_is_changed_alone() -> None:
    seen = tracker(slots={"a": []})
    other = seen.copy()
    other.slots["a"].append(1)
    other.add_slots([events.SlotSet("b", 2), events.Restarted()])
    assert (seen.slots, seen.events) == ({"a": []}, [])
    assert (other.slots, len(other.events)) == ({"a": [1], "b": 2}, 1)
    assert seen != other
    assert seen == tracker()


OLD_WAYS: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "utter_template": (("utter_hi", None), {"response": "utter_hi"}),
    "utter_button_template": (("utter_hi", [{"title": "A"}], None), {"buttons": [{"title": "A"}]}),
    "utter_button_message": (("Hi", [{"title": "A"}]), {"text": "Hi", "buttons": [{"title": "A"}]}),
    "utter_attachment": (("a.pdf",), {"attachment": "a.pdf"}),
    "utter_elements": (({"title": "C"}, {"title": "D"}), {"elements": [{"title": "C"}, {"title": "D"}]}),
    "utter_custom_message": (({"title": "C"},), {"elements": [{"title": "C"}]}),
    "utter_custom_json": (({"a": 1},), {"custom": {"a": 1}}),
    "utter_image_url": (("a.png",), {"image": "a.png"}),
}


@pytest.mark.parametrize("method", OLD_WAYS)
def test_the_1x_ways_of_speaking_say_the_same(method: str) -> None:
    arguments, said = OLD_WAYS[method]
    dispatcher = CollectingDispatcher()
    getattr(dispatcher, method)(*arguments, name="Ann")
    message = dispatcher.messages[0]
    assert {key: message[key] for key in said} == said
    assert message["name"] == "Ann"


def test_a_template_is_a_response_under_both_names() -> None:
    dispatcher = CollectingDispatcher()
    dispatcher.utter_message(template="utter_hi")
    assert (dispatcher.messages[0]["template"], dispatcher.messages[0]["response"]) == (
        "utter_hi",
        "utter_hi",
    )


def test_a_card_keeps_only_what_a_card_has() -> None:
    assert Element(title="A", colour="red") == {"title": "A"}
    assert Button(title="A", payload="/a") == {"title": "A", "payload": "/a"}


def test_subclasses_are_found_at_every_depth() -> None:
    class Top: ...

    class Child(Top): ...

    class Grandchild(Child): ...

    assert all_subclasses(Top) == [Child, Grandchild]


async def test_a_value_may_be_awaited_or_not() -> None:
    async def later() -> int:
        return 1

    assert [await call_potential_coroutine(value) for value in (1, later())] == [1, 1]


def test_an_unknown_action_names_itself() -> None:
    assert "'action_x'" in str(ActionNotFoundException("action_x"))
