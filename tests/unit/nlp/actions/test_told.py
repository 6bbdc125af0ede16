"""What a bot's own action tells reaches the person and the tracker; nonsense reaches neither."""

from pathlib import Path

import pytest

from services.nlp.dialogue.events import active_loop
from services.nlp.formats.loader import load_bot
from tests.unit.nlp.actions.bots import HEAD, one
from tests.unit.nlp.conversations import Talk
from tests.unit.nlp.folders import load

DOMAIN = """
version: "3.1"
intents: [go, bye]
slots:
  name: {type: text, mappings: [{type: custom}]}
responses:
  utter_bye: [{text: "bye {name}"}]
  utter_action_failed: [{text: "sorry, {name}"}]
actions: [action_it, action_validate_slot_mappings]
"""
RULES = """
rules:
  - rule: go
    steps: [{intent: go}, {action: action_it}]
  - rule: bye
    steps: [{intent: bye}, {action: utter_bye}]
"""


def talk(folder: Path, code: str) -> Talk:
    """A conversation with a bot that has this action."""
    load(folder, domain=DOMAIN, rules=RULES)
    (folder / "actions.py").write_text(HEAD + code, "utf-8")
    return Talk(load_bot(folder), folder)


async def test_words_in_an_event_are_said_behind_those_of_the_dispatcher(tmp_path: Path) -> None:
    body = "dispatcher.utter_message(text='one')\nreturn [BotUttered('two', {'image': 'https://x/y.png'})]"
    said = talk(tmp_path, one(body))
    replies = await said.replies("/go")
    assert [(reply.text, reply.image) for reply in replies] == [("one", None), ("two", "https://x/y.png")]
    heard = [event["text"] for event in said.tracker.events if event["event"] == "bot"]
    assert heard == ["one", "two"]


async def test_an_unknown_action_to_go_on_with_is_passed_over(tmp_path: Path) -> None:
    said = talk(tmp_path, one("return [FollowupAction('action_nowhere')]"))
    assert await said.say("/go") == []
    assert await said.say("/bye") == ["bye None"]


async def test_a_form_that_the_bot_has_no_more_does_not_run(tmp_path: Path) -> None:
    said = talk(tmp_path, one("return []"))
    said.tracker.update(active_loop("form_of_yesterday"))
    assert await said.say("/bye") == ["bye None"]


async def test_slots_may_be_extracted_where_no_mapping_fills_any(tmp_path: Path) -> None:
    code = """
class Extract(ValidationAction):
    async def extract_name(self, dispatcher, tracker, domain):
        return {"name": "Ann"}
"""
    assert await talk(tmp_path, code).say("/bye") == ["bye Ann"]


@pytest.mark.parametrize(
    "parse",
    ["[1]", "{'intent': 'a'}", "{'entities': 'a'}", "{'entities': [5]}", "{'intent_ranking': 5}"],
)
async def test_a_message_of_no_shape_fails_the_action_and_leaves_the_tracker(
    tmp_path: Path, parse: str
) -> None:
    said = talk(tmp_path, one(f"return [{{'event': 'user', 'text': 'a', 'parse_data': {parse}}}]"))
    assert await said.say("/go") == ["sorry, None"]
    assert await said.say("/bye") == ["bye None"]


async def test_buttons_that_are_no_list_are_left_out(tmp_path: Path) -> None:
    said = talk(tmp_path, one("dispatcher.utter_message(text='one', buttons=5)\nreturn []"))
    assert await said.say("/go") == ["one"]


async def test_a_paused_bot_says_nothing_until_it_is_restarted(tmp_path: Path) -> None:
    said = talk(tmp_path, one("dispatcher.utter_message(text='wait')\nreturn [ConversationPaused()]"))
    assert await said.say("/go") == ["wait"]
    assert await said.say("/bye") == []
    assert await said.say("/restart") == ["All forgotten: we begin anew."]
    assert await said.say("/bye") == ["bye None"]
