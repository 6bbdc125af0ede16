"""Tracker events as JSON: read as they were written, and written once."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.nlp.actions.base import TrackerEvent
from services.nlp.dialogue.texts import Texts

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
EVENTS = st.lists(st.dictionaries(st.text(), _VALUES, max_size=4), max_size=5)


@given(EVENTS)
def test_events_are_read_as_they_were_written(events: list[TrackerEvent]) -> None:
    text = Texts().listed(events)
    assert text == json.dumps(events, ensure_ascii=False)
    assert Texts().read(f'{{"v": 2, "events": {text}}}', len('{"v": 2, "events": ')) == events


@pytest.mark.parametrize("said", ["]}", '"}, {"', "[", "字\n"])
def test_nothing_said_ends_the_list_early(said: str) -> None:
    events = [{"event": "user", "text": said}, {"event": "pause"}]
    assert Texts().read(Texts().listed(events), 0) == events


def test_what_was_read_is_not_encoded_again() -> None:
    text = '[{"event": "pause", "timestamp": 1e3}, {"event": "resume", "timestamp": 2E3}]'
    texts = Texts()
    assert texts.listed(texts.read(text, 0)) == text


def test_an_event_is_encoded_once() -> None:
    texts, event = Texts(), {"event": "pause"}
    assert texts.of(event) is texts.of(event)


def test_equal_events_keep_their_own_text() -> None:
    texts = Texts()
    first, second = texts.read('[{"a": 10}, {"a": 1e1}]', 0)
    assert first == second
    assert (texts.of(second), texts.of(first)) == ('{"a": 1e1}', '{"a": 10}')
