"""Judges a run's history by the promises of the design; pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from tests.chaos.granted import Stops, deleted, rated, stopped, taken_at_its_word, vanished
from tests.chaos.history import APOLOGY, STOPPED, UNANSWERED, Asked, History, Shown, Span
from tests.chaos.pacing import paced
from tests.chaos.timing import RECOVERY_S, overdue_s
from tests.chaos.words import is_beginning, is_whole

ONCE = ("said", "reply", "done", "deleted")
"""Entries that a page sees once for each message."""
TURN_S = 5.0
"""A turn that had to wait for the one before takes so long at most."""
LASTING_KEYS = ("tracker:", "memory:", "usage:", "web:", "gallery:", "dead", "_kombu.", "install")
"""What may live for ever: conversations, galleries, usage, dead letters until dropped, Celery's bindings."""


def violations(history: History) -> list[str]:
    """Every broken promise, one sentence each; empty where all were kept."""
    return [sentence for rule in RULES for sentence in rule(history)]


def answered_once(history: History) -> Iterator[str]:
    """Accepted: one answer, one more on Telegram for each fault in between. Else: one at most.

    One that was stopped ends where it was.
    """
    answers = _answers(history.shown)
    stops = Stops(history)
    for asked in history.asked:
        if asked.kind in UNANSWERED:
            continue
        mine = answers[asked.mark]
        most = 1 + (_faults_between(history.spans, mine) if asked.channel == "telegram" else 0)
        if asked.acked_at is not None and not mine and not stops.excuse_none(asked):
            yield f"{asked.mark} was accepted and never answered"
        if len(mine) > most:
            yield f"{asked.mark} was answered {len(mine)} times"
        yield from (f"{asked.mark} was answered in another place" for s in mine if s.place != asked.place)
        for shown in mine:
            is_good = is_whole(asked, shown.text) or shown.gone_at is not None
            is_excused = is_good or stops.excuse_part(asked, shown.text)
            if not is_excused and not _is_double(asked, shown, mine):
                yield f"{asked.mark} was answered with {shown.text!r}"


def taken(history: History) -> Iterator[str]:
    """What is signed and comes when nothing is broken is taken."""
    for asked in history.asked:
        if asked.kind == "forged" or asked.acked_at is not None or asked.first_at is None:
            continue
        if not any(s.began_at - 10 <= asked.first_at <= s.ended_at + 10 for s in history.spans):
            yield f"{asked.mark} was not taken, though nothing was broken"


def nothing_unasked(history: History) -> Iterator[str]:
    """Every message answers an Event that was delivered, signed and able to be answered."""
    known = {a.mark: a for a in history.asked if a.first_at is not None}
    for shown in history.shown:
        if shown.mark == APOLOGY:
            continue
        if shown.mark == STOPPED and any(w.place == shown.place and w.want == "stop" for w in history.wishes):
            continue
        asked = known.get(shown.mark)
        if asked is None:
            yield f"nobody asked for {shown.text!r} in {shown.place}"
        elif asked.kind in UNANSWERED:
            yield f"{asked.mark} was answered though it is {asked.kind}"


def in_order(history: History) -> Iterator[str]:
    """Of two Events of a place, one taken before the other came, the first is answered first."""
    position: dict[str, int] = {}
    for number, shown in enumerate(history.shown):
        position.setdefault(shown.mark, number)
    for place in _by_place(a for a in history.asked if a.mark in position).values():
        for later in place:
            for earlier in place:
                taken_before = (earlier.acked_at or 1e12) < (later.first_at or 0)
                if taken_before and position[earlier.mark] > position[later.mark]:
                    yield f"{later.mark} was answered before {earlier.mark}"


def dead_are_poisoned(history: History) -> Iterator[str]:
    """Dead letters are what was poisoned and taken, each once, and the person is told so once.

    The apology is marked before it is sent: one that a fault cut off does not come again.
    """
    poisoned = {a.mark for a in history.asked if a.kind == "poison"}
    taken = {a.mark for a in history.asked if a.kind == "poison" and a.acked_at is not None}
    yield from (f"{mark} is a dead letter and was not poisoned" for mark in set(history.dead) - poisoned)
    yield from (f"{mark} was poisoned and is no dead letter" for mark in taken - set(history.dead))
    yield from (f"{mark} is a dead letter {n} times" for mark, n in Counter(history.dead).items() if n > 1)
    apologies = Counter(s.place for s in history.shown if s.mark == APOLOGY)
    dead: dict[str, list[Asked]] = _by_place(a for a in history.asked if a.mark in set(history.dead))
    for place in apologies.keys() | dead.keys():
        missing = len(dead.get(place, ())) - apologies[place]
        if missing > _hindered(history, dead.get(place, [])) or -missing > _doubles(history, place):
            yield f"{place} saw {apologies[place]} apologies for {len(dead.get(place, ()))} dead letters"


def recovered(history: History) -> Iterator[str]:
    """What is accepted is answered within 20 s, or within 20 s of the faults that came in between.

    What had to wait for others in its place comes soon after them.
    """
    first = {mark: min(s.at for s in shown) for mark, shown in _answers(history.shown).items()}
    for place in _by_place(a for a in history.asked if a.mark in first).values():
        answered = sorted(first[asked.mark] for asked in place)
        for asked in place:
            at = first[asked.mark]
            before = max((one for one in answered if one < at), default=0.0)
            if asked.acked_at is None or at - before < TURN_S:
                continue
            late = overdue_s(at, asked.acked_at, history)
            if late > 0:
                yield f"{asked.mark} was answered {late + RECOVERY_S:.1f} s after the last fault"


def streamed_once(history: History) -> Iterator[str]:
    """A page that resumes sees each line, answer and end once, and never goes back."""
    seen = Counter((s.place, s.mark, s.type) for s in history.streamed if s.type in ONCE)
    yield from (f"{mark}: the page saw {n} × {kind}" for (_, mark, kind), n in seen.items() if n > 1)
    stops, last = Stops(history), dict[str, tuple[int, int]]()
    for entry in history.streamed:
        milliseconds, _, number = entry.entry_id.partition("-")
        place = (int(milliseconds), int(number))
        if place <= last.get(entry.place, (0, 0)):
            yield f"{entry.mark}: the page saw {entry.entry_id} after a later entry"
        last[entry.place] = place
    for asked in history.asked:
        if asked.channel == "web" and asked.acked_at is not None and asked.kind != "forged":
            wanted = ("said", "done") if stops.may_meet(asked) else ("said", "reply", "done")
            missing = [kind for kind in wanted if not seen[asked.place, asked.mark, kind]]
            yield from (f"{asked.mark}: the page never saw its {kind}" for kind in missing)


def cleaned_up(history: History) -> Iterator[str]:
    """Nothing is left over: no work, no key without a life, no process, no connection."""
    yield from (f"{key} was left over" for key in history.undone)
    yield from history.leaked
    for key in history.lasting:
        if not key.startswith(LASTING_KEYS):
            yield f"{key} has no TTL"


RULES = (
    taken,
    answered_once,
    nothing_unasked,
    in_order,
    dead_are_poisoned,
    recovered,
    paced,
    streamed_once,
    cleaned_up,
    taken_at_its_word,
    stopped,
    deleted,
    vanished,
    rated,
)


def _is_double(asked: Asked, shown: Shown, mine: list[Shown]) -> bool:
    """Whether it is a growing answer that only Telegram knew to be sent: it stands there again, whole."""
    is_again = any(is_whole(asked, one.text) for one in mine)
    return asked.channel == "telegram" and is_again and is_beginning(asked, shown.text)


def _answers(shown: Iterable[Shown]) -> dict[str, list[Shown]]:
    found: dict[str, list[Shown]] = defaultdict(list)
    for message in shown:
        found[message.mark].append(message)
    return found


def _by_place(asked: Iterable[Asked]) -> dict[str, list[Asked]]:
    found: dict[str, list[Asked]] = defaultdict(list)
    for one in asked:
        found[one.place].append(one)
    return found


def _faults_between(spans: Iterable[Span], mine: list[Shown]) -> int:
    """How many faults fell between the first of these messages and the last."""
    if len(mine) < 2:
        return 0
    first, last = min(s.at for s in mine), max(s.at for s in mine)
    return sum(span.began_at <= last and span.ended_at >= first - 1 for span in spans)


def _hindered(history: History, dead: Iterable[Asked]) -> int:
    """How many of these may have met a fault while the person was told."""
    hindered = (
        any(
            s.began_at < (a.acked_at or 0) + RECOVERY_S and s.ended_at > (a.first_at or 0)
            for s in history.spans
        )
        for a in dead
    )
    return sum(hindered)


def _doubles(history: History, place: str) -> int:
    """How many apologies of a place may stand twice: only on Telegram, for each fault one."""
    if not any(a.place == place and a.channel == "telegram" for a in history.asked):
        return 0
    return _faults_between(
        history.spans, [s for s in history.shown if s.place == place and s.mark == APOLOGY]
    )
