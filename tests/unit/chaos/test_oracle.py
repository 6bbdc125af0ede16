"""The oracle finds each broken promise, and lets a good run pass."""

from dataclasses import replace

import pytest

from tests.chaos.history import APOLOGY, Asked, Call, History, Shown, Span, Streamed
from tests.chaos.oracle import violations
from tests.chaos.words import answer_to, story


def good() -> History:
    """Two people on Telegram, one on Slack, one on the web; a fault at 100 to 105; one poisoned Event."""
    asked = [
        Asked("a1e", "11", "telegram", "echo", 90.0, 90.1),
        Asked("a2e", "11", "telegram", "echo", 101.0, 102.0),
        Asked("b1e", "12", "telegram", "poison", 95.0, 95.1),
        Asked("s1e", "D1", "slack", "stream", 91.0, None),
        Asked("w1e", "web", "web", "echo", 92.0, 92.1),
        Asked("w2e", "web", "web", "forged", 93.0, None),
    ]
    shown = [answer("a1e", "11", 90.5), answer("a2e", "11", 106.0), Shown("12", APOLOGY, "Sorry", 96.0)]
    shown += [answer("s1e", "D1", 93.0, "stream"), answer("w1e", "web", 92.5)]
    streamed = [Streamed("web", f"{n}-0", kind, "w1e") for n, kind in enumerate(("said", "reply", "done"), 1)]
    calls = [call(90.5), replace(call(92.0), status=429, retry_after_s=5.0), call(97.5), call(107.5)]
    spans = [Span("kill", "worker1", 100.0, 105.0)]
    return History(asked, shown, spans, calls, streamed, dead=["b1e"], lasting=["web:1"])


def answer(mark: str, place: str, at: float, kind: str = "echo") -> Shown:
    return Shown(place, mark, answer_to(mark, kind), at)


def call(at: float, place: str = "11") -> Call:
    return Call(at, "token", "sendmessage", place, 200)


def told(history: History) -> str:
    return "\n".join(violations(history))


def test_a_run_that_kept_every_promise_has_no_violation() -> None:
    assert violations(good()) == []


def test_an_accepted_event_without_an_answer_is_found() -> None:
    history = good()
    del history.shown[0]
    assert told(history) == "a1e was accepted and never answered"


def test_an_event_that_was_perhaps_not_taken_may_go_unanswered() -> None:
    history = good()
    history.shown = [shown for shown in history.shown if shown.mark != "s1e"]
    assert violations(history) == []


def test_a_refusal_while_nothing_is_broken_is_found() -> None:
    history = good()
    history.asked[3].first_at = 80.0
    assert told(history) == "s1e was not taken, though nothing was broken"


def test_a_second_answer_without_a_fault_in_between_is_found() -> None:
    history = good()
    history.shown.insert(1, answer("a1e", "11", 91.0))
    assert told(history) == "a1e was answered 2 times"


def test_on_telegram_one_fault_between_two_answers_excuses_one_more_but_not_two() -> None:
    history = good()
    history.asked[0].acked_at = 99.0
    history.shown[0] = answer("a1e", "11", 99.5)
    history.shown.insert(1, answer("a1e", "11", 106.0))
    assert violations(history) == []
    history.shown.insert(1, answer("a1e", "11", 106.5))
    assert told(history) == "a1e was answered 3 times"


def test_on_telegram_the_answer_that_a_fault_made_double_may_be_one_that_still_grew() -> None:
    history = good()
    history.asked[0].kind, history.asked[0].acked_at = "stream", 99.0
    half = Shown("11", "a1e", " ".join(story("a1e", "stream")[:5]), 99.5)
    history.shown[0:1] = [half, answer("a1e", "11", 106.0, "stream")]
    assert violations(history) == []
    del history.shown[1]
    assert told(history) == f"a1e was answered with {half.text!r}"


@pytest.mark.parametrize(("mark", "place"), [("s1e", "D1"), ("w1e", "web")])
def test_on_slack_and_the_web_no_fault_excuses_a_second_answer(mark: str, place: str) -> None:
    history = good()
    kind = "stream" if mark == "s1e" else "echo"
    history.shown.append(answer(mark, place, 103.0, kind))
    assert told(history) == f"{mark} was answered 2 times"


def test_an_answer_in_another_place_is_found() -> None:
    history = good()
    history.shown[0] = answer("a1e", "12", 90.5)
    assert "a1e was answered in another place" in told(history)


def test_half_an_answer_is_found() -> None:
    history = good()
    half = " ".join(story("s1e", "stream")[:5])
    history.shown[3] = Shown("D1", "s1e", half, 93.0)
    assert told(history) == f"s1e was answered with {half!r}"


def test_an_answer_that_nobody_asked_for_is_found() -> None:
    history = good()
    history.shown.append(Shown("11", "", "Hello?", 99.0))
    assert told(history) == "nobody asked for 'Hello?' in 11"


def test_an_answer_to_what_was_forged_is_found() -> None:
    history = good()
    history.shown.append(answer("w2e", "web", 94.0))
    assert told(history) == "w2e was answered though it is forged"


def test_a_wrong_order_is_found() -> None:
    history = good()
    history.shown[0], history.shown[1] = history.shown[1], history.shown[0]
    assert told(history) == "a2e was answered before a1e"


def test_events_that_came_at_once_may_be_answered_in_either_order() -> None:
    history = good()
    history.asked[0].acked_at = 103.0
    history.shown[0] = answer("a1e", "11", 106.0)
    history.shown[0], history.shown[1] = history.shown[1], history.shown[0]
    assert violations(history) == []


def test_a_dead_letter_that_was_not_poisoned_is_found() -> None:
    history = good()
    history.dead.append("a1e")
    history.shown[0] = Shown("11", APOLOGY, "Sorry", 90.5)
    assert "a1e is a dead letter and was not poisoned" in told(history)


def test_a_poisoned_event_that_is_no_dead_letter_is_found() -> None:
    history = good()
    history.dead.clear()
    assert "b1e was poisoned and is no dead letter" in told(history)


def test_a_dead_letter_that_stands_twice_is_found() -> None:
    history = good()
    history.dead.append("b1e")
    assert "b1e is a dead letter 2 times" in told(history)


def test_an_apology_that_a_fault_may_have_cut_off_is_not_missed() -> None:
    history = good()
    del history.shown[2]
    assert violations(history) == []


@pytest.mark.parametrize("apologies", [0, 2])
def test_a_dead_letter_without_exactly_one_apology_is_found(apologies: int) -> None:
    history = good()
    history.asked[2].first_at, history.asked[2].acked_at = 60.0, 60.1
    history.shown[2:3] = [Shown("12", APOLOGY, "Sorry", 96.0)] * apologies
    assert told(history) == f"12 saw {apologies} apologies for 1 dead letters"


def test_a_late_answer_is_found() -> None:
    history = good()
    history.shown[1] = answer("a2e", "11", 126.0)
    assert told(history) == "a2e was answered 21.0 s after the last fault"


def test_a_further_fault_before_the_time_is_over_gives_time_again() -> None:
    history = good()
    history.shown[1] = answer("a2e", "11", 126.0)
    history.spans.append(Span("stop", "nlp", 110.0, 111.0))
    assert violations(history) == []


def test_time_in_which_the_driver_stood_still_is_added_as_it_was_measured() -> None:
    history = good()
    history.shown[1] = answer("a2e", "11", 126.0)
    history.stalls = [Span("stall", "driver", 110.0, 110.5), Span("stall", "worker1", 112.0, 114.0)]
    assert told(history) == "a2e was answered 20.5 s after the last fault"
    history.stalls.append(Span("stall", "driver", 120.0, 120.6))
    assert violations(history) == []


def test_what_stood_in_line_behind_another_comes_soon_after_it() -> None:
    history = good()
    history.asked.append(Asked("a3e", "11", "telegram", "echo", 102.0, 102.1))
    history.shown.insert(2, answer("a3e", "11", 128.0))
    assert told(history) == "a3e was answered 23.0 s after the last fault"
    history.shown[1] = answer("a2e", "11", 124.0)
    assert violations(history) == []


def test_two_messages_in_a_chat_at_once_are_found() -> None:
    history = good()
    history.calls.append(call(107.9))
    assert told(history) == "2 × sendmessage in 11 came within 0.40 s"


def test_an_entry_that_the_page_saw_twice_is_found() -> None:
    history = good()
    history.streamed.append(Streamed("web", "4-0", "reply", "w1e"))
    assert told(history) == "w1e: the page saw 2 × reply"


def test_an_entry_that_the_page_never_saw_is_found() -> None:
    history = good()
    del history.streamed[1]
    assert told(history) == "w1e: the page never saw its reply"


def test_a_stream_that_goes_back_is_found() -> None:
    history = good()
    history.streamed.append(Streamed("web", "2-5", "typing", "w1e"))
    assert told(history) == "w1e: the page saw 2-5 after a later entry"


def test_work_keys_and_connections_that_are_left_over_are_found() -> None:
    history = good()
    history.undone.append("inbox:web:1")
    history.lasting.append("lease:web:1")
    history.leaked.append("process 7 is still there")
    assert told(history).splitlines() == [
        "inbox:web:1 was left over",
        "process 7 is still there",
        "lease:web:1 has no TTL",
    ]
