"""Calls that come too close are found, unless it was measured that the earlier one arrived late."""

from dataclasses import replace

from tests.chaos.history import Call, History, Span
from tests.chaos.pacing import paced
from tests.chaos.timing import lateness_s


def told(*calls: Call, spans: tuple[Span, ...] = (), stalls: tuple[Span, ...] = ()) -> list[str]:
    return list(paced(History(calls=list(calls), spans=list(spans), stalls=list(stalls))))


def call(at: float, place: str = "11") -> Call:
    return Call(at, "token", "sendmessage", place, 200)


def refused(at: float, retry_after_s: float) -> Call:
    return replace(call(at), status=429, retry_after_s=retry_after_s)


def still(began_at: float, ended_at: float, who: str = "driver") -> Span:
    return Span("stall", who, began_at, ended_at)


def test_a_call_before_its_retry_after_is_over_is_found() -> None:
    assert told(refused(92, 5), call(96)) == ["sendmessage in 11 came 1.00 s before its Retry-After"]


def test_a_call_that_was_under_way_when_the_429_came_is_excused() -> None:
    assert not told(refused(92, 5), replace(call(92.2), method="editmessagetext"))


def test_a_call_is_under_way_longer_where_somebody_stood_still_and_no_longer_than_that() -> None:
    early = replace(call(92.8), method="editmessagetext")
    assert told(refused(92, 5), early, stalls=(still(92.3, 92.7),)) == [
        "editmessagetext in 11 came 4.20 s before its Retry-After"
    ]
    assert not told(refused(92, 5), early, stalls=(still(92.1, 92.7),))


def test_two_messages_in_a_chat_at_once_are_found() -> None:
    assert told(call(107.5), call(107.9)) == ["2 × sendmessage in 11 came within 0.40 s"]


def test_messages_come_closer_by_as_much_as_the_earlier_was_held_up() -> None:
    held_up = still(107.28, 107.4)
    assert not told(call(107.5), call(107.9), stalls=(held_up,))
    assert told(call(107.5), call(107.8), stalls=(held_up,)) == ["2 × sendmessage in 11 came within 0.30 s"]


def test_what_stood_still_long_before_the_earlier_or_after_it_excuses_nothing() -> None:
    assert told(call(107.5), call(107.9), stalls=(still(106, 107.1),))
    assert told(call(107.5), call(107.9), stalls=(still(107.5, 107.9),))


def test_many_messages_a_little_too_fast_are_found() -> None:
    calls = [call(150 + number * 0.9) for number in range(8)]
    assert "7 × sendmessage in 11 came within 5.40 s" in told(*calls)


def test_a_crowd_of_messages_after_a_standstill_is_excused_but_not_one_more() -> None:
    crowd = [call(153), call(153.01), call(153.02), call(153.03), call(154)]
    assert not told(*crowd, stalls=(still(150, 152.99),))
    assert told(*crowd, call(153.04), stalls=(still(150, 152.99),))


def test_a_way_that_is_a_little_uneven_is_excused() -> None:
    assert not told(call(150.4), *(call(150.0 + number) for number in range(1, 8)))


def test_a_fault_on_the_way_excuses_what_arrives_too_close() -> None:
    assert not told(call(107.5), call(107.9), spans=(Span("stop", "worker1", 106.0, 107.0),))
    assert told(call(107.5), call(107.9), spans=(Span("kill", "worker1", 106.0, 107.0),))


def test_a_bot_that_is_too_fast_over_all_its_chats_is_found() -> None:
    calls = [call(150.0 + number / 40, str(number)) for number in range(40)]
    assert told(*calls) == ["a bot made 34 calls within a second"]


def test_a_group_that_hears_more_than_twenty_in_a_minute_is_found() -> None:
    calls = [call(100.0 + 2.9 * number, "-5") for number in range(21)]
    assert told(*calls) == ["21 calls in the group -5 came within 58.0 s"]
    assert not told(*(replace(one, place="5") for one in calls))
    assert not told(*(call(100.0 + 3.1 * number, "-5") for number in range(21)))
    assert not told(*calls, stalls=(still(97.9, 99.95),))


def test_a_bot_s_calls_that_were_held_up_together_are_excused() -> None:
    calls = [call(150.0 + number / 40, str(number)) for number in range(36)]
    assert not told(*calls, stalls=(still(149.8, 150.0),))
    assert told(*calls, stalls=(still(149.95, 150.0),)) == ["a bot made 35 calls within a second"]


def test_what_several_measured_at_the_same_time_counts_once() -> None:
    spans = [still(10, 10.3), still(10.1, 10.4, "worker1"), still(10.45, 10.5, "proxies")]
    assert round(lateness_s(10.5, spans), 3) == 0.45


def test_only_what_of_a_standstill_was_before_counts() -> None:
    assert round(lateness_s(10.2, [still(10, 11)]), 3) == 0.2
    assert lateness_s(11.4, [still(10, 11)]) == 0
