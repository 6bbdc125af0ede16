"""stories.md of Rasa 1 becomes stories step by step."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from services.nlp.formats.bot import Bot
from services.nlp.formats.markdown_nlu import read_markdown
from services.nlp.formats.story import (
    ActionStep,
    CheckpointStep,
    LoopStep,
    OrStep,
    SlotStep,
    Story,
    StoryEntity,
    UserStep,
)


def read(folder: Path, text: str) -> tuple[Bot, list[str]]:
    """The bot of this one file, and its mistakes."""
    path = folder / "stories.md"
    path.write_text(text, "utf-8")
    bot, mistakes = Bot("any"), list[str]()
    read_markdown(path, folder, mistakes, bot)
    return bot, mistakes


def steps(folder: Path, text: str) -> tuple[Any, ...]:
    """The steps of the one story below its heading; the file is without mistakes."""
    bot, mistakes = read(folder, f"## story\n{text}\n## other\n* a\n- b\n")
    assert (mistakes, len(bot.stories)) == ([], 2)
    return bot.stories[0].steps


def test_each_kind_of_line_is_a_step(tmp_path: Path) -> None:
    found = steps(
        tmp_path,
        '> checked\n* inform{"city": "Rome", "n": 2}\n  - action_a\n - slot{"city": "Rome", "n": null}\n'
        '- form{"name": "f"}\n- active_loop{"name": null}\n-utter_b  \n> later{"city": "Rome"}',
    )
    assert found == (
        CheckpointStep("checked"),
        UserStep("inform", (StoryEntity("city", "Rome"), StoryEntity("n", 2)), line=3),
        ActionStep("action_a", line=4),
        SlotStep("city", "Rome"),
        SlotStep("n", None),
        LoopStep("f"),
        LoopStep(None),
        ActionStep("utter_b", line=8),
        CheckpointStep("later", (SlotStep("city", "Rome"),)),
    )


def test_alternatives_are_joined_by_or(tmp_path: Path) -> None:
    (found,) = steps(tmp_path, '* affirm OR inform{"x": "a OR b"} OR thanks')
    assert found == OrStep(
        (
            (UserStep("affirm", line=2),),
            (UserStep("inform", (StoryEntity("x", "a OR b"),), line=2),),
            (UserStep("thanks", line=2),),
        )
    )


def test_several_values_of_an_entity_are_several_entities(tmp_path: Path) -> None:
    (found,) = steps(tmp_path, '* /inform@0.9{"x": ["a", "b"]}')
    assert found == UserStep("inform", (StoryEntity("x", "a"), StoryEntity("x", "b")), line=2)


def test_what_the_recorder_noted_inside_a_form_is_skipped_alone(tmp_path: Path) -> None:
    found = steps(
        tmp_path,
        '* ask\n- f\n- form{"name": "f"}\n* form: inform{"x": "a"}\n- form: f\n- slot{"x": "a"}\n'
        '- form{"name": null}',
    )
    assert found == (
        UserStep("ask", line=2),
        ActionStep("f", line=3),
        LoopStep("f"),
        SlotStep("x", "a"),
        LoopStep(None),
    )


def test_a_test_story_holds_what_is_said(tmp_path: Path) -> None:
    found = steps(
        tmp_path,
        '* go: to [Rome](city) at 5:30\n- utter_a\n* inform{"x": "y"}: [NY]{"entity": "city", "role": "to"}\n'
        '* go: /go{"city": "Rome"}\n* yes: ok OR no: never',
    )
    assert found == (
        UserStep("go", (StoryEntity("city", "Rome"),), "to [Rome](city) at 5:30", 2),
        ActionStep("utter_a", line=3),
        UserStep("inform", (StoryEntity("city", "NY", "to"),), '[NY]{"entity": "city", "role": "to"}', 4),
        UserStep("go", (StoryEntity("city", "Rome"),), '/go{"city": "Rome"}', 5),
        OrStep(((UserStep("yes", text="ok", line=6),), (UserStep("no", text="never", line=6),))),
    )


def test_a_heading_of_any_depth_begins_a_story_and_one_without_steps_is_none(tmp_path: Path) -> None:
    bot, mistakes = read(tmp_path, "## one\n# two: happy\n* a\n- b\n### three ###\n* a\n- c\n")
    assert mistakes == []
    assert [(story.name, story.line, len(story.steps)) for story in bot.stories] == [
        ("two: happy", 2, 2),
        ("three", 5, 2),
    ]
    assert {story.file for story in bot.stories} == {"stories.md"}


def test_comments_of_one_and_several_lines_are_left_out(tmp_path: Path) -> None:
    found = steps(tmp_path, "<!-- so\n* no\n- never -->\n* a <!-- x -->\n- b<!-- predicted: c -->")
    assert found == (UserStep("a", line=5), ActionStep("b", line=6))


def test_answers_of_retrieval_intents_have_their_newer_name(tmp_path: Path) -> None:
    assert steps(tmp_path, "* faq\n- respond_faq")[1] == ActionStep("utter_faq", line=3)


def test_events_that_a_story_need_not_tell_are_left_out_with_a_warning(tmp_path: Path) -> None:
    bot, mistakes = read(tmp_path, "## s\n* a\n- b\n- reset_slots\n- session_started\n- c\n")
    assert [step.action for step in bot.stories[0].steps[1:] if isinstance(step, ActionStep)] == ["b", "c"]
    assert (mistakes, bot.warnings) == (
        [],
        ["stories.md:4: the event 'reset_slots' is left out of the story"],
    )


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("- ...\n* a\n- b", Story("r", (), True)),
        ('- form{"name": "f"}\n- slot{"x": 1}\n- ...\n* a\n- b', None),
    ],
)
def test_a_rule_holds_wherever_its_dots_say(tmp_path: Path, text: str, rule: Story | None) -> None:
    bot, mistakes = read(tmp_path, f">> r\n{text}\n")
    (found,) = bot.stories
    assert mistakes == []
    assert (found.name, found.is_rule, found.at_start, found.listens) == ("r", True, False, True)
    assert [type(step) for step in found.steps] == [UserStep, ActionStep]
    assert found.condition == (() if rule else (LoopStep("f"), SlotStep("x", 1)))


def test_a_rule_without_dots_holds_at_the_start_and_one_that_ends_in_them_goes_on(tmp_path: Path) -> None:
    bot, _ = read(tmp_path, ">> r\n* a\n- b\n- ...\n")
    assert (bot.stories[0].at_start, bot.stories[0].listens, len(bot.stories[0].steps)) == (True, False, 2)


def test_every_mistake_is_told_with_its_line(tmp_path: Path) -> None:
    _, mistakes = read(
        tmp_path,
        '* early\n## s\n* a{"x": }\n- slot{x}\n- form{"nam": "f"}\n- slot\n*\n- {"a": 1}\n- slot{"a": 1} b\n'
        '* a{"x": 1} b\n* a: [x]{y}\n* a\n- b\n- slot{"n": NaN}\n',
    )
    json = '{"entity": "value"}'
    assert [mistake.removeprefix("stories.md:") for mistake in mistakes] == [
        "1: ##: '* early' before any story; allowed: `## name`, `* intent`, `- action`, "
        "`- slot{…}`, `- form{…}`, `> checkpoint`",
        f'3: intent: {{"x": }} is no JSON; allowed: {json}',
        '4: slot: {x} is no JSON; allowed: {"name": "value"}',
        """5: form: {'nam': 'f'}; allowed: {"name": "of the form"} or {"name": null}""",
        '6: slot: no slot; allowed: {"name": "value"}',
        f"7: intent: ''; allowed: intent or intent{json}",
        """8: -: '{"a": 1}'; allowed: `## name`, `* intent`, `- action`, """
        "`- slot{…}`, `- form{…}`, `> checkpoint`",
        "9: slot: ' b'; allowed: nothing behind the closing brace",
        "10: intent: ' b'; allowed: OR, or nothing behind the closing brace",
        "11: intent: {y} is no JSON; allowed: [text](entity)",
        '14: slot: {"n": NaN} is no JSON; allowed: {"name": "value"}',
    ]


def test_a_line_that_is_nothing_is_a_warning(tmp_path: Path) -> None:
    bot, mistakes = read(tmp_path, "## s\n* a\n- b\nsome words\n")
    assert (mistakes, bot.warnings) == ([], ["stories.md:4: a line that is no step is left out"])


_KINDS = (UserStep, OrStep, ActionStep, SlotStep, LoopStep)


@pytest.mark.parametrize(
    ("file", "stories", "counts"),
    [
        ("chitchat-zh-1x/data/stories/chitchat_stories.md", 13, (19, 0, 19, 0, 0)),
        ("chitchat-zh-1x/data/stories/number_story.md", 13, (66, 0, 77, 115, 37)),
        ("chitchat-zh-1x/data/stories/weather_story.md", 21, (71, 14, 95, 100, 72)),
        ("medicare-1x/data/core/stories.md", 5, (14, 0, 18, 0, 8)),
        ("medicare-1x/data/core/chitchat.md", 6, (19, 8, 37, 0, 10)),
    ],
)
def test_every_line_of_public_bots_is_a_step(
    test_data: Path, file: str, stories: int, counts: tuple[int, ...]
) -> None:
    path = test_data / "nlu/bots" / file
    bot, mistakes = Bot("any"), list[str]()
    read_markdown(path, test_data, mistakes, bot)
    found = Counter(type(step) for story in bot.stories for step in story.steps)
    assert (len(bot.stories), tuple(found[kind] for kind in _KINDS)) == (stories, counts)
    assert (mistakes, bot.warnings) == ([], [])
    lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
    told = [line for line in lines if line[:1] in ("*", "-") and " form: " not in line[:8]]
    assert sum(found.values()) == len(told)


def test_a_file_named_for_its_stories_is_read_however_broken(tmp_path: Path) -> None:
    bot, mistakes = read(tmp_path, "## s\ngreet\n- slot{x\n")
    assert mistakes == ['stories.md:3: slot: {x is no JSON; allowed: {"name": "value"}']
    assert bot.warnings == ["stories.md:2: a line that is no step is left out"]
