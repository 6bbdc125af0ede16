"""Stopping, going on, and what is said beside the point."""

from rasa_sdk import Action
from rasa_sdk.events import SlotSet

from actions.weather import back_to_waiting

OFF_TOPIC = ("ask_mood", "praise", "complain", "chitchat_joke", "chitchat", "nlu_fallback")
PATIENCE = 3


class ActionAskContinue(Action):
    """Asks whether to go on with the form."""

    def name(self):
        return "action_ask_continue"

    def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(response="utter_ask_continue")
        return [SlotSet("is_stopping", True)]


class ActionGoOn(Action):
    """Forgets that the person wanted to stop."""

    def name(self):
        return "action_go_on"

    def run(self, dispatcher, tracker, domain):
        return [SlotSet("is_stopping", False)]


class ActionStopped(Action):
    """Says so, and takes up the form that was broken off for this one."""

    def name(self):
        return "action_stopped"

    def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(response="utter_stopped")
        return [SlotSet("is_stopping", False), *back_to_waiting(tracker)]


class ActionCountOffTopic(Action):
    """Says what the bot can do after every three turns beside the point."""

    def name(self):
        return "action_count_off_topic"

    def run(self, dispatcher, tracker, domain):
        intents = [
            ((event.get("parse_data") or {}).get("intent") or {}).get("name")
            for event in tracker.applied_events()
            if event.get("event") == "user"
        ]
        turns = next(
            (n for n, intent in enumerate(reversed(intents)) if intent not in OFF_TOPIC), len(intents)
        )
        if turns and turns % PATIENCE == 0:
            dispatcher.utter_message(response="utter_help")
        return []
