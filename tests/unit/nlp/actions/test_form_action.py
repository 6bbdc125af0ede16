"""Forms of Rasa 1.x, as their bots' Python has them."""

from pathlib import Path
from typing import Any

import pytest

from services.nlp.actions.base import ActionFailed, ActionRejected, ActionResult
from services.nlp.actions.local import LocalActions
from tests.unit.nlp.actions.bots import call, form, load

TRIP = """
class Trip(FormAction):
    def name(self):
        return "trip_form"

    @staticmethod
    def required_slots(tracker):
        more = ["hotel"] if tracker.get_slot("nights") == 2 else []
        return ["city", "nights", "note", *more]

    def slot_mappings(self):
        return {
            "nights": [self.from_entity("number"), self.from_intent(1, intent="one"),
                self.from_trigger_intent(7, intent="week")],
            "note": self.from_text(not_intent=["one", "chat"]),
            "hotel": [self.from_intent(True, intent="affirm"), self.from_intent(False, intent="deny")],
        }

    def validate_city(self, value, dispatcher, tracker, domain):
        if value == "Atlantis":
            dispatcher.utter_message(text="It sank.")
            return {"city": None}
        return {"city": value.title()}

    async def validate_nights(self, value, dispatcher, tracker, domain):
        return int(value)

    def submit(self, dispatcher, tracker, domain):
        dispatcher.utter_message(response="utter_done")
        return [SlotSet("booked", tracker.get_slot("city"))]
"""
IN_FORM = {"name": "trip_form"}


@pytest.fixture
def trip(tmp_path: Path) -> LocalActions:
    """A bot with the form above."""
    return load(tmp_path, TRIP)


def message(intent: str, text: str = "some text", **entities: Any) -> dict[str, Any]:
    found = [{"entity": name, "value": value} for name, value in entities.items()]
    return {"intent": {"name": intent}, "entities": found, "text": text}


async def ask(
    trip: LocalActions, heard: dict[str, Any], slots: dict[str, Any], loop: Any = None, **parts: Any
) -> ActionResult:
    known = dict.fromkeys(("city", "nights", "note", "hotel", "requested_slot")) | slots
    active = IN_FORM if loop is None else loop
    return await trip.run(call("trip_form", slots=known, latest_message=heard, active_loop=active, **parts))


def told(result: ActionResult) -> list[tuple[str, Any]]:
    return [
        (event["name"], event["value"]) if event["event"] == "slot" else (event["event"], event["name"])
        for event in result.events
    ]


def asked(result: ActionResult) -> list[str]:
    return [response["response"] or response["text"] for response in result.responses]


async def test_it_begins_and_asks_for_the_first_slot(trip: LocalActions) -> None:
    result = await ask(trip, message("book"), {}, loop={})
    assert told(result) == [("active_loop", "trip_form"), ("requested_slot", "city")]
    assert asked(result) == ["utter_ask_city"]


async def test_it_takes_what_the_first_message_says_and_its_intent_means(trip: LocalActions) -> None:
    result = await ask(trip, message("week", city="rome"), {}, loop={})
    assert told(result) == [
        ("active_loop", "trip_form"),
        ("city", "Rome"),
        ("nights", 7),
        ("requested_slot", "note"),
    ]


async def test_slots_known_before_are_validated_when_it_begins(trip: LocalActions) -> None:
    result = await ask(trip, message("book"), {"city": "rome"}, loop={})
    assert told(result) == [
        ("active_loop", "trip_form"),
        ("city", "Rome"),
        ("requested_slot", "nights"),
    ]


async def test_a_slot_that_validation_refuses_is_asked_for_again(trip: LocalActions) -> None:
    result = await ask(trip, message("inform", city="Atlantis"), {"requested_slot": "city"})
    assert told(result) == [("city", None), ("requested_slot", "city")]
    assert asked(result) == ["It sank.", "utter_ask_city"]


async def test_a_plain_value_of_an_older_validation_is_taken(trip: LocalActions) -> None:
    result = await ask(trip, message("inform", number="3"), {"city": "Rome", "requested_slot": "nights"})
    assert told(result) == [("nights", 3), ("requested_slot", "note")]


async def test_an_intent_gives_its_value_only_where_it_was_asked_for(trip: LocalActions) -> None:
    answer = await ask(trip, message("one"), {"city": "Rome", "requested_slot": "nights"})
    assert told(answer)[0] == ("nights", 1)
    with pytest.raises(ActionRejected):
        await ask(trip, message("one"), {"requested_slot": "city"})


async def test_an_intent_that_begins_the_form_counts_for_nothing_later(trip: LocalActions) -> None:
    with pytest.raises(ActionRejected):
        await ask(trip, message("week"), {"requested_slot": "city"})


async def test_another_slot_than_the_one_asked_for_may_be_filled(trip: LocalActions) -> None:
    slots = {"city": "Rome", "requested_slot": "nights"}
    assert told(await ask(trip, message("inform", city="oslo"), slots)) == [
        ("city", "Oslo"),
        ("requested_slot", "nights"),
    ]


async def test_a_slot_is_not_filled_unasked_by_an_entity_of_another_name(trip: LocalActions) -> None:
    with pytest.raises(ActionRejected):
        await ask(trip, message("inform", number=3), {"requested_slot": "city"})


async def test_several_entities_make_a_list(tmp_path: Path) -> None:
    code = TRIP.replace("value.title()", "value")
    heard = message("inform") | {"entities": [{"entity": "city", "value": value} for value in ("a", "b")]}
    result = await ask(load(tmp_path, code), heard, {"requested_slot": "city"})
    assert told(result)[0] == ("city", ["a", "b"])


async def test_a_text_is_not_taken_for_the_intents_that_are_ruled_out(trip: LocalActions) -> None:
    slots = {"city": "Rome", "nights": 1, "requested_slot": "note"}
    with pytest.raises(ActionRejected):
        await ask(trip, message("chat"), slots)


async def test_the_last_slot_submits_and_ends_the_form(trip: LocalActions) -> None:
    slots = {"city": "Rome", "nights": 1, "requested_slot": "note"}
    result = await ask(trip, message("inform", "by the sea"), slots)
    assert told(result) == [
        ("note", "by the sea"),
        ("booked", "Rome"),
        ("active_loop", None),
        ("requested_slot", None),
    ]
    assert asked(result) == ["utter_done"]


async def test_required_slots_depend_on_what_was_just_said(trip: LocalActions) -> None:
    slots = {"city": "Rome", "note": "x", "requested_slot": "nights"}
    result = await ask(trip, message("inform", number=2), slots)
    assert told(result) == [("nights", 2), ("requested_slot", "hotel")]


@pytest.mark.parametrize(
    "parts",
    [
        {"latest_action_name": "utter_chitchat"},
        {"loop": {"name": "trip_form", "is_interrupted": True}},
        {"loop": {"name": "trip_form", "validate": False}},
    ],
)
async def test_behind_an_interruption_it_only_asks_again(trip: LocalActions, parts: Any) -> None:
    result = await ask(trip, message("chat", city="oslo"), {"requested_slot": "city"}, **parts)
    assert told(result) == [("requested_slot", "city")]


async def test_slots_fill_the_questions_gaps_but_never_replace_the_question(trip: LocalActions) -> None:
    result = await ask(trip, message("book"), {"text": "no question", "colour": "red"}, loop={})
    assert asked(result) == ["utter_ask_city"]
    assert result.responses[0]["text"] is None
    assert result.responses[0]["colour"] == "red"


async def test_a_validation_that_ends_the_form_ends_it_without_a_question(tmp_path: Path) -> None:
    code = (
        TRIP
        + """
    async def validate(self, dispatcher, tracker, domain):
        return self.deactivate()
"""
    )
    result = await ask(load(tmp_path, code), message("stop"), {"requested_slot": "city"})
    assert told(result) == [("active_loop", None), ("requested_slot", None)]
    assert asked(result) == []


async def test_roles_of_the_entity_that_was_asked_for_fill_each_its_slot(tmp_path: Path) -> None:
    code = """
class Way(FormAction):
    def name(self): return "trip_form"
    def required_slots(self, tracker): return ["start", "end"]
    def slot_mappings(self):
        return {"start": self.from_entity("city", role="from"), "end": self.from_entity("city", role="to")}
    async def submit(self, dispatcher, tracker, domain): return None
"""
    entities = [
        {"entity": "city", "value": "Oslo", "role": "from"},
        {"entity": "city", "value": "Rome", "role": "to"},
    ]
    heard = message("inform") | {"entities": entities}
    result = await ask(load(tmp_path, code), heard, {"start": None, "end": None, "requested_slot": "start"})
    assert told(result) == [
        ("end", "Rome"),
        ("start", "Oslo"),
        ("active_loop", None),
        ("requested_slot", None),
    ]


async def test_a_mapping_without_a_role_takes_an_entity_of_any_role(trip: LocalActions) -> None:
    heard = message("inform") | {"entities": [{"entity": "city", "value": "rome", "role": "to"}]}
    assert told(await ask(trip, heard, {"requested_slot": "city"}))[0] == ("city", "Rome")


async def test_a_slot_without_a_mapping_takes_the_entity_of_its_name(tmp_path: Path) -> None:
    result = await ask(
        load(tmp_path, form("trip_form", ["city"], "done")),
        message("inform", city="Rome"),
        {"requested_slot": "city"},
    )
    assert told(result)[0] == ("city", "Rome")


@pytest.mark.parametrize("mapping", ["'city'", "{'entity': 'city'}", "{'type': 'from_nowhere'}"])
async def test_a_mapping_that_is_none_fails(tmp_path: Path, mapping: str) -> None:
    code = form("trip_form", ["city"], "done", f"{{'city': {mapping}}}")
    with pytest.raises(ActionFailed):
        await ask(load(tmp_path, code), message("inform"), {"requested_slot": "city"})


async def test_wanted_and_unwanted_intents_at_once_fail(tmp_path: Path) -> None:
    code = TRIP.replace('self.from_entity("number")', 'self.from_entity("number", "a", "b")')
    with pytest.raises(ActionFailed, match="ValueError"):
        await ask(load(tmp_path, code), message("inform"), {"requested_slot": "city"})
