"""A layered layout from left to right: where boxes, labels and lines of a directed graph stand, in pixels."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from services.nlp.showing.layers import backward, neighbours, ordered, ranks

Point = tuple[float, float]
_ROW_GAP = 14.0
_LINE_GAP = 7.0
_LAYER_GAP = 26.0
_MOST_LAYER_GAP = 110.0
_PARTS_GAP = 40.0
_ALIGNMENTS = 24
_STRAIGHTNESS = 4.0
"""How much more it counts that a long line is straight than that a box stands before its neighbours."""


@dataclass(frozen=True)
class Size:
    """Width and height."""

    width: float
    height: float


@dataclass(frozen=True)
class Arrow:
    """A line from one box to another, and the size of its label (0 by 0: none)."""

    source: str
    target: str
    label: Size = Size(0, 0)


@dataclass(frozen=True)
class Rect:
    """A box by its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The x of its right side."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The y of its lower side."""
        return self.y + self.height

    @property
    def middle(self) -> float:
        """The y of its middle."""
        return self.y + self.height / 2


@dataclass(frozen=True)
class Route:
    """How a line runs: point 0 to 1 level, 1 to 2 in a curve, and so on by turns; and where its label is."""

    points: tuple[Point, ...]
    label: Rect | None = None


@dataclass(frozen=True)
class Layout:
    """Where everything stands; routes in the order of the arrows. The upper left corner is 0, 0."""

    boxes: Mapping[str, Rect]
    routes: tuple[Route, ...]
    size: Size


def lay_out(sizes: Mapping[str, Size], arrows: Sequence[Arrow]) -> Layout:
    """Boxes in layers, unconnected parts one below the other; labels and lines keep clear of boxes.

    An arrow from a box to itself is not allowed (ValueError).
    """
    if any(arrow.source == arrow.target for arrow in arrows):
        raise ValueError("an arrow leads from a box to itself")
    boxes: dict[str, Rect] = {}
    routes: dict[int, Route] = {}
    top, width = 0.0, 0.0
    for names, numbers in _parts(sizes, arrows):
        part = _Part({name: sizes[name] for name in names}, {number: arrows[number] for number in numbers})
        placed, size = part.placed(top)
        boxes |= {name: placed[name] for name in names}
        routes |= {number: part.route(number, placed) for number in numbers}
        top, width = top + size.height + _PARTS_GAP, max(width, size.width)
    size = Size(width, max(0.0, top - _PARTS_GAP))
    return Layout(boxes, tuple(routes[number] for number in range(len(arrows))), size)


def _parts(sizes: Mapping[str, Size], arrows: Sequence[Arrow]) -> Iterator[tuple[list[str], list[int]]]:
    """The connected parts: their boxes, and the numbers of their arrows."""
    part_of: dict[str, str] = {name: name for name in sizes}

    def find(name: str) -> str:
        while part_of[name] != name:
            part_of[name] = part_of[part_of[name]]
            name = part_of[name]
        return name

    for arrow in arrows:
        part_of[find(arrow.target)] = find(arrow.source)
    names, numbers = defaultdict(list), defaultdict(list)
    for name in sizes:
        names[find(name)].append(name)
    for number, arrow in enumerate(arrows):
        numbers[find(arrow.source)].append(number)
    yield from ((found, numbers[root]) for root, found in names.items())


@dataclass
class _Part:
    """One connected part. Items are boxes by name, and the bends of arrows as "#arrow#layer"."""

    sizes: dict[str, Size]
    arrows: dict[int, Arrow]
    chains: dict[int, list[str]] = field(default_factory=dict)
    """Of each arrow from left to right: box, bends, box."""
    reversed_ones: set[int] = field(default_factory=set)
    links: list[tuple[str, str]] = field(default_factory=list)
    bends: dict[str, Size] = field(default_factory=dict)
    layers: list[list[str]] = field(default_factory=list)
    sides: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Left and right of the layer in which an item stands."""

    def __post_init__(self) -> None:
        links = [(arrow.source, arrow.target) for arrow in self.arrows.values()]
        back = backward(list(self.sizes), links)
        self.reversed_ones = {n for n, a in self.arrows.items() if (a.source, a.target) in back}
        forward = [(b, a) if (a, b) in back else (a, b) for a, b in links]
        # Boxes stand in even layers, labels in the odd ones between them.
        rank = {name: 2 * number for name, number in ranks(list(self.sizes), forward).items()}
        self.layers = [[] for _ in range(max(rank.values()) + 1)]
        for name, number in rank.items():
            self.layers[number].append(name)
        for number, arrow in self.arrows.items():
            self._bend(number, arrow, rank)
        self.layers = ordered(self.layers, self.links)

    def _bend(self, number: int, arrow: Arrow, rank: Mapping[str, int]) -> None:
        ends = (arrow.source, arrow.target)
        left, right = ends[::-1] if number in self.reversed_ones else ends
        between = range(rank[left] + 1, rank[right])
        labelled = rank[arrow.source] - 1 if number in self.reversed_ones else rank[arrow.source] + 1
        names = [f"#{number}#{layer}" for layer in between]
        for name, layer in zip(names, between, strict=True):
            self.bends[name] = arrow.label if layer == labelled else Size(0, 0)
            self.layers[layer].append(name)
        self.chains[number] = [left, *names, right]
        self.links += pairwise(self.chains[number])

    def placed(self, top: float) -> tuple[dict[str, Rect], Size]:
        """Every item's place below `top`, and the size of the whole."""
        sizes = self.sizes | self.bends
        middles = self._middles(sizes)
        highest = min(middles[name] - sizes[name].height / 2 for name in middles)
        lefts, widths = self._columns(sizes, middles)
        rects: dict[str, Rect] = {}
        for layer, left, width in zip(self.layers, lefts, widths, strict=True):
            for name in layer:
                y = top + middles[name] - sizes[name].height / 2 - highest
                wide = sizes[name].width if name in self.sizes else width
                rects[name] = Rect(left, y, wide, sizes[name].height)
                self.sides[name] = (left, left + width)
        bottom = max(rect.bottom for rect in rects.values())
        return rects, Size(lefts[-1] + widths[-1], bottom - top)

    def _columns(
        self, sizes: Mapping[str, Size], middles: Mapping[str, float]
    ) -> tuple[list[float], list[float]]:
        """Left side and width of each layer; steep lines get more room."""
        _, after = neighbours(self.links)
        widths = [max((sizes[name].width for name in layer), default=0.0) for layer in self.layers]
        lefts, x = [], 0.0
        for layer, width in zip(self.layers, widths, strict=True):
            lefts.append(x)
            rises = [abs(middles[name] - middles[other]) for name in layer for other in after[name]]
            x += width + min(_MOST_LAYER_GAP, _LAYER_GAP + max(rises, default=0.0) / 12)
        return lefts, widths

    def _middles(self, sizes: Mapping[str, Size]) -> dict[str, float]:
        """The y of every item: as near to its neighbours as the order and the gaps allow."""
        before, after = neighbours(self.links)
        found: dict[str, float] = {}
        for layer in self.layers:
            found.update(zip(layer, self._offsets(layer, sizes), strict=True))
        for turn in range(_ALIGNMENTS):
            is_last = turn >= _ALIGNMENTS - 2
            sides = (before, after) if is_last else ((before,), (after,))[turn % 2]
            for layer in self.layers if turn % 2 == 0 else self.layers[::-1]:
                self._align(layer, sizes, found, sides)
        return found

    def _align(
        self,
        layer: Sequence[str],
        sizes: Mapping[str, Size],
        found: dict[str, float],
        sides: Sequence[Mapping[str, Sequence[str]]],
    ) -> None:
        wished, weights = [], []
        for name in layer:
            others = [other for side in sides for other in side.get(name, ())]
            wished.append(sum(found[o] for o in others) / len(others) if others else found[name])
            is_straight = name in self.bends and any(other in self.bends for other in others)
            weights.append(_STRAIGHTNESS if is_straight else 1.0 if others else 0.1)
        found.update(zip(layer, _spread(wished, weights, self._offsets(layer, sizes)), strict=True))

    def _offsets(self, layer: Sequence[str], sizes: Mapping[str, Size]) -> list[float]:
        """The middles of a layer's items when they stand as close as they may."""
        offsets, y = list[float](), 0.0
        for above, name in zip([None, *layer], layer, strict=False):
            if above is not None:
                both_lines = not sizes[above].height and not sizes[name].height
                y += _LINE_GAP if both_lines else _ROW_GAP
            offsets.append(y + sizes[name].height / 2)
            y += sizes[name].height
        return offsets

    def route(self, number: int, placed: Mapping[str, Rect]) -> Route:
        """The arrow's line from its source to its target."""
        chain = self.chains[number]
        first, last = placed[chain[0]], placed[chain[-1]]
        points: list[Point] = [(first.right, first.middle), (self.sides[chain[0]][1], first.middle)]
        for name in chain[1:-1]:
            points += [(side, placed[name].middle) for side in self.sides[name]]
        points += [(self.sides[chain[-1]][0], last.middle), (last.x, last.middle)]
        if number in self.reversed_ones:
            points.reverse()
        return Route(tuple(points), self._label(number, placed))

    def _label(self, number: int, placed: Mapping[str, Rect]) -> Rect | None:
        size = self.arrows[number].label
        for name in self.chains[number][1:-1]:
            if size.height and self.bends[name] == size:
                rect = placed[name]
                return Rect(rect.x + (rect.width - size.width) / 2, rect.y, size.width, size.height)
        return None


def _spread(wished: Sequence[float], weights: Sequence[float], offsets: Sequence[float]) -> list[float]:
    """The places nearest to those wished for (least squares) that stand at least the offsets apart.

    This is isotonic regression: neighbours that would collide are pooled and share their mean.
    """
    pools: list[tuple[float, float, int]] = []
    for wish, weight, offset in zip(wished, weights, offsets, strict=True):
        mean, total, count = wish - offset, weight, 1
        while pools and pools[-1][0] > mean:
            other, more, many = pools.pop()
            mean = (mean * total + other * more) / (total + more)
            total, count = total + more, count + many
        pools.append((mean, total, count))
    means = [mean for mean, _, count in pools for _ in range(count)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=True)]
