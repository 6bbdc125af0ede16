"""Forms: ask for one slot after the other, check what is said, go on where something else came between."""

from dataclasses import replace

from services.nlp.actions.base import ActionRejected, TrackerEvent
from services.nlp.dialogue.events import LISTEN, active_loop, slot_set
from services.nlp.dialogue.slots import fill_slots
from services.nlp.dialogue.stage import Outcome, Stage
from services.nlp.formats.bot import REQUESTED_SLOT, Form


class FormRun:
    """One run of a form: begin it if it is not yet running, do its work, end it when all is known."""

    def __init__(self, stage: Stage, form: Form) -> None:
        self._stage = stage
        self._form = form
        self._tracker = stage.tracker.copy()
        """With what this run has done so far; the turn's own tracker is told at the end."""
        self._outcome = Outcome()

    async def run(self) -> Outcome:
        """Raises ActionRejected where the person's message has nothing for the form."""
        if self._tracker.loop_name != self._form.name:
            await self._begin()
        elif self._must_validate():
            await self._validate_message()
        if not self._is_ended():
            await self._ask_next()
        if self._is_ended() or not self._next_slot():
            self._note(active_loop(None), slot_set(REQUESTED_SLOT, None))
        return self._outcome

    async def _begin(self) -> None:
        """What is known already, from before or from the message that began the form, is checked too."""
        self._note(active_loop(self._form.name))
        found = fill_slots(self._tracker)
        scratch = self._tracker.copy()
        scratch.update(*found)
        known = {
            name: scratch.slots.get(name)
            for name in self._form.required_slots
            if scratch.slots.get(name) is not None
        }
        others = [event for event in found if event["name"] not in known]
        self._note(*others)
        if known or self._has_validation():
            await self._validate(known)

    def _must_validate(self) -> bool:
        loop = self._tracker.loop
        return self._tracker.action == LISTEN and not (loop and loop.is_interrupted)

    async def _validate_message(self) -> None:
        """Check the slots that the message has set; where it has set none, others shall answer."""
        asked = self._tracker.slots.get(REQUESTED_SLOT)
        wanted = {*self._form.required_slots, asked}
        heard = self._tracker.since_heard()
        given = {e["name"]: e["value"] for e in heard if e["event"] == "slot" and e["name"] in wanted}
        set_slots = await self._validate(given) if given or self._has_validation() else set()
        if asked and not set_slots and not self._is_ended():
            raise ActionRejected(f"{self._form.name} found nothing for {asked}")

    async def _validate(self, given: dict[str, object]) -> set[str]:
        """Let the bot's own code look at the values; the slots that are set then."""
        events: list[TrackerEvent] = [slot_set(name, value) for name, value in given.items()]
        if not self._has_validation():
            self._note(*events)
            return set(given)
        shown = self._tracker.copy()
        shown.update(*events)
        outcome = await self._stage.run(f"validate_{self._form.name}", shown)
        told = {event["name"] for event in outcome.events if event["event"] == "slot"}
        unchecked = [event for event in events if event["name"] not in told]
        self._outcome.replies.extend(outcome.replies)
        self._note(*unchecked, *outcome.events)
        return (told | set(given)) - {REQUESTED_SLOT}

    async def _ask_next(self) -> None:
        slot = self._next_slot()
        if not slot:
            return
        self._note(slot_set(REQUESTED_SLOT, slot))
        asking = replace(self._stage, tracker=self._tracker)
        form = self._form.name
        for name in (f"action_ask_{form}_{slot}", f"utter_ask_{form}_{slot}", f"action_ask_{slot}"):
            if self._stage.has_action(name):
                outcome = await asking.run(name)
                self._outcome.replies.extend(outcome.replies)
                self._note(*outcome.events)
                return
            if name in self._stage.bot.responses:
                self._outcome.replies.extend(await asking.say(name))
                return
        self._outcome.replies.extend(await asking.say(f"utter_ask_{slot}"))

    def _next_slot(self) -> str:
        """What to ask for: what validation says, else the first slot that is unset; "" where all are set."""
        said = [
            event["value"]
            for event in self._outcome.events
            if event["event"] == "slot" and event["name"] == REQUESTED_SLOT
        ]
        if said and said[-1]:
            return str(said[-1])
        slots = self._tracker.slots
        return next((name for name in self._form.required_slots if slots.get(name) is None), "")

    def _is_ended(self) -> bool:
        """The bot's own code has ended it, by unsetting the form or the slot to ask for."""
        return any(
            (e["event"] in ("active_loop", "form") and e.get("name") is None)
            or (e["event"] == "slot" and e["name"] == REQUESTED_SLOT and e["value"] is None)
            for e in self._outcome.events
        )

    def _has_validation(self) -> bool:
        return self._stage.has_action(f"validate_{self._form.name}")

    def _note(self, *events: TrackerEvent) -> None:
        self._tracker.update(*events)
        self._outcome.events.extend(events)
