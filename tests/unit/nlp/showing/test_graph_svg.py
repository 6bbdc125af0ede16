"""The picture is one valid SVG that holds every word, fits its frame and marks the way."""

import time
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.nlp.formats.loader import load_bot
from services.nlp.formats.story import Story, StoryEntity, UserStep
from services.nlp.showing.graph import build_graph, path_of
from services.nlp.showing.svg import to_svg
from services.nlp.showing.words import columns, shortened
from tests.unit.nlp.showing.stories import step_of, story

_SVG = "{http://www.w3.org/2000/svg}"


def _texts(root: Element) -> list[str]:
    return [text.text or "" for text in root.iter(f"{_SVG}text")]


def _groups(root: Element, *classes: str) -> list[Element]:
    return [
        group for group in root.iter(f"{_SVG}g") if set(classes) <= set((group.get("class") or "").split())
    ]


def _said(intent: str, value: object) -> Story:
    return Story("s", (UserStep(intent, (StoryEntity("e", value),)), step_of("utter_a")))


@pytest.mark.parametrize(
    "value", ["a \"b\" 'c'", "<script>", "a & b", "]]>", "a\x00b\x1f\ud800", 3, 2.5, True]
)
def test_any_value_of_an_entity_is_valid_xml(value: object) -> None:
    root = ElementTree.fromstring(to_svg(build_graph([_said("go", value)])))
    shown = next(text for text in _texts(root) if text.startswith("go {e: "))
    expected = str(value).replace("\x00", "\ufffd").replace("\x1f", "\ufffd").replace("\ud800", "\ufffd")
    assert shown == f"go {{e: {expected}}}"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=80))
def test_any_name_is_valid_xml_in_utf8(intent: str, action: str, name: str) -> None:
    graph = build_graph([story(name, UserStep(intent), step_of(f"u{action}"))])
    ElementTree.fromstring(to_svg(graph, [graph.nodes[0].id]).encode())


def test_chinese_boxes_are_as_wide_as_their_text() -> None:
    root = ElementTree.fromstring(to_svg(build_graph([story("s", "*問", "回答天氣預報", "utter_abcdef")])))
    widths = {}
    for group in _groups(root, "action"):
        rect, text = group.find(f"{_SVG}rect"), group.find(f"{_SVG}text")
        assert rect is not None
        assert text is not None
        widths[text.text] = float(rect.get("width", 0))
    assert widths["回答天氣預報"] == widths["utter_abcdef"]
    assert columns("天氣a\u0301é") == 6


def test_long_words_are_cut_in_the_picture_and_whole_in_the_tooltip() -> None:
    long = "天" * 100
    root = ElementTree.fromstring(to_svg(build_graph([story("s", "*greet", f"utter_{long}")])))
    assert f"utter_{'天' * 18}…" in _texts(root)
    assert any(f"utter_{long}" in (title.text or "") for title in root.iter(f"{_SVG}title"))
    assert shortened("abc", 3) == "abc"


def test_an_edge_with_many_labels_names_the_first_and_counts_the_rest() -> None:
    stories = [story(f"s{number}", f"*i{number}", "utter_a") for number in range(30)]
    texts = _texts(ElementTree.fromstring(to_svg(build_graph(stories))))
    assert texts[:8] == [*(f"i{number}" for number in range(7)), "and 23 more"]


def test_the_path_is_marked_and_its_last_node_most() -> None:
    talk = story("now", "*a", "utter_a", "*b", "utter_b")
    graph = build_graph([talk, story("other", "*a", "utter_a", "*c", "utter_c")])
    path = path_of(graph, talk)
    root = ElementTree.fromstring(to_svg(graph, path))
    assert [group.get("id") for group in _groups(root, "node", "way")] == list(path)
    assert [group.get("id") for group in _groups(root, "node", "now")] == [path[-1]]
    assert len(_groups(root, "edge", "way")) == 2
    assert not _groups(ElementTree.fromstring(to_svg(graph)), "way")


def test_every_edge_ends_with_an_arrowhead_that_the_file_holds() -> None:
    root = ElementTree.fromstring(to_svg(build_graph([story("s", "*a", "utter_a", "utter_a", "utter_a")], 0)))
    heads = {f"url(#{marker.get('id')})" for marker in root.iter(f"{_SVG}marker")}
    lines = [path for group in _groups(root, "edge") for path in group.iter(f"{_SVG}path")]
    assert len(lines) == 3
    assert {line.get("marker-end") for line in lines} <= heads


def test_a_node_that_follows_itself_has_a_line_of_its_own_beside_its_label() -> None:
    graph = build_graph([story("s", "*a", "utter_a", "*again", "utter_a")], 0)
    root = ElementTree.fromstring(to_svg(graph))
    label = next(group for group in _groups(root, "label") if "again" in _texts(group))
    node = next(group for group in _groups(root, "node") if "utter_a" in _texts(group))
    boxes = [group.find(f"{_SVG}rect") for group in (node, label)]
    assert boxes[0] is not None
    assert boxes[1] is not None
    assert float(boxes[0].get("y", 0)) + float(boxes[0].get("height", 0)) < float(boxes[1].get("y", 0))


def test_rules_are_drawn_in_another_stroke() -> None:
    rule = Story("r", (step_of("*a"), step_of("utter_a")), is_rule=True)
    assert len(_groups(ElementTree.fromstring(to_svg(build_graph([rule]))), "edge", "rule")) == 2
    assert not _groups(ElementTree.fromstring(to_svg(build_graph([story("s", "*a", "utter_a")]))), "rule")


@pytest.mark.parametrize("name", ["helpdesk-3x", "chitchat-zh-1x", "formbot-2x", "medicare-1x", "moodbot-2x"])
def test_a_public_bots_picture_fits_its_frame_and_is_quick(test_data: Path, name: str) -> None:
    stories = load_bot(test_data / "nlu" / "bots" / name).stories
    began = time.process_time()
    text = to_svg(build_graph(stories))
    assert time.process_time() - began < 2
    root = ElementTree.fromstring(text)
    left, top, width, height = map(float, root.get("viewBox", "").split())
    for rect in list(root.iter(f"{_SVG}rect"))[1:]:
        x, y, wide, high = (float(rect.get(key, "nan")) for key in ("x", "y", "width", "height"))
        assert left < x
        assert top < y
        assert x + wide < left + width
        assert y + high < top + height
    assert text == to_svg(build_graph(stories))
