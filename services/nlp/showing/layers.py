"""Puts the nodes of a directed graph into layers, and orders each layer so that few edges cross."""

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from itertools import pairwise
from typing import TypeVar

Name = TypeVar("Name", bound=Hashable)
Link = tuple[Name, Name]
_SWEEPS = 12


def backward(names: Sequence[Name], links: Sequence[Link[Name]]) -> set[Link[Name]]:
    """The links that close a cycle when the graph is walked depth first; without them there is none."""
    after: dict[Name, list[Name]] = defaultdict(list)
    for source, target in links:
        after[source].append(target)
    found: set[Link[Name]] = set()
    done: set[Name] = set()
    for root in names:
        if root in done:
            continue
        open_names = {root}
        path = [(root, iter(after[root]))]
        while path:
            name, rest = path[-1]
            try:
                target = next(rest)
            except StopIteration:
                path.pop()
                open_names.discard(name)
                done.add(name)
                continue
            if target in open_names:
                found.add((name, target))
            elif target not in done:
                open_names.add(target)
                path.append((target, iter(after[target])))
    return found


def ranks(names: Sequence[Name], links: Sequence[Link[Name]]) -> dict[Name, int]:
    """The layer of each name: behind all that lead to it; what nothing leads to stands right before its next.

    The links must hold no cycle.
    """
    before, after = neighbours(links)
    waiting = {name: len(before[name]) for name in names}
    ready = [name for name in names if not waiting[name]]
    rank = dict.fromkeys(names, 0)
    for name in ready:  # grows while it is read
        for target in after[name]:
            rank[target] = max(rank[target], rank[name] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    for name in names:
        if not before[name] and after[name]:
            rank[name] = min(rank[target] for target in after[name]) - 1
    return rank


def neighbours(links: Sequence[Link[Name]]) -> tuple[dict[Name, list[Name]], dict[Name, list[Name]]]:
    """What leads to each name, and what each leads to."""
    before: dict[Name, list[Name]] = defaultdict(list)
    after: dict[Name, list[Name]] = defaultdict(list)
    for source, target in links:
        before[target].append(source)
        after[source].append(target)
    return before, after


def ordered(layers: Sequence[Sequence[Name]], links: Sequence[Link[Name]]) -> list[list[Name]]:
    """The layers, each ordered by where its neighbours stand; links must join layers side by side."""
    before, after = neighbours(links)
    current = [list(layer) for layer in layers]
    best, fewest = current, crossings(current, after)
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        current = _swept(current, before if sweep % 2 == 0 else after, forward=sweep % 2 == 0)
        if (count := crossings(current, after)) < fewest:
            best, fewest = current, count
    return best


def crossings(layers: Sequence[Sequence[Name]], after: Mapping[Name, Sequence[Name]]) -> int:
    """How many pairs of links cross."""
    return sum(_crossings_of(a, b, after) for a, b in pairwise(layers))


def _crossings_of(left: Sequence[Name], right: Sequence[Name], after: Mapping[Name, Sequence[Name]]) -> int:
    place = {name: number for number, name in enumerate(right)}
    seen: list[int] = []
    count = 0
    for name in left:
        targets = sorted(place[target] for target in after.get(name, ()))
        count += sum(len(seen) - bisect_right(seen, target) for target in targets)
        for target in targets:
            insort(seen, target)
    return count


def _swept(
    layers: list[list[Name]], beside: Mapping[Name, Sequence[Name]], forward: bool
) -> list[list[Name]]:
    found = [list(layer) for layer in layers]
    places = range(1, len(found)) if forward else range(len(found) - 2, -1, -1)
    for number in places:
        fixed = {name: at for at, name in enumerate(found[number - 1 if forward else number + 1])}
        found[number] = _by_barycenter(found[number], fixed, beside)
    return found


def _by_barycenter(
    layer: list[Name], fixed: Mapping[Name, int], beside: Mapping[Name, Sequence[Name]]
) -> list[Name]:
    """Names without neighbours on that side keep their place; the others share the rest."""
    middle = {
        name: sum(fixed[other] for other in beside[name]) / len(beside[name])
        for name in layer
        if beside.get(name)
    }
    moved = iter(sorted(middle, key=middle.__getitem__))
    return [next(moved) if name in middle else name for name in layer]
