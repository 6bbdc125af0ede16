"""What a run does, as a function of its seed: who says what and when, and which faults come when."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.chaos.history import Channel, Kind, Want

QUIET_EVERY_S = 150.0
QUIET_S = 24.0
"""So often and so long no fault comes, so that recovery shows."""
PAUSES_S = (1.0, 5.0)
SPANS_S = (0.5, 6.0)
LONG_SPANS_S = (65.0, 80.0)
"""At times somebody who is waited for without blame is away for longer than an Event may be tried."""
WAITED_FOR = (("kill", "nlp"), ("down", "telegram"), ("down", "slack"))
LONG_CHANCE = 0.5
LOOKS_S = (0.0, 1.2)
"""So long people look at an answer before they stop, delete or rate it."""
STOPS, DELETES, RATES = 0.8, 0.07, 0.3
"""How many of those who may do so: of long answers, of all answers, of what is left on Slack."""
SETTLE_S = 8.0
"""Before the first fault."""


@dataclass(frozen=True)
class Saying:
    """One Event that a person brings about."""

    mark: str
    at_s: float
    kind: Kind
    repeated_after_s: float | None = None
    """The platform delivers it once more, though it was taken."""
    want: Want | None = None
    """What the person wants of its answer, once they see it."""
    want_after_s: float = 0.0
    """How long they look at it before they act."""


@dataclass(frozen=True)
class Person:
    """Somebody who talks."""

    name: str
    channel: Channel
    account: str
    number: int
    sayings: tuple[Saying, ...]
    group: int | None = None
    """The group chat that they are in; None: a conversation of their own."""


@dataclass(frozen=True)
class Fault:
    """Something that breaks."""

    at_s: float
    span_s: float
    """How long it lasts, before whatever it hit is brought back."""
    kind: str
    target: str


@dataclass(frozen=True)
class Crowd:
    """So many people of one account, and what they send (a kind as often as it stands there)."""

    channel: Channel
    account: str
    people: int
    kinds: tuple[Kind, ...]
    every_s: float = 5.0
    """How often one of them says something."""
    together: int = 0
    """So many of them share a group chat; 0: each has a conversation of their own."""


@dataclass(frozen=True)
class Plan:
    """A whole run."""

    seed: int
    seconds: float
    people: tuple[Person, ...]
    faults: tuple[Fault, ...]


def make_plan(seed: int, seconds: float, crowds: Sequence[Crowd], menu: Sequence[tuple[str, str]]) -> Plan:
    """The same for the same arguments. `menu`: the (kind, target) of possible faults."""
    faults = tuple(_faults(random.Random(f"{seed} faults"), seconds, menu))
    people = tuple(
        _person(random.Random(f"{seed} {_name(crowd, number)}"), crowd, number, seconds)
        for crowd in crowds
        for number in range(crowd.people)
    )
    return Plan(seed, seconds, people, faults)


def _faults(chance: random.Random, seconds: float, menu: Sequence[tuple[str, str]]) -> Iterator[Fault]:
    """One after another, each of the menu before one comes again; none in the quiet or at the end."""
    at, bag = SETTLE_S, list[tuple[str, str]]()
    while menu:
        bag = bag or chance.sample(menu, len(menu))
        kind, target = bag.pop()
        at += chance.uniform(*PAUSES_S)
        if at % QUIET_EVERY_S > QUIET_EVERY_S - QUIET_S:
            at += QUIET_S
        is_long = (kind, target) in WAITED_FOR and chance.random() < LONG_CHANCE
        span = chance.uniform(*(LONG_SPANS_S if is_long else SPANS_S))
        if at + span > seconds:
            return
        yield Fault(at, span, kind, target)
        at += span


def _person(chance: random.Random, crowd: Crowd, number: int, seconds: float) -> Person:
    name = _name(crowd, number)
    group = number // crowd.together if crowd.together else None
    sayings = tuple(_sayings(chance, name, crowd, seconds))
    return Person(name, crowd.channel, crowd.account, number, sayings, group)


def _name(crowd: Crowd, number: int) -> str:
    return f"{crowd.account}{'g' if crowd.together else ''}{number}"


def _sayings(chance: random.Random, name: str, crowd: Crowd, seconds: float) -> Iterator[Saying]:
    """Mostly one by one, at times some in a burst; one in ten is delivered again later."""
    at, count, burst = chance.uniform(0, crowd.every_s), 0, 0
    while at < seconds:
        again = chance.uniform(0.1, 8) if chance.random() < 0.1 else None
        kind = chance.choice(crowd.kinds)
        want = _want(chance, crowd.channel, kind)
        again = None if kind == "forged" else again
        yield Saying(f"{name}n{count:04}e", at, kind, again, want, chance.uniform(*LOOKS_S))
        count, burst = count + 1, burst - 1
        if burst <= 0 and chance.random() < 0.1:
            burst = chance.randint(2, 4)
        at += chance.uniform(0, 0.3) if burst > 0 else chance.uniform(0.3, 1.7) * crowd.every_s


def _want(chance: random.Random, channel: Channel, kind: Kind) -> Want | None:
    first, second = chance.random(), chance.random()
    if kind == "tale":
        return "stop" if first < STOPS else None
    if kind not in ("echo", "stream"):
        return None
    if first < DELETES:
        return "delete"
    return "rate" if channel == "slack" and second < RATES else None
