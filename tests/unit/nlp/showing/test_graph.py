"""Stories become one graph, in which the same pieces of conversation are one."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.nlp.formats.loader import load_bot
from services.nlp.formats.story import AnyValue, LoopStep, OrStep, SlotStep, Story, StoryEntity, UserStep
from services.nlp.showing.graph import Graph, build_graph, path_of
from tests.unit.nlp.showing.stories import step_of, story


def _lines(graph: Graph) -> list[str]:
    """The edges in words: source, what is said, target."""
    labels = {node.id: node.label for node in graph.nodes}
    return [
        f"{labels[edge.source]} -[{' | '.join(edge.labels)}]-> {labels[edge.target]}" for edge in graph.edges
    ]


def _labels(graph: Graph) -> list[str]:
    return [node.label for node in graph.nodes]


def test_a_story_runs_from_start_to_end_by_what_is_said_and_done() -> None:
    graph = build_graph([story("hello", "*greet", "utter_a", "utter_b", "*bye", "utter_c")])
    assert _lines(graph) == [
        "START -[greet]-> utter_a",
        "utter_a -[]-> utter_b",
        "utter_b -[bye]-> utter_c",
        "utter_c -[]-> END",
    ]
    assert [node.kind for node in graph.nodes] == ["start", "action", "action", "action", "end"]


def test_several_things_to_say_between_the_same_nodes_are_one_edge() -> None:
    graph = build_graph([story("a", "*yes", "utter_a"), story("b", "*no", "utter_a")])
    assert _lines(graph) == ["START -[yes | no]-> utter_a", "utter_a -[]-> END"]
    assert graph.edges[0].stories == ("a", "b")


@pytest.mark.parametrize(("history", "count"), [(0, 1), (1, 1), (2, 2), (3, 3)])
def test_nodes_are_one_where_so_many_nodes_behind_them_are_the_same(history: int, count: int) -> None:
    tail = ("*x", "utter_c", "*y", "utter_d")
    graph = build_graph(
        [
            story("1", "*a", "utter_a", "*m", "utter_m", *tail),
            story("2", "*b", "utter_b", "*m", "utter_m", *tail),
            story("3", "*n", "utter_n", *tail),
        ],
        history,
    )
    assert _labels(graph).count("utter_d") == count


def test_entities_stand_with_the_intent() -> None:
    entities = (
        StoryEntity("city", "Rome", role="to"),
        StoryEntity("count", 3),
        StoryEntity("day"),
        StoryEntity("name", 'O"Hara & <b>'),
    )
    graph = build_graph([Story("s", (UserStep("go", entities), step_of("utter_a")))])
    assert graph.edges[0].labels == ('go {city[to]: Rome, count: 3, day, name: O"Hara & <b>}',)


def test_words_stand_where_an_end_to_end_story_names_no_intent() -> None:
    graph = build_graph([Story("s", (UserStep(text="你好嗎"), step_of("utter_a")))])
    assert graph.edges[0].labels == ("“你好嗎”",)


def test_a_form_is_shown_where_it_begins_and_ends_in_place_of_its_own_action() -> None:
    steps = ("*book", "my_form", "+my_form", "*chat", "utter_chat", "my_form", "-", "utter_done")
    assert _labels(build_graph([story("s", *steps)], 5)) == [
        "START",
        "my_form ▸ start",
        "utter_chat",
        "my_form ▸ end",
        "utter_done",
        "END",
    ]


def test_slots_between_a_form_and_its_end_do_not_show_its_action_again() -> None:
    steps = (step_of("*go"), step_of("f"), SlotStep("a", [1]), step_of("+f"), step_of("f"), step_of("-"))
    assert _labels(build_graph([Story("s", steps)])) == ["START", "f ▸ start", "f ▸ end", "END"]


def test_a_form_that_goes_on_is_shown_by_its_action() -> None:
    graph = build_graph([story("s", "*go", "f", "+f", "*chat", "utter_chat", "f", "*x", "utter_x")], 5)
    assert _labels(graph) == ["START", "f ▸ start", "utter_chat", "f", "utter_x", "END"]


def test_checkpoints_join_every_story_that_ends_with_every_one_that_begins_there() -> None:
    graph = build_graph(
        [
            story("in 1", "*a", "utter_a", ">c"),
            story("in 2", "*b", "utter_b", ">c"),
            story("out 1", ">c", "*x", "utter_x"),
            story("out 2", ">c", "*y", "utter_y"),
        ]
    )
    lines = _lines(graph)
    for first in ("utter_a", "utter_b"):
        assert f"{first} -[x]-> utter_x" in lines
        assert f"{first} -[y]-> utter_y" in lines
    assert "utter_a -[]-> END" not in lines


def test_a_message_before_a_checkpoint_leads_to_what_stands_behind_it() -> None:
    graph = build_graph([story("in", "*a", ">c"), story("out", ">c", "utter_x")])
    assert _lines(graph) == ["START -[a]-> utter_x", "utter_x -[]-> END"]


def test_checkpoints_in_a_circle_end() -> None:
    graph = build_graph(
        [story("in", "*a", "utter_a", ">c"), story("round", ">c", "*x", "utter_x", "*y", "utter_y", ">c")], 1
    )
    assert "utter_y -[x]-> utter_x" in _lines(graph)


def test_a_checkpoint_that_nothing_leads_to_begins_a_part_of_its_own() -> None:
    graph = build_graph([story("lost", ">c", "*x", "utter_x"), story("open", "*a", "utter_a", ">d")])
    assert "> c -[x]-> utter_x" in _lines(graph)
    assert "utter_a -[]-> END" in _lines(graph)


def test_alternatives_are_labels_of_one_edge() -> None:
    either = OrStep(((UserStep("yes"),), (UserStep("of_course"),)))
    graph = build_graph([Story("s", (either, step_of("utter_a")))])
    assert graph.edges[0].labels == ("yes", "of_course")


def test_many_alternatives_one_after_the_other_take_no_longer_than_their_sum() -> None:
    either = OrStep(tuple((UserStep(f"i{n}"),) for n in range(10)))
    graph = build_graph([Story("s", (either,) * 20)], 30)
    assert sum(len(edge.labels) for edge in graph.edges) == 200


def test_rules_begin_any_time_or_where_their_condition_says_and_are_marked() -> None:
    rule = replace(story("r", "*thank", "utter_welcome"), is_rule=True)
    inside = replace(
        story("in", "f", "-", "utter_done"),
        is_rule=True,
        condition=(
            LoopStep("f"),
            SlotStep("city", "Rome"),
            SlotStep("day", None),
            SlotStep("x", AnyValue.ANY),
        ),
    )
    first = replace(story("first", "*hello", "utter_hello"), is_rule=True, at_start=True)
    graph = build_graph([rule, inside, first, story("s", "*hello", "utter_hello")])
    lines = _lines(graph)
    assert "any time -[thank]-> utter_welcome" in lines
    assert "in f, city = Rome, day unset, x set -[]-> f ▸ end" in lines
    assert [edge.is_rule for edge in graph.edges if edge.labels == ("hello",)] == [False]
    assert all(edge.is_rule for edge in graph.edges if edge.labels != ("hello",) and "s" not in edge.stories)


def test_a_rule_that_does_not_wait_goes_on() -> None:
    rule = replace(story("r", "*a", "utter_a"), is_rule=True, listens=False)
    assert _lines(build_graph([rule]))[-1] == "utter_a -[]-> …"


def test_what_is_said_twice_without_an_answer_passes_a_node_of_its_own() -> None:
    graph = build_graph([story("s", "*a", "*b", "action_listen", "utter_a")])
    assert _lines(graph)[:2] == ["START -[a]-> …", "… -[b]-> utter_a"]


def test_the_path_of_an_ongoing_conversation_ends_at_what_is_not_known_yet() -> None:
    stories = [story("s", "*a", "utter_a", "*b", "utter_b")]
    known, heard = story("now", "*a", "utter_a"), story("now", "*a", "utter_a", "*z")
    graph = build_graph(stories, ongoing=heard)
    labels = {node.id: node.label for node in graph.nodes}
    assert [labels[name] for name in path_of(graph, known)] == ["START", "utter_a"]
    assert [labels[name] for name in path_of(graph, heard)] == ["START", "utter_a", "?"]
    assert "END" not in _labels(build_graph([], ongoing=known))


def test_a_path_passes_the_same_node_twice_where_the_conversation_does() -> None:
    talk = story("now", "*a", "utter_a", "*b", "utter_b", "*a", "utter_a")
    graph = build_graph([], 0, ongoing=talk)
    labels = {node.id: node.label for node in graph.nodes}
    assert [labels[name] for name in path_of(graph, talk)] == ["START", "utter_a", "utter_b", "utter_a"]


def test_no_stories_are_a_start_alone() -> None:
    assert _labels(build_graph([])) == ["START"]


@pytest.mark.parametrize("name", ["helpdesk-3x", "chitchat-zh-1x", "formbot-2x", "medicare-1x", "moodbot-2x"])
def test_every_action_and_intent_of_a_public_bots_stories_is_in_its_graph(test_data: Path, name: str) -> None:
    stories = load_bot(test_data / "nlu" / "bots" / name).stories
    graph = build_graph(stories)
    steps = [step for one in stories for steps in one.expanded() for step in steps]
    said = {label.split(" {")[0] for edge in graph.edges for label in edge.labels}
    assert said == {step.intent or f"“{step.text}”" for step in steps if isinstance(step, UserStep)}
    assert {name for node in graph.nodes for name in node.stories} == {one.name for one in stories}
    assert graph == build_graph(stories)
