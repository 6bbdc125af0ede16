"""Judges whether people got what they wanted of answers: stopped, deleted, rated; pure."""

import math
from collections import Counter
from collections.abc import Iterator

from tests.chaos.history import STOPPED, Asked, History, Shown, Wish
from tests.chaos.timing import RECOVERY_S, is_amid_faults, overdue_s
from tests.chaos.words import author_of, is_beginning, is_whole, says_stopped

TALE_S = 3.0
"""The model takes so long for the longest answer, at least."""
STOPS_IN_S = 1.0
"""An answer that runs ends so soon after its stop is accepted."""
UNKNOWN_S = 1.0
"""Around a fault Telegram's messages may be shown for so long before we know that they are ours."""


class Stops:
    """What stops excuse: each line about one excuses one answer, but on the web, where the page draws it."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._lines = Counter(shown.place for shown in history.shown if shown.mark == STOPPED)

    def may_meet(self, asked: Asked) -> bool:
        """Whether one of the person's stops may be about this answer: on the web only one that names it."""
        stops = [w for w in self._history.wishes if w.want == "stop" and w.place == asked.place]
        if asked.channel == "web":
            return any(stop.mark == asked.mark for stop in stops)
        mine = [stop for stop in stops if author_of(stop.mark) == author_of(asked.mark)]
        return any((stop.acked_at or math.inf) > (asked.first_at or 0) for stop in mine)

    def excuse_none(self, asked: Asked) -> bool:
        """Whether nothing was written yet when it was stopped."""
        return self.may_meet(asked) and (asked.channel == "web" or self._takes_line(asked))

    def excuse_part(self, asked: Asked, text: str) -> bool:
        """Whether it ends where it was stopped: the line is behind it, or by itself where a fault has taken
        the turn from the worker that knew what was written."""
        if not self.may_meet(asked) or not is_beginning(asked, text):
            return False
        began_at = asked.first_at or 0
        until = (asked.acked_at or began_at) + RECOVERY_S
        is_disturbed = is_amid_faults(began_at, until, self._history.spans)
        return says_stopped(asked, text) or (is_disturbed and self._takes_line(asked))

    def _takes_line(self, asked: Asked) -> bool:
        self._lines[asked.place] -= 1
        return self._lines[asked.place] >= 0


def taken_at_its_word(history: History) -> Iterator[str]:
    """What was acknowledged was accepted; Slack is told in words where there is nothing to do."""
    asked = _by_mark(history)
    for wish in history.wishes:
        is_polite = asked[wish.mark].channel == "slack" and wish.want != "rate"
        if wish.acked_at is not None and not wish.is_taken and not is_polite:
            yield f"{wish.mark}: its {wish.want} was acknowledged and not accepted"


def stopped(history: History) -> Iterator[str]:
    """An answer that is stopped in time, when nothing is broken, does not become whole."""
    asked, answers = _by_mark(history), {shown.mark: shown for shown in history.shown}
    for wish in history.wishes:
        told, shown = asked[wish.mark], answers.get(wish.mark)
        if wish.want != "stop" or not wish.is_taken or wish.acked_at is None or told.first_at is None:
            continue
        is_in_time = wish.acked_at + STOPS_IN_S < told.first_at + TALE_S
        if shown is None or not is_in_time or not is_whole(told, shown.text):
            continue
        if not is_amid_faults(told.first_at - RECOVERY_S, shown.at, history.spans):
            yield f"{wish.mark} was stopped and became whole"


def deleted(history: History) -> Iterator[str]:
    """What was deleted, and accepted as that, is gone within 20 s, or 20 s of the last fault."""
    found = {(shown.place, shown.message): shown for shown in history.shown}
    asked = _by_mark(history)
    for wish in history.wishes:
        if wish.want != "delete" or not wish.is_taken:
            continue
        shown = found.get((wish.place, wish.message))
        if shown is None or _is_unknown(shown, wish, asked[wish.mark], history):
            continue
        if shown.gone_at is None:
            yield f"{wish.mark} was deleted and still stands"
            continue
        late_s = overdue_s(shown.gone_at, wish.acked_at or wish.first_at, history)
        if late_s > 0:
            yield f"{wish.mark} was deleted {late_s + RECOVERY_S:.1f} s after the last fault"


def vanished(history: History) -> Iterator[str]:
    """Nothing vanishes that nobody wanted to be gone."""
    wanted = {(wish.place, wish.message) for wish in history.wishes if wish.want == "delete"}
    for shown in history.shown:
        if shown.gone_at is not None and (shown.place, shown.message) not in wanted:
            yield f"{shown.mark} vanished, and nobody had asked for that"


def rated(history: History) -> Iterator[str]:
    """Each verdict that was accepted counts once."""
    given = {(wish.place, wish.message) for wish in history.wishes if wish.want == "rate" and wish.is_taken}
    if len(given) != history.ratings:
        yield f"{len(given)} answers were rated, and {history.ratings} ratings are counted"


def _by_mark(history: History) -> dict[str, Asked]:
    return {asked.mark: asked for asked in history.asked}


def _is_unknown(shown: Shown, wish: Wish, asked: Asked, history: History) -> bool:
    """Whether a fault may have come between a message of Telegram's and the record that it is ours."""
    until = (wish.acked_at or wish.first_at) + UNKNOWN_S
    return (
        shown.gone_at is None
        and asked.channel == "telegram"
        and is_amid_faults(shown.at - UNKNOWN_S, until, history.spans)
    )
