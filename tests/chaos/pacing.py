"""Judges whether calls kept their distance, where the machine itself did not move them together; pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from tests.chaos.history import Call, History, Span
from tests.chaos.timing import lateness_s

UNDER_WAY_S = 0.3
"""A call that arrives so soon after a 429 was sent before its sender could know."""
UNEVEN_S = 0.5
"""The way to the platform takes a little longer for one call than for the next."""
TOGETHER = 20
"""So many calls in a row are looked at together."""
TOKEN_CALLS_A_SECOND = 33
"""Telegram's 30 a second for a bot, and a little unevenness."""
GROUP_CALLS_A_MINUTE = 20
SENDS = ("sendmessage", "sendphoto", "editmessagetext", "chat.postMessage")
"""Calls that keep a second's distance in their place."""
DISTORTING = ("stop", "latency", "half_open", "mute", "clock")
"""Faults that come between the place that a call was given and its arrival."""


def paced(history: History) -> Iterator[str]:
    """No call before a Retry-After is over, one message a second in a place, 20 a minute in a group of
    Telegram's, 30 a second for a bot.

    A call that arrived late, because somebody stood still on its way, may have the next one so much closer
    behind it: as much as was measured, and no more.
    """
    calls = [call for call in history.calls if not _is_distorted(call.at, history.spans)]
    by_place: dict[tuple[str, str], list[Call]] = defaultdict(list)
    by_token: dict[str, list[Call]] = defaultdict(list)
    for call in sorted(calls, key=lambda call: call.at):
        if call.method in SENDS:
            by_place[call.token, call.place].append(call)
            by_token[call.token].append(call)
    for (_, name), place in by_place.items():
        yield from _too_early(place, history.stalls)
        yield from _too_many_in_group(place, history.stalls) if name.startswith("-") else ()
        for method in SENDS:
            yield from _too_close([call for call in place if call.method == method], history.stalls)
    for token in by_token.values():
        yield from _too_many(token, history.stalls)


def _is_distorted(at: float, spans: Iterable[Span]) -> bool:
    return any(s.kind in DISTORTING and s.began_at - 1 <= at <= s.ended_at + 3 for s in spans)


def _too_early(calls: list[Call], stalls: list[Span]) -> Iterator[str]:
    told_at, closed_until = 0.0, 0.0
    for call in calls:
        if told_at + UNDER_WAY_S < call.at < closed_until - 0.05:
            sent_at = call.at - lateness_s(call.at, stalls)
            if sent_at > told_at + UNDER_WAY_S:
                early_s = closed_until - call.at
                yield f"{call.method} in {call.place} came {early_s:.2f} s before its Retry-After"
        if call.status == 429 and call.at + call.retry_after_s > closed_until:
            told_at, closed_until = call.at, call.at + call.retry_after_s


def _too_close(calls: list[Call], stalls: list[Span]) -> Iterator[str]:
    """However many come in a row, they take a second each, but for the unevenness of the way, once."""
    for number, later in enumerate(calls):
        for behind in range(1, min(number, TOGETHER) + 1):
            earlier = calls[number - behind]
            took = later.at - earlier.at
            if took < behind - UNEVEN_S and took < behind - UNEVEN_S - lateness_s(earlier.at, stalls):
                yield f"{behind + 1} × {later.method} in {later.place} came within {took:.2f} s"
                break


def _too_many_in_group(calls: list[Call], stalls: list[Span]) -> Iterator[str]:
    for first, last in zip(calls, calls[GROUP_CALLS_A_MINUTE:], strict=False):
        took = last.at - first.at
        if took < 60 - lateness_s(first.at, stalls):
            yield f"{GROUP_CALLS_A_MINUTE + 1} calls in the group {last.place} came within {took:.1f} s"


def _too_many(calls: list[Call], stalls: list[Span]) -> Iterator[str]:
    for number, call in enumerate(calls):
        within = [c for c in calls[max(0, number - 200) : number + 1] if c.at > call.at - 1]
        most = TOKEN_CALLS_A_SECOND
        if len(within) > most and len(within) > most * (1 + lateness_s(within[0].at, stalls)):
            yield f"a bot made {len(within)} calls within a second"
            return
