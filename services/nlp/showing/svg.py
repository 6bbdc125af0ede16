"""A story graph as one SVG file that needs nothing else: light or dark as its reader likes it."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from xml.sax.saxutils import escape

from services.nlp.showing.graph import Edge, Graph, Node
from services.nlp.showing.layout import Arrow, Layout, Rect, Route, Size, lay_out
from services.nlp.showing.words import columns, printable, shortened

_COLUMN = 7.3
"""The width of a letter at font size 12, a little more than most monospaced fonts have."""
_LINE = 16.0
_PADDING = 10.0
_MARGIN = 24.0
_MOST_COLUMNS = 44
_MOST_LABELS = 8
_MOST_STORIES = 12
_LOOP = 26.0
"""The room below a node for a line that comes back to it."""
_STYLE = """
.graph { --page: #ffffff; --ink: #1f2733; --faint: #5c6878; --line: #8793a3; --box: #eef3fa; --rim: #9db2cc;
  --form: #f6efdd; --form-rim: #c9a24a; --edge: #dfe5ee; --way: #c2410c; --way-box: #ffedd5;
  --now-ink: #ffffff;
  font: 12px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace; }
@media (prefers-color-scheme: dark) { .graph { --page: #12161d; --ink: #e3e9f2; --faint: #9aa7b8;
  --line: #68768a; --box: #1d2736; --rim: #47607f; --form: #332b17; --form-rim: #8f7433; --edge: #2a3442;
  --way: #fb923c; --way-box: #43250f; --now-ink: #1b1206; } }
.page { fill: var(--page); }
.node rect { fill: var(--box); stroke: var(--rim); stroke-width: 1.2; }
.node text { fill: var(--ink); text-anchor: middle; }
.form rect { fill: var(--form); stroke: var(--form-rim); }
.start rect, .end rect { fill: var(--edge); stroke: var(--faint); }
.anywhere rect, .listen rect, .onward rect { fill: var(--page); stroke: var(--faint); stroke-dasharray: 3 3; }
.edge path { fill: none; stroke: var(--line); stroke-width: 1.3; }
.rule path { stroke-dasharray: 6 4; }
.label rect { fill: var(--page); }
.label text { fill: var(--faint); text-anchor: middle; }
.way.node rect { fill: var(--way-box); stroke: var(--way); stroke-width: 2; }
.way.edge path { stroke: var(--way); stroke-width: 2.4; }
.way.label text { fill: var(--way); font-weight: bold; }
.now.node rect { fill: var(--way); stroke: var(--way); stroke-width: 5; stroke-dasharray: none; }
.now.node text { fill: var(--now-ink); font-weight: bold; }
#tip path { fill: var(--line); } #tip-way path { fill: var(--way); }
"""
_TIPS = "".join(
    f'<marker id="{name}" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="8" markerHeight="8" '
    'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0.5 8 4 0 7.5z"/></marker>'
    for name in ("tip", "tip-way")
)


def to_svg(graph: Graph, path: Sequence[str] = ()) -> str:
    """The graph's picture; `path` are the ids of the nodes passed so far, the current one last."""
    loops = {edge.source: edge for edge in graph.edges if edge.source == edge.target}
    edges = [edge for edge in graph.edges if edge.source != edge.target]
    arrows = [Arrow(edge.source, edge.target, _label_size(edge)) for edge in edges]
    layout = lay_out({node.id: _node_size(node, loops.get(node.id)) for node in graph.nodes}, arrows)
    return "\n".join(_document(graph, edges, loops, layout, path))


def _document(
    graph: Graph, edges: Sequence[Edge], loops: dict[str, Edge], layout: Layout, path: Sequence[str]
) -> Iterator[str]:
    steps = set(pairwise(path))
    width, height = layout.size.width + 2 * _MARGIN, layout.size.height + 2 * _MARGIN
    box = f"{-_MARGIN:.0f} {-_MARGIN:.0f} {width:.0f} {height:.0f}"
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="graph" role="img" aria-label="Story graph" '
        f'width="{width:.0f}" height="{height:.0f}" viewBox="{box}">'
    )
    yield f"<style>{_STYLE}</style><defs>{_TIPS}</defs>"
    yield f'<rect class="page" x="{-_MARGIN:.0f}" y="{-_MARGIN:.0f}" width="100%" height="100%"/>'
    drawn = sorted(zip(edges, layout.routes, strict=True), key=lambda pair: _key(pair[0]) in steps)
    for edge, route in drawn:
        yield _edge(edge, _curve(route), _key(edge) in steps)
    for name, edge in loops.items():
        yield _edge(edge, _loop(layout.boxes[name], _loop_size(edge)), _key(edge) in steps)
    for edge, route in drawn:
        if route.label:
            yield _label(edge, route.label, _key(edge) in steps)
    for name, edge in loops.items():
        if edge.labels:
            yield _label(edge, _loop_label(layout.boxes[name], edge), _key(edge) in steps)
    for node in graph.nodes:
        loop = loops.get(node.id)
        yield _node(node, _without_loop(layout.boxes[node.id], loop), path)
    yield "</svg>\n"


def _key(edge: Edge) -> tuple[str, str]:
    return edge.source, edge.target


def _lines(edge: Edge) -> list[str]:
    """The labels as they are drawn: many and long ones cut."""
    labels = [shortened(printable(label), _MOST_COLUMNS) for label in edge.labels]
    if len(labels) <= _MOST_LABELS:
        return labels
    return [*labels[: _MOST_LABELS - 1], f"and {len(labels) - _MOST_LABELS + 1} more"]


def _label_size(edge: Edge) -> Size:
    lines = _lines(edge)
    if not lines:
        return Size(0, 0)
    return Size(max(map(columns, lines)) * _COLUMN + 8, len(lines) * _LINE + 2)


def _node_text(node: Node) -> str:
    return shortened(printable(node.label), _MOST_COLUMNS)


def _node_size(node: Node, loop: Edge | None) -> Size:
    width = columns(_node_text(node)) * _COLUMN + 2 * _PADDING
    height = _LINE + _PADDING
    if loop:
        size = _loop_size(loop)
        return Size(max(width, size.width), height + 2 * size.height)
    return Size(width, height)


def _loop_size(edge: Edge) -> Size:
    label = _label_size(edge)
    return Size(label.width, _LOOP + label.height)


def _without_loop(box: Rect, loop: Edge | None) -> Rect:
    """The node itself: its loop hangs below it, and as much room is left above, so that lines meet it."""
    if not loop:
        return box
    spare = _loop_size(loop).height
    return Rect(box.x, box.y + spare, box.width, box.height - 2 * spare)


def _loop(box: Rect, size: Size) -> str:
    bottom, centre = box.bottom - size.height, box.x + box.width / 2
    low = bottom + _LOOP * 1.2
    bends = f"{centre + 26:.1f} {low:.1f} {centre - 26:.1f} {low:.1f}"
    return f"M{centre + 12:.1f} {bottom:.1f}C{bends} {centre - 12:.1f} {bottom:.1f}"


def _loop_label(box: Rect, edge: Edge) -> Rect:
    size = _label_size(edge)
    return Rect(box.x + (box.width - size.width) / 2, box.bottom - size.height, size.width, size.height)


def _curve(route: Route) -> str:
    """Curves that leave and arrive level, with level lines through the layers between them."""
    parts = [f"M{route.points[0][0]:.1f} {route.points[0][1]:.1f}"]
    for number, ((x1, y1), (x2, y2)) in enumerate(pairwise(route.points)):
        if number % 2 == 0 or y1 == y2:
            parts.append(f"L{x2:.1f} {y2:.1f}")
        else:
            middle = (x1 + x2) / 2
            parts.append(f"C{middle:.1f} {y1:.1f} {middle:.1f} {y2:.1f} {x2:.1f} {y2:.1f}")
    return "".join(parts)


def _edge(edge: Edge, line: str, is_way: bool) -> str:
    classes = " ".join(["edge", *["rule"] * edge.is_rule, *["way"] * is_way])
    tip = "tip-way" if is_way else "tip"
    return f'<g class="{classes}">{_title(edge)}<path d="{line}" marker-end="url(#{tip})"/></g>'


def _label(edge: Edge, rect: Rect, is_way: bool) -> str:
    rows = "".join(
        _text(rect, rect.y + 13 + _LINE * number, line) for number, line in enumerate(_lines(edge))
    )
    return f'<g class="label{" way" * is_way}">{_title(edge)}{_rect(rect)}{rows}</g>'


def _node(node: Node, rect: Rect, path: Sequence[str]) -> str:
    classes = ["node", node.kind, *["way"] * (node.id in path), *["now"] * (node.id in path[-1:])]
    title = f"<title>{escape(_tooltip([node.label], node.stories))}</title>"
    text = _text(rect, rect.middle + 4, _node_text(node))
    return f'<g id="{node.id}" class="{" ".join(classes)}">{title}{_rect(rect, 5)}{text}</g>'


def _text(rect: Rect, baseline: float, text: str) -> str:
    return f'<text x="{rect.x + rect.width / 2:.1f}" y="{baseline:.1f}">{escape(text)}</text>'


def _rect(rect: Rect, radius: int = 0) -> str:
    place = f'x="{rect.x:.1f}" y="{rect.y:.1f}" width="{rect.width:.1f}" height="{rect.height:.1f}"'
    return f'<rect {place} rx="{radius}"/>'


def _title(edge: Edge) -> str:
    return f"<title>{escape(_tooltip(edge.labels, edge.stories))}</title>"


def _tooltip(labels: Sequence[str], stories: Sequence[str]) -> str:
    more = [f"and {len(stories) - _MOST_STORIES} more"] if len(stories) > _MOST_STORIES else []
    named = [f"- {printable(story)}" for story in stories[:_MOST_STORIES]]
    return "\n".join([*map(printable, labels), *named, *more])
