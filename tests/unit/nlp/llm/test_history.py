"""What of a conversation a model is shown."""

from hypothesis import given
from hypothesis import strategies as st

from services.nlp.actions.base import TrackerEvent
from services.nlp.engines.llm.history import alternating, exchanges, newest
from services.nlp.engines.llm.memory import Summary
from services.nlp.engines.llm.thread import thread_read


def _said(number: int, question: str, answer: str = "yes") -> list[TrackerEvent]:
    person = {"event": "user", "text": question, "message_id": f"m{number}", "timestamp": float(number)}
    return [person, {"event": "bot", "text": answer}, {"event": "action", "name": "action_listen"}]


@given(st.lists(st.text(max_size=200), min_size=1, max_size=12), st.integers(-50, 400))
def test_the_newest_turns_are_shown_whole_within_the_budget_and_the_very_newest_always(
    questions: list[str], budget: int
) -> None:
    turns = exchanges(event for number, text in enumerate(questions, 1) for event in _said(number, text))
    shown = newest(turns, budget)
    assert shown == turns[-len(shown) :]
    assert len(shown) == 1 or sum(turn.tokens for turn in shown) <= budget
    left = turns[: -len(shown)]
    assert not left or sum(turn.tokens for turn in [left[-1], *shown]) > budget


def test_what_was_to_be_forgotten_is_not_shown() -> None:
    events = [*_said(1, "secret"), {"event": "restart"}, {"event": "bot", "text": "gone"}, *_said(2, "hi")]
    assert [turn.event_id for turn in exchanges(events)] == ["m2"]


def test_what_one_side_says_in_a_row_is_one_message() -> None:
    unanswered, *_ = _said(1, "are you there")
    more = {"event": "bot", "text": "no"}
    events = [unanswered, *_said(2, "hello?"), more, *_said(3, "why")]
    shown = alternating(message for turn in exchanges(events) for message in turn.messages)
    assert [(message.role, message.text) for message in shown] == [
        ("user", "are you there\n\nhello?"),
        ("assistant", "yes\n\nno"),
        ("user", "why"),
        ("assistant", "yes"),
    ]


def test_a_summary_leaves_the_turns_after_its_last_event_even_where_that_is_cut_away() -> None:
    turns = exchanges([event for number in (3, 4, 5) for event in _said(number, "q")])
    assert [turn.event_id for turn in Summary("s", "m4", 4.0).rest(turns)] == ["m5"]
    assert [turn.event_id for turn in Summary("s", "m2", 2.0).rest(turns)] == ["m3", "m4", "m5"]
    assert Summary().rest(turns) == turns


def test_what_was_said_in_a_thread_stands_before_the_message_that_joined_it() -> None:
    told = [
        {"role": "assistant", "text": "up"},
        {"role": "user", "text": "slow"},
        {"role": "assistant", "text": "hm"},
    ]
    person, answer, listened = _said(7, "why")
    events = [person, {"event": "thread_read", "messages": told}, answer, listened, *_said(8, "and")]
    turns = exchanges(events)
    assert [[m.text for m in turn.messages] for turn in turns] == [
        ["up"],
        ["slow", "hm"],
        ["why", "yes"],
        ["and", "yes"],
    ]
    assert sorted(turns, key=lambda turn: turn.at) == turns
    assert Summary("s", turns[1].event_id, turns[1].at).rest(turns) == turns[2:]


def test_of_a_thread_the_newest_is_kept_within_bounds() -> None:
    many = [{"role": "user", "text": f"{number} " + "x" * 1000} for number in range(90)]
    kept = thread_read([*many, {"role": "system", "text": "no"}, {"role": "user", "text": " "}])["messages"]
    assert kept[-1]["text"].startswith("89 ")
    assert sum(len(message["text"]) for message in kept) <= 8_000
    assert len(kept) == 7
    assert len(thread_read([{"role": "user", "text": "x" * 9_999}])["messages"][0]["text"]) == 2_000
