"""When something is too late, and how much of that is the machine's own standing still; pure."""

from collections.abc import Iterable

from tests.chaos.history import DRIVER, History, Span

RECOVERY_S = 20.0
"""So long after the last fault everything that was accepted before has its answer."""
SETTLES_S = 0.3
"""What waited while somebody stood still is done so soon after."""


def lateness_s(at: float, stalls: Iterable[Span]) -> float:
    """So much later than it was sent a call may have arrived then, by what stood still just before."""
    return _covered_s(0, at, (s for s in stalls if s.began_at < at < s.ended_at + SETTLES_S))


def stood_still_s(began_at: float, ended_at: float, stalls: Iterable[Span]) -> float:
    """For how long of this time the driver stood still."""
    return _covered_s(began_at, ended_at, (s for s in stalls if s.target == DRIVER))


def overdue_s(at: float, accepted_at: float, history: History) -> float:
    """So much too late something happens that was accepted then; 0 or less where it is in time.

    Time in which the driver stood still, and nobody could be delivered or shown anything, is added to the
    20 s as it was measured.
    """
    late_s = at - deadline(accepted_at, history.spans)
    return late_s - stood_still_s(accepted_at, at, history.stalls) if late_s > 0 else late_s


def deadline(accepted_at: float, spans: Iterable[Span]) -> float:
    """20 s after it was accepted, or after the last of the faults that came in between."""
    until = accepted_at + RECOVERY_S
    for span in sorted(spans, key=lambda span: span.began_at):
        if span.began_at <= until and span.ended_at >= accepted_at:
            until = max(until, span.ended_at + RECOVERY_S)
    return until


def is_amid_faults(began_at: float, ended_at: float, spans: Iterable[Span]) -> bool:
    """Whether a fault lies within this time, or reaches into it."""
    return any(span.began_at <= ended_at and span.ended_at >= began_at for span in spans)


def _covered_s(began_at: float, ended_at: float, spans: Iterable[Span]) -> float:
    """So many seconds of this time are within one of the spans, or more than one."""
    covered_s, until = 0.0, began_at
    for span in sorted(spans, key=lambda span: span.began_at):
        covered_s += max(0.0, min(span.ended_at, ended_at) - max(until, span.began_at))
        until = max(until, min(span.ended_at, ended_at))
    return covered_s
