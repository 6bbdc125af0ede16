"""What interactive learning keeps, corrects and takes back, and what it writes."""

from pathlib import Path

import pytest

from services.nlp.actions.base import ActionFailed
from services.nlp.dialogue.events import LISTEN
from services.nlp.dialogue.stage import Stage
from services.nlp.dialogue.tracker import Tracker
from services.nlp.errors import BotInvalid
from services.nlp.formats.bot import Bot, Example, Mention
from services.nlp.formats.loader import load_bot
from services.nlp.formats.story import ActionStep, SlotStep, Story, StoryEntity, UserStep
from services.nlp.testing.interactive import Lesson, Taught
from services.nlp.testing.lesson_files import save
from services.nlp.testing.yaml_lines import with_examples, with_items
from services.nlp.training.model import train
from tests.unit.nlp.folders import load

DOMAIN = """version: "3.1"
intents: [greet, inform]  # what people want
entities:
  - city
slots:
  city:
    type: text
    mappings: [{type: from_entity, entity: city}]
responses:
  utter_greet: [{text: Hello!}]
  utter_city: [{text: "To {city}"}]
actions:
  - action_gone
"""
NLU = """version: "3.1"

# said by people
nlu:
  - intent: greet
    examples: |
      - hello
      - hi there
  - intent: inform
    examples: |
      - to [Rome](city)
      - I am going to [Paris](city)

# the end
"""
STORIES = """version: "3.1"
stories:
  - story: hello   # the first
    steps: [{intent: greet}, {action: utter_greet}]
  - story: city
    steps:
      - intent: inform
        entities: [city: Rome]
      - slot_was_set: [{city: Rome}]
      - action: utter_city
"""


def _lesson(folder: Path) -> Lesson:
    model = train(load(folder, domain=DOMAIN, nlu=NLU, stories=STORIES), "v")

    def stage_of(tracker: Tracker) -> Stage:
        return Stage(model.bot, tracker, {})

    return Lesson(model, stage_of)


async def _finish(lesson: Lesson) -> None:
    while not lesson.is_listening:
        await lesson.perform(lesson.next_choice())


async def test_a_confirmed_conversation_becomes_a_story_and_its_messages_examples(tmp_path: Path) -> None:
    lesson = _lesson(tmp_path)
    assert lesson.hear("to Oslo").text == "to Oslo"
    lesson.correct_intent("inform")
    lesson.correct_entities("to [Oslo](city)")
    await lesson.confirm()
    choice = lesson.next_choice()
    replies = await lesson.perform(choice)
    await _finish(lesson)
    assert choice.action == "utter_city"
    assert [reply.text for reply in replies] == ["To Oslo"]
    assert lesson.as_story().steps == (
        UserStep("inform", (StoryEntity("city", "Oslo"),)),
        SlotStep("city", "Oslo"),
        ActionStep("utter_city"),
    )
    assert lesson.taught().examples == [Example("inform", "to Oslo", (Mention(3, 7, "city", "Oslo"),))]
    assert lesson.slots()["city"] == "Oslo"


async def test_the_history_has_a_row_for_each_message_and_action(tmp_path: Path) -> None:
    lesson = _lesson(tmp_path)
    lesson.hear("hello")
    lesson.correct_intent("greet")
    await lesson.confirm()
    await _finish(lesson)
    rows = [(row.who, row.what.split()[0]) for row in lesson.history()]
    assert rows[-3:] == [("you", "hello"), ("bot", "utter_greet"), ("bot", LISTEN)]
    assert "Hello!" in lesson.history()[-2].what


async def test_undo_takes_the_last_message_back_with_all_that_followed(tmp_path: Path) -> None:
    lesson = _lesson(tmp_path)
    lesson.hear("hello")
    await lesson.confirm()
    await _finish(lesson)
    before = list(lesson.tracker.events)
    lesson.hear("to Oslo")
    lesson.correct_intent("inform")
    lesson.correct_entities("to [Oslo](city)")
    await lesson.confirm()
    assert lesson.slots()["city"] == "Oslo"
    assert lesson.undo()
    assert lesson.tracker.events == before
    assert lesson.slots()["city"] is None
    assert len(lesson.taught().examples) == 1
    assert lesson.undo()
    assert not lesson.undo()


async def test_a_restart_keeps_the_conversation_as_a_story_and_forgets_its_slots(tmp_path: Path) -> None:
    lesson = _lesson(tmp_path)
    for _ in range(2):
        lesson.hear("hello")
        lesson.correct_intent("greet")
        await lesson.confirm()
        await _finish(lesson)
        lesson.restart()
    assert not lesson.as_story().steps
    assert [story.steps for story in lesson.taught().stories] == [
        (UserStep("greet"), ActionStep("utter_greet"))
    ] * 2


async def test_a_last_message_that_nothing_was_done_about_is_no_part_of_the_story(tmp_path: Path) -> None:
    lesson = _lesson(tmp_path)
    lesson.hear("hello")
    lesson.correct_intent("greet")
    await lesson.confirm()
    assert not lesson.taught().stories
    await _finish(lesson)
    lesson.hear("to Oslo")
    lesson.correct_entities("to [Oslo](city)")
    await lesson.confirm()
    assert [story.steps for story in lesson.taught().stories] == [
        (UserStep("greet"), ActionStep("utter_greet"))
    ]


async def test_an_action_that_fails_changes_nothing_until_it_is_skipped(tmp_path: Path) -> None:
    lesson = _lesson(tmp_path)
    lesson.hear("hello")
    lesson.correct_intent("greet")
    await lesson.confirm()
    before = list(lesson.tracker.events)
    choice = lesson.corrected("action_gone")
    with pytest.raises(ActionFailed):
        await lesson.perform(choice)
    assert lesson.tracker.events == before
    lesson.skip(choice)
    assert lesson.as_story().steps == (UserStep("greet"), ActionStep("action_gone"))


async def test_new_names_are_noted_and_a_new_response_is_said(tmp_path: Path) -> None:
    lesson = _lesson(tmp_path)
    lesson.hear("fly to Oslo")
    lesson.correct_intent("fly")
    lesson.correct_entities("fly to [Oslo](airport)")
    await lesson.confirm()
    replies = await lesson.perform(lesson.corrected("utter_fly", "Up we go"))
    await lesson.perform(lesson.corrected(LISTEN))
    assert [reply.text for reply in replies] == ["Up we go"]
    save(tmp_path, lesson.taught())
    bot = load_bot(tmp_path)
    assert "fly" in bot.intents
    assert "airport" in bot.entities
    assert bot.responses["utter_fly"][0].text == "Up we go"
    assert bot.stories[-1].name == "interactive_story_1"
    assert not bot.warnings


def test_entities_are_corrected_in_the_same_sentence_only(tmp_path: Path) -> None:
    lesson = _lesson(tmp_path)
    lesson.hear("to Oslo")
    with pytest.raises(ValueError, match="another one"):
        lesson.correct_entities("to [Bergen](city)")
    with pytest.raises(ValueError, match="JSON"):
        lesson.correct_entities('to [Oslo]{"entity" city}')


TAUGHT = Taught(
    stories=[Story("", (UserStep("greet"), ActionStep("utter_greet")))],
    examples=[Example("greet", "你好"), Example("inform", "to Oslo", (Mention(3, 7, "city", "Oslo"),))],
)


def test_in_yaml_new_lines_come_in_and_no_other_line_changes(tmp_path: Path) -> None:
    load(tmp_path, domain=DOMAIN, nlu=NLU, stories=STORIES)
    save(tmp_path, TAUGHT)
    nlu = (tmp_path / "nlu.yml").read_text("utf-8")
    assert nlu == NLU.replace("- hi there\n", "- hi there\n      - 你好\n").replace(
        "[Paris](city)\n", "[Paris](city)\n      - to [Oslo](city)\n"
    )
    stories = (tmp_path / "stories.yml").read_text("utf-8")
    assert stories.startswith(STORIES)
    assert stories[len(STORIES) :] == (
        "\n  - story: interactive_story_1\n    steps:\n      - intent: greet\n      - action: utter_greet\n"
    )
    assert (tmp_path / "domain.yml").read_text("utf-8") == DOMAIN


def test_what_is_kept_twice_is_a_second_story_and_no_second_example(tmp_path: Path) -> None:
    load(tmp_path, domain=DOMAIN, nlu=NLU, stories=STORIES)
    save(tmp_path, TAUGHT)
    nlu = (tmp_path / "nlu.yml").read_bytes()
    save(tmp_path, TAUGHT)
    assert (tmp_path / "nlu.yml").read_bytes() == nlu
    assert [story.name for story in load_bot(tmp_path).stories[-2:]] == [
        "interactive_story_1",
        "interactive_story_2",
    ]


MD_NLU = "## intent:greet\n- hello\n\n## intent:inform\n- to [Rome](city)\n<!-- end -->\n"
MD_STORIES = "## hello\n* greet\n  - utter_greet\n"


def test_a_markdown_bot_is_taught_in_markdown(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "nlu.md").write_text(MD_NLU, "utf-8")
    (tmp_path / "data" / "stories.md").write_text(MD_STORIES, "utf-8")
    load(tmp_path, domain=DOMAIN)
    steps = (UserStep("inform", (StoryEntity("city", "Oslo"),)), SlotStep("city", "Oslo"))
    story = Story("", (*steps, ActionStep("utter_city")))
    changed = save(tmp_path, Taught(stories=[story], examples=TAUGHT.examples))
    assert {path.name for path in changed} == {"nlu.md", "stories.md"}
    assert (tmp_path / "data" / "nlu.md").read_text("utf-8") == MD_NLU.replace(
        "- hello\n", "- hello\n- 你好\n"
    ).replace("(city)\n", "(city)\n- to [Oslo](city)\n")
    assert (tmp_path / "data" / "stories.md").read_text("utf-8").startswith(MD_STORIES)
    assert load_bot(tmp_path).stories[-1].steps[:2] == (
        UserStep("inform", (StoryEntity("city", "Oslo"),), line=6),
        SlotStep("city", "Oslo"),
    )


def test_a_new_response_of_a_rasa_1_bot_is_among_its_actions(tmp_path: Path) -> None:
    (tmp_path / "nlu.md").write_text(MD_NLU, "utf-8")
    load(tmp_path, domain=DOMAIN)
    story = Story("", (UserStep("greet"), ActionStep("utter_new")))
    save(tmp_path, Taught(stories=[story], actions=["utter_new"], responses={"utter_new": "Hi"}))
    assert "utter_new" in load_bot(tmp_path).actions


def test_files_stay_as_they_were_where_the_bot_would_be_wrong(tmp_path: Path) -> None:
    load(tmp_path, domain=DOMAIN, nlu=NLU, stories=STORIES)
    wrong = Story("", (UserStep("greet"), ActionStep("action_nowhere")))
    with pytest.raises(BotInvalid):
        save(tmp_path, Taught(stories=[wrong], examples=TAUGHT.examples))
    assert (tmp_path / "stories.yml").read_text("utf-8") == STORIES
    assert (tmp_path / "nlu.yml").read_text("utf-8") == NLU
    assert not list(tmp_path.glob(".*"))


def test_a_story_goes_where_others_of_its_intents_are(tmp_path: Path) -> None:
    many = "".join(
        f"  - story: s{n}\n    steps: [{{intent: inform}}, {{action: utter_city}}]\n" for n in range(9)
    )
    hello = "stories:\n  - story: hello\n    steps: [{intent: greet}, {action: utter_greet}]\n"
    load(tmp_path, domain=DOMAIN, nlu=NLU, cities=f"stories:\n{many}", hello=hello)
    changed = save(tmp_path, Taught(stories=TAUGHT.stories))
    assert [path.name for path in changed] == ["hello.yml"]


def test_a_file_that_the_bot_is_not_read_from_is_left_alone(tmp_path: Path) -> None:
    channels = "nlu:\n  url: http://127.0.0.1\nintents:\n  url: http://127.0.0.1\n"
    load(tmp_path, credentials=channels, domain=DOMAIN, nlu=NLU, stories=STORIES)
    changed = save(tmp_path, Taught(examples=[Example("fly", "fly me to the moon")], intents=["fly"]))
    assert {path.name for path in changed} == {"domain.yml", "nlu.yml"}
    assert (tmp_path / "credentials.yml").read_text("utf-8") == channels


def test_files_that_are_not_there_are_begun(tmp_path: Path) -> None:
    bot: Bot = load(tmp_path, domain=DOMAIN)
    assert not bot.stories
    save(tmp_path, TAUGHT)
    assert len(load_bot(tmp_path).stories) == 1
    assert len(load_bot(tmp_path).examples) == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nmore: [x]\n", "a: 1\nmore: [x, y]\n"),
        ("more:\n- x\nz: 1\n", "more:\n- x\n- y\nz: 1\n"),
        ("more:\n    - x", "more:\n    - x\n    - y\n"),
        ("more:\r\n  - x\r\n# end\r\n", "more:\r\n  - x\r\n  - y\r\n# end\r\n"),
        ("more:\nz: 1\n", "more:\n  - y\nz: 1\n"),
        ("a: 1\n", "a: 1\n\nmore:\n  - y\n"),
    ],
)
def test_an_item_is_added_in_the_file_s_own_style(text: str, expected: str) -> None:
    assert with_items(text, "more", ["y"]) == expected


def test_an_intent_without_a_block_of_examples_gets_one(tmp_path: Path) -> None:
    text = "nlu:\n- intent: greet\n  examples: [hello]\n"
    assert with_examples(text, "greet", ["hi"]) == text + "\n- intent: greet\n  examples: |\n    - hi\n"
