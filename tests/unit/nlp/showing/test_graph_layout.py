"""Boxes, labels and lines keep clear of one another, and the layout is the same each time."""

from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.nlp.formats.loader import load_bot
from services.nlp.showing.graph import build_graph
from services.nlp.showing.layers import backward, ordered, ranks
from services.nlp.showing.layout import Arrow, Layout, Rect, Size, lay_out

_BOX, _WORD = Size(80, 26), Size(50, 18)
_GRAPHS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.booleans()), max_size=25)


def _overlap(a: Rect, b: Rect) -> bool:
    apart = a.right <= b.x or b.right <= a.x or a.bottom <= b.y + 0.001 or b.bottom <= a.y + 0.001
    return not apart


def _cuts(layout: Layout) -> list[str]:
    """Level pieces of lines that run through a box; curves run between the layers only."""
    return [
        name
        for route in layout.routes
        for (x1, y), (x2, _) in list(pairwise(route.points))[::2]
        for name, box in layout.boxes.items()
        if max(min(x1, x2), box.x) + 0.001 < min(max(x1, x2), box.right) and box.y < y < box.bottom
    ]


def _assert_is_clear(layout: Layout) -> None:
    rects = [*layout.boxes.values(), *(route.label for route in layout.routes if route.label)]
    assert not [(a, b) for a, b in combinations(rects, 2) if _overlap(a, b)]
    assert not _cuts(layout)
    for rect in rects:
        assert rect.x >= 0
        assert rect.y >= -0.001
        assert rect.right <= layout.size.width + 0.001
        assert rect.bottom <= layout.size.height + 0.001


@settings(max_examples=60, deadline=None)
@given(_GRAPHS)
def test_nothing_overlaps_in_any_graph(links: list[tuple[int, int, bool]]) -> None:
    sizes = {f"n{number}": _BOX for number in range(10)}
    labels = {(a, b): labelled for a, b, labelled in links if a != b}
    arrows = [Arrow(f"n{a}", f"n{b}", _WORD if said else Size(0, 0)) for (a, b), said in labels.items()]
    layout = lay_out(sizes, arrows)
    _assert_is_clear(layout)
    assert set(layout.boxes) == set(sizes)
    for arrow, route in zip(arrows, layout.routes, strict=True):
        assert (route.label is not None) == bool(arrow.label.height)
        assert route.points[0][1] == layout.boxes[arrow.source].middle
        assert route.points[-1][1] == layout.boxes[arrow.target].middle


@pytest.mark.parametrize("history", [0, 2])
@pytest.mark.parametrize("name", ["helpdesk-3x", "chitchat-zh-1x", "formbot-2x", "medicare-1x"])
def test_nothing_overlaps_in_a_public_bot(test_data: Path, name: str, history: int) -> None:
    graph = build_graph(load_bot(test_data / "nlu" / "bots" / name).stories, history)
    arrows = [
        Arrow(edge.source, edge.target, Size(90, 18.0 * len(edge.labels)))
        for edge in graph.edges
        if edge.source != edge.target
    ]
    _assert_is_clear(lay_out({node.id: _BOX for node in graph.nodes}, arrows))


def test_an_arrow_points_to_the_right_unless_it_leads_back() -> None:
    arrows = [Arrow("a", "b"), Arrow("b", "c"), Arrow("c", "a")]
    layout = lay_out(dict.fromkeys("abc", _BOX), arrows)
    assert layout.boxes["a"].x < layout.boxes["b"].x < layout.boxes["c"].x
    assert [route.points[0][0] < route.points[-1][0] for route in layout.routes] == [True, True, False]


def test_parts_without_a_line_between_them_stand_one_below_the_other() -> None:
    layout = lay_out(dict.fromkeys("abcd", _BOX), [Arrow("a", "b"), Arrow("c", "d")])
    assert layout.boxes["c"].y > layout.boxes["a"].bottom
    assert layout.boxes["c"].x == layout.boxes["a"].x == 0


def test_an_arrow_from_a_box_to_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="itself"):
        lay_out({"a": _BOX}, [Arrow("a", "a")])


def test_a_node_stands_behind_all_that_lead_to_it() -> None:
    links = [("a", "b"), ("b", "c"), ("a", "c"), ("late", "c")]
    assert ranks(["a", "b", "c", "late"], links) == {"a": 0, "b": 1, "c": 2, "late": 1}


def test_what_leads_back_is_found_in_a_chain_of_any_length() -> None:
    names = list(range(5000))
    assert backward(names, [*pairwise(names), (4999, 0)]) == {(4999, 0)}


def test_lines_that_need_not_cross_do_not() -> None:
    links = [("a", "z"), ("b", "y"), ("c", "x")]
    first, second = ordered([["a", "b", "c"], ["x", "y", "z"]], links)
    assert [dict(links)[name] for name in first] == second
