"""The same actions.py on the real package's server and in the room: both answer alike."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.nlp.actions.base import ActionCall, ActionFailed, ActionRejected, ActionResult, ActionRunner
from services.nlp.actions.endpoint import Address
from services.nlp.actions.local import LocalActions
from services.nlp.actions.remote import RemoteActions
from tests.integration.nlp.action_server import ActionServer

ACTIONS = """
import asyncio
import datetime
from typing import Any, Dict, List, Text

from rasa_sdk import Action, FormValidationAction, Tracker, ValidationAction
from rasa_sdk.events import (
    ActionExecuted, ActionExecutionRejected, ActionReverted, ActiveLoop, AgentUttered, AllSlotsReset,
    BotUttered, ConversationPaused, ConversationResumed, EventType, FollowupAction, LoopInterrupted,
    ReminderCancelled, ReminderScheduled, Restarted, SessionStarted, SlotSet, StoryExported, UserUttered,
    UserUtteranceReverted,
)
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection
from rasa_sdk.types import DomainDict


class Plain(Action):
    def name(self) -> Text:
        return "action_plain"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> List[EventType]:
        city = next(tracker.get_latest_entity_values("city"), None)
        there = next(tracker.get_latest_entity_values("city", entity_role="to"), None)
        dispatcher.utter_message(text=f"{city} {there} {tracker.get_slot('when')}")
        dispatcher.utter_message(response="utter_hi", name="Ann", buttons=[{"title": "A", "payload": "/a"}])
        dispatcher.utter_message(image="a.png", json_message={"a": 1}, attachment="b", elements=[{"c": 2}])
        return [SlotSet("city", city), SlotSet("gone")]


class Every(Action):
    def name(self):
        return "action_every_event"

    def run(self, dispatcher, tracker, domain):
        at = datetime.datetime(2030, 1, 2, 3, 4, 5)
        return [
            SlotSet("a", [1, {"b": None}], timestamp=5.5), AllSlotsReset(), Restarted(), SessionStarted(),
            ActionExecuted("action_x", "a policy", 0.5), ActionExecutionRejected("action_x"),
            ActionReverted(), UserUtteranceReverted(), FollowupAction("action_y"),
            ConversationPaused(), ConversationResumed(),
            ReminderScheduled("remind", at, entities=[{"entity": "e", "value": 1}], name="r"),
            ReminderCancelled("r"), StoryExported(), ActiveLoop("a_form"), ActiveLoop(None),
            LoopInterrupted(True), UserUttered("hi", {"intent": {"name": "greet"}}),
            BotUttered("hi", {"a": 1}),
            AgentUttered("hi"),
        ]


class Seen(Action):
    def name(self):
        return "action_seen"

    async def run(self, dispatcher, tracker, domain):
        await asyncio.sleep(0)
        state = tracker.current_state()
        return [SlotSet("seen", {
            "state": {key: state[key] for key in ("sender_id", "slots", "latest_message", "latest_event_time",
                "paused", "events", "latest_input_channel", "active_loop", "latest_action_name")},
            "applied": tracker.applied_events(),
            "since": tracker.events_after_latest_restart(),
            "last": tracker.get_last_event_for("action", exclude=["action_listen"], skip=1),
            "has": [tracker.last_executed_action_has(name) for name in ("action_a", "action_b")],
            "intent": [tracker.get_intent_of_latest_message(skip) for skip in (True, False)],
            "loop": tracker.active_loop_name,
            "validate": tracker.slots_to_validate(),
            "domain": domain,
        })]


class Nothing(Action):
    def name(self):
        return "action_nothing"

    def run(self, dispatcher, tracker, domain):
        return None


class Raising(Action):
    def name(self):
        return "action_raising"

    def run(self, dispatcher, tracker, domain):
        raise ValueError("my secret")


class Rejecting(Action):
    def name(self):
        return "action_rejecting"

    async def run(self, dispatcher, tracker, domain):
        raise ActionExecutionRejection(self.name())


class ValidateTrip(FormValidationAction):
    def name(self):
        return "validate_trip_form"

    def validate_city(self, value, dispatcher, tracker, domain):
        if value == "Atlantis":
            dispatcher.utter_message(text="It sank.")
            return {"city": None}
        return {"city": value.title(), "country": "Italy"}

    async def validate_people(self, value, dispatcher, tracker, domain):
        return {"people": int(value)}

    def validate_broken(self, value, dispatcher, tracker, domain):
        return None


class ValidateMeal(FormValidationAction):
    def name(self):
        return "validate_meal_form"

    async def required_slots(self, domain_slots, dispatcher, tracker, domain):
        return domain_slots + (["sauce"] if tracker.get_slot("dish") == "pasta" else [])

    async def extract_sauce(self, dispatcher, tracker, domain):
        text = tracker.latest_message.get("text")
        return {"sauce": text.split()[-1]} if text and "with" in text else {}

    def validate_sauce(self, value, dispatcher, tracker, domain):
        return {"sauce": value.upper()}


class ValidateEverywhere(ValidationAction):
    def extract_mood(self, dispatcher, tracker, domain):
        return {"mood": "good"}

    async def validate_mood(self, value, dispatcher, tracker, domain):
        return {"mood": value + "!"}
"""
FORMS = {
    "trip_form": {"required_slots": ["city", "people", "broken"]},
    "meal_form": {"required_slots": ["dish"]},
}
BOUND = {"type": "from_text", "conditions": [{"active_loop": "trip_form"}]}
DOMAIN: dict[str, Any] = {
    "forms": FORMS,
    "slots": {
        "mood": {"type": "text", "mappings": [{"type": "custom"}]},
        "city": {"type": "text", "mappings": [BOUND]},
    },
    "responses": {"utter_hi": [{"text": "Hi {name}"}]},
}
RANKING = [{"name": "nlu_fallback", "confidence": 0.3}, {"name": "inform", "confidence": 0.2}]
MESSAGE = {
    "text": "from 臺北 to Rome with pesto",
    "intent": RANKING[0],
    "intent_ranking": RANKING,
    "entities": [
        {"entity": "city", "value": "臺北", "start": 5, "end": 7},
        {"entity": "city", "value": "Rome", "role": "to", "start": 11, "end": 15},
    ],
}
HISTORY: list[dict[str, Any]] = [
    {"event": "action", "name": "action_x", "timestamp": 1.0},
    {"event": "restart", "timestamp": 2.0},
    {"event": "action", "name": "action_a", "timestamp": 3.0},
    {"event": "action", "name": "action_b", "timestamp": 4.0},
    {"event": "action", "name": "action_c", "timestamp": 5.0},
    {"event": "undo", "timestamp": 6.0},
    {"event": "action", "name": "action_listen", "timestamp": 7.0},
    {"event": "user", "text": "no", "input_channel": "web", "timestamp": 8.0},
    {"event": "rewind", "timestamp": 9.0},
    {"event": "action", "name": "action_listen", "timestamp": 10.0},
    {"event": "user", "text": MESSAGE["text"], "input_channel": "web", "timestamp": 11.0},
]


def asked(action: str, loop: str = "", **slots: Any) -> ActionCall:
    """A call behind the history, with these slots just set."""
    events = [{"event": "slot", "name": name, "value": value} for name, value in slots.items()]
    tracker = {
        "sender_id": "ann",
        "slots": {"when": None, **slots},
        "latest_message": MESSAGE,
        "latest_event_time": 11.0,
        "events": [*HISTORY, *events],
        "paused": False,
        "followup_action": None,
        "active_loop": {"name": loop} if loop else {},
        "latest_action_name": "action_listen",
        "latest_input_channel": "web",
    }
    return ActionCall(action, "ann", tracker, DOMAIN)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bot's folder with the actions above."""
    folder = tmp_path_factory.mktemp("actions")
    (folder / "actions.py").write_text(ACTIONS, "utf-8")
    return folder


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[ActionServer]:
    """The real server on them."""
    server = ActionServer(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
async def runners(folder: Path, server: ActionServer) -> AsyncIterator[list[ActionRunner]]:
    """The real server, and the room's own way."""
    local = LocalActions.load(folder, 10)
    assert local is not None
    async with httpx.AsyncClient() as http:
        yield [RemoteActions(http, Address.of({"url": server.url})), local]


async def outcome(runner: ActionRunner, call: ActionCall) -> ActionResult | type[Exception]:
    """What came of it; of a failure its kind."""
    try:
        return await runner.run(call)
    except (ActionRejected, ActionFailed) as error:
        return type(error)


CALLS = {
    "action_plain": asked("action_plain"),
    "action_every_event": asked("action_every_event"),
    "action_seen": asked("action_seen", "trip_form", city="rome", people="2"),
    "action_nothing": asked("action_nothing"),
    "a good city": asked("validate_trip_form", "trip_form", city="rome"),
    "a bad city": asked("validate_trip_form", "trip_form", city="Atlantis"),
    "two slots, and one of another form": asked(
        "validate_trip_form", "trip_form", people="2", city="x", dish="y"
    ),
    "a validation that returns nothing": asked("validate_trip_form", "trip_form", broken="b"),
    "no slot": asked("validate_trip_form", "trip_form"),
    "slots that depend on slots": asked("validate_meal_form", "meal_form", dish="pasta"),
    "slots as the domain has them": asked("validate_meal_form", "meal_form", dish="soup"),
    "slots outside of forms": asked("action_validate_slot_mappings", city="rome"),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
async def test_both_give_the_same_events_and_responses(call: ActionCall, runners: list[ActionRunner]) -> None:
    remote, local = [await outcome(runner, call) for runner in runners]
    assert isinstance(remote, ActionResult)
    assert local == remote


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("action_raising", ActionFailed),
        ("validate_trip_form", ActionFailed),
        ("action_rejecting", ActionRejected),
        ("action_unknown", ActionFailed),
    ],
)
async def test_both_fail_and_reject_alike(
    action: str, kind: type[Exception], runners: list[ActionRunner]
) -> None:
    call = asked(action, "trip_form", people="not a number")
    assert [await outcome(runner, call) for runner in runners] == [kind, kind]


async def test_what_the_comparison_rests_on_is_not_empty(runners: list[ActionRunner]) -> None:
    remote = runners[0]
    assert len((await remote.run(CALLS["action_every_event"])).events) == 20
    assert len((await remote.run(CALLS["action_plain"])).responses) == 3
    sank = await remote.run(CALLS["a bad city"])
    assert sank.events == [{"event": "slot", "name": "city", "value": None}]
    sauce = (await remote.run(CALLS["slots that depend on slots"])).events
    assert {event["name"]: event["value"] for event in sauce} == {
        "dish": "pasta",
        "sauce": "PESTO",
        "requested_slot": None,
    }
