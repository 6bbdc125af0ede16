"""Tracker events, as Rasa writes them: plain dictionaries with an `event` and a `timestamp`."""

from typing import Any

from services.nlp.actions.base import TrackerEvent
from services.nlp.nlu.parse import Entity, Parse, ResponseGuess

LISTEN = "action_listen"
SESSION_START = "action_session_start"
_KEPT_GUESSES = 3


def user_uttered(
    parse: Parse, channel: str = "", message_id: str = "", metadata: dict[str, Any] | None = None
) -> TrackerEvent:
    """The person said something, what we took it for, and what the client sent along."""
    return {
        "event": "user",
        "text": parse.text,
        "input_channel": channel,
        "message_id": message_id,
        "parse_data": {**parse_fields(parse, _KEPT_GUESSES), "metadata": metadata or {}},
        **({"metadata": metadata} if metadata else {}),
    }


def parse_fields(parse: Parse, guesses: int = 10) -> dict[str, Any]:
    """A parse as Rasa's `/model/parse` writes it, with so many guesses at most."""
    ranking = [{"name": g.name, "confidence": round(g.confidence, 4)} for g in parse.ranking[:guesses]]
    return {
        "text": parse.text,
        "intent": {"name": parse.intent, "confidence": round(parse.confidence, 4)},
        "entities": [entity_fields(entity) for entity in parse.entities],
        "intent_ranking": ranking,
        "text_tokens": [list(place) for place in parse.tokens] if guesses > _KEPT_GUESSES else [],
        "response_selector": {guess.intent: _selected(guess) for guess in parse.responses},
    }


def _selected(guess: ResponseGuess) -> dict[str, Any]:
    key = f"{guess.intent}/{guess.key}"
    chosen = {"intent_response_key": key, "utter_action": f"utter_{key}", "confidence": guess.confidence}
    ranking = [
        {"intent_response_key": f"{guess.intent}/{other.name}", "confidence": other.confidence}
        for other in guess.ranking[:_KEPT_GUESSES]
    ]
    return {"response": chosen, "ranking": ranking}


def entity_fields(entity: Entity) -> dict[str, Any]:
    """An entity as Rasa writes it."""
    fields = {
        "entity": entity.entity,
        "start": entity.start,
        "end": entity.end,
        "value": entity.value,
        "confidence_entity": round(entity.confidence, 4),
        "extractor": entity.extractor,
    }
    parts = {"role": entity.role, "group": entity.group}
    return {**fields, **{name: part for name, part in parts.items() if part}}


def bot_uttered(text: str, parts: dict[str, Any] | None = None) -> TrackerEvent:
    """The bot said something; parts: buttons, image, custom, attachment."""
    return {"event": "bot", "text": text, "data": parts or {}}


def action_executed(name: str, policy: str = "", confidence: float = 1.0) -> TrackerEvent:
    """An action was run."""
    return {"event": "action", "name": name, "policy": policy, "confidence": round(confidence, 4)}


def action_rejected(name: str) -> TrackerEvent:
    """An action would not run: another one has to be chosen."""
    return {"event": "action_execution_rejected", "name": name}


def slot_set(name: str, value: Any) -> TrackerEvent:
    """A slot has a new value."""
    return {"event": "slot", "name": name, "value": value}


def active_loop(name: str | None) -> TrackerEvent:
    """A form begins; None: it ends."""
    return {"event": "active_loop", "name": name}


def loop_interrupted(is_interrupted: bool) -> TrackerEvent:
    """The next run of the form asks again without looking at what was said."""
    return {"event": "loop_interrupted", "is_interrupted": is_interrupted}


def paused() -> TrackerEvent:
    """The bot keeps quiet from now on."""
    return {"event": "pause"}


def session_started() -> TrackerEvent:
    """A conversation begins anew: slots have their initial values."""
    return {"event": "session_started"}


def utterance_reverted() -> TrackerEvent:
    """What the person said last, and all since, does not count."""
    return {"event": "rewind"}


def restarted() -> TrackerEvent:
    """Everything is forgotten."""
    return {"event": "restart"}
