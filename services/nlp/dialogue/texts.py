"""Tracker events as JSON: each is encoded once, and what was read is not encoded again."""

import json
from collections.abc import Iterable

from services.nlp.actions.base import TrackerEvent

_decoder = json.JSONDecoder()
_encoder = json.JSONEncoder(ensure_ascii=False)


class Texts:
    """The JSON of one conversation's events, which nobody changes once they are told to the tracker."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[TrackerEvent, str]] = {}
        """By the event's id(), which is no other's while the event is kept here."""

    def of(self, event: TrackerEvent) -> str:
        """The event's JSON."""
        known = self._known.get(id(event))
        if known is None:
            known = self._known[id(event)] = (event, _encoder.encode(event))
        return known[1]

    def listed(self, events: Iterable[TrackerEvent]) -> str:
        """The events as a JSON array."""
        return f"[{', '.join(map(self.of, events))}]"

    def read(self, text: str, place: int) -> list[TrackerEvent]:
        """The events of the array that begins at text[place], as `listed` has written it."""
        events: list[TrackerEvent] = []
        place += 1
        while text[place] != "]":
            event, end = _decoder.raw_decode(text, place)
            self._known[id(event)] = (event, text[place:end])
            events.append(event)
            place = end if text[end] == "]" else end + len(", ")
        return events
