"""From stories to one graph: actions are its nodes, what people say in between its edges."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from services.nlp.formats.story import (
    ActionStep,
    CheckpointStep,
    LoopStep,
    OrStep,
    SlotStep,
    Step,
    Story,
    UserStep,
)
from services.nlp.showing.words import conditions_words, user_words

LISTEN = "action_listen"
NodeKind = Literal["start", "end", "action", "form", "anywhere", "listen", "onward"]


@dataclass(frozen=True)
class Stop:
    """What is shown at one node."""

    kind: NodeKind
    label: str


Trail = tuple[Stop, ...]
"""A stop behind the last `max_history` ones: what tells nodes apart."""
_START = Stop("start", "START")
_END = Stop("end", "END")
_LISTENING = Stop("listen", "…")
_GOES_ON = Stop("onward", "…")
_NEXT = Stop("onward", "?")


@dataclass(frozen=True)
class Node:
    """One box of the graph; `stories` are the names of those that pass here."""

    id: str
    kind: NodeKind
    label: str
    stories: tuple[str, ...] = ()


@dataclass(frozen=True)
class Edge:
    """From one node to another; a label for each thing to say that leads there, none where nobody speaks."""

    source: str
    target: str
    labels: tuple[str, ...] = ()
    is_rule: bool = False
    """Only rules go this way."""
    stories: tuple[str, ...] = ()


@dataclass(frozen=True)
class Graph:
    """Nodes and edges in the order in which the stories reach them."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    max_history: int = 2
    ids: Mapping[Trail, str] = field(default_factory=dict, repr=False)


def build_graph(stories: Sequence[Story], max_history: int = 2, ongoing: Story | None = None) -> Graph:
    """The stories as a graph in which nodes with the same `max_history` nodes behind them are one.

    `ongoing` is a conversation that has not ended; `path_of` finds it in the graph.
    """
    draft = _Draft(max_history)
    draft.add(stories)
    if ongoing:
        draft.follow(ongoing)
    return draft.graph()


def path_of(graph: Graph, story: Story) -> tuple[str, ...]:
    """The ids of the nodes that an ongoing conversation has passed, the current one last."""
    draft = _Draft(graph.max_history)
    draft.follow(story)
    return tuple(graph.ids[trail] for trail in draft.log if trail in graph.ids)


@dataclass(frozen=True)
class _Place:
    """Where a walk has come to, what was said since, and the form that runs."""

    trail: Trail
    said: str = ""
    form: str = ""


@dataclass(frozen=True, eq=False)  # told apart by identity: values in stories may be lists
class _Block:
    """A story's part between checkpoints; "" is the beginning or the end of the story."""

    story: Story
    start: str
    steps: tuple[Step | OrStep, ...]
    end: str


@dataclass
class _Line:
    """What is known of an edge so far; dictionaries are sets that keep their order."""

    labels: dict[str, None] = field(default_factory=dict)
    stories: dict[str, None] = field(default_factory=dict)
    is_rule: bool = True


class _Draft:
    """The graph while stories are walked through."""

    def __init__(self, max_history: int) -> None:
        self.log: list[Trail] = []
        self._history = max(0, max_history)
        self._nodes: dict[Trail, dict[str, None]] = {(_START,): {}}
        self._lines: dict[tuple[Trail, Trail], _Line] = {}

    def add(self, stories: Iterable[Story]) -> None:
        """Walk through all of them, from every checkpoint on in every way."""
        blocks = [block for story in stories for block in _blocks(story)]
        following: dict[str, list[_Block]] = defaultdict(list)
        for block in blocks:
            following[block.start].append(block)
        ends = {block.end for block in blocks}
        begun = (block for block in blocks if not block.start or block.start not in ends)
        agenda = [(block, self._entry(block)) for block in begun][::-1]
        seen = set(agenda)
        while agenda:
            block, place = agenda.pop()
            found = [step for at in self._walk(block, place) for step in self._leave(block, at, following)]
            new = [step for step in dict.fromkeys(found) if step not in seen]
            seen.update(new)
            agenda.extend(reversed(new))

    def follow(self, story: Story) -> None:
        """Walk through a conversation that has not ended."""
        steps = next(story.expanded())
        for place in self._walk(_Block(story, "", steps, ""), _Place(self._begin(_START, story.name))):
            if place.said:
                self._reach(place, _NEXT, story)

    def graph(self) -> Graph:
        """What was drafted."""
        ids = {trail: f"n{number}" for number, trail in enumerate(self._nodes)}
        nodes = [Node(ids[t], t[-1].kind, t[-1].label, tuple(names)) for t, names in self._nodes.items()]
        edges = [
            Edge(ids[a], ids[b], tuple(line.labels), line.is_rule, tuple(line.stories))
            for (a, b), line in self._lines.items()
        ]
        return Graph(tuple(nodes), tuple(edges), self._history, ids)

    def _begin(self, stop: Stop, name: str) -> Trail:
        trail = (stop,)
        self._nodes.setdefault(trail, {})[name] = None
        self.log.append(trail)
        return trail

    def _entry(self, block: _Block) -> _Place:
        story = block.story
        forms = [step.form or "" for step in story.condition if isinstance(step, LoopStep)]
        if block.start:
            stop = Stop("anywhere", f"> {block.start}")
        elif story.condition or (story.is_rule and not story.at_start):
            stop = Stop("anywhere", conditions_words(story.condition, story.at_start))
        else:
            stop = _START
        return _Place(self._begin(stop, story.name), form=forms[-1] if forms else "")

    def _leave(
        self, block: _Block, place: _Place, following: Mapping[str, list[_Block]]
    ) -> Iterator[tuple[_Block, _Place]]:
        """The blocks behind this one's checkpoint; where there are none, the conversation's end."""
        if block.end and block.end in following:
            yield from ((after, place) for after in following[block.end])
        else:
            self._reach(place, _END if block.story.listens else _GOES_ON, block.story)

    def _walk(self, block: _Block, place: _Place) -> Iterable[_Place]:
        places: Iterable[_Place] = (place,)
        for step, loop in _with_loops(block.steps):
            ways = step.alternatives if isinstance(step, OrStep) else ((step,),)
            places = dict.fromkeys(
                end for way in ways for at in places for end in self._steps(at, way, loop, block.story)
            )
        return places

    def _steps(
        self, place: _Place, steps: Sequence[Step], loop: LoopStep | None, story: Story
    ) -> Iterator[_Place]:
        for step in steps:
            place = self._step(place, step, loop, story)
        yield place

    def _step(self, place: _Place, step: Step, loop: LoopStep | None, story: Story) -> _Place:
        if isinstance(step, UserStep):
            heard = self._reach(place, _LISTENING, story) if place.said else place
            return replace(heard, said=user_words(step))
        if isinstance(step, LoopStep):
            stop = Stop("form", f"{step.form} ▸ start" if step.form else f"{place.form} ▸ end".strip())
            return replace(self._reach(place, stop, story), form=step.form or "")
        if isinstance(step, ActionStep) and step.action != LISTEN and not _is_shown_by(loop, step, place):
            return self._reach(place, Stop("action", step.action or f"“{step.text}”"), story)
        return place

    def _reach(self, place: _Place, stop: Stop, story: Story) -> _Place:
        trail = (*place.trail, stop)[-self._history - 1 :]
        self._nodes.setdefault(trail, {})[story.name] = None
        line = self._lines.setdefault((place.trail, trail), _Line())
        line.stories[story.name] = None
        line.is_rule = line.is_rule and story.is_rule
        if place.said:
            line.labels[place.said] = None
        self.log.append(trail)
        return replace(place, trail=trail, said="")


def _is_shown_by(loop: LoopStep | None, step: ActionStep, place: _Place) -> bool:
    """Whether this is a form's own action, and the next step says that the form begins or ends."""
    return loop is not None and bool(step.action) and step.action == (loop.form or place.form)


def _with_loops(steps: Sequence[Step | OrStep]) -> Iterator[tuple[Step | OrStep, LoopStep | None]]:
    """Each step with the form's beginning or end right behind it (slots aside), if there is one."""
    for place, step in enumerate(steps):
        behind = next((later for later in steps[place + 1 :] if not isinstance(later, SlotStep)), None)
        yield step, behind if isinstance(behind, LoopStep) else None


def _blocks(story: Story) -> Iterator[_Block]:
    start, steps = "", list[Step | OrStep]()
    for step in story.steps:
        if not isinstance(step, CheckpointStep):
            steps.append(step)
            continue
        if steps or start:
            yield _Block(story, start, tuple(steps), step.name)
        start, steps = step.name, []
    if steps:
        yield _Block(story, start, tuple(steps), "")
