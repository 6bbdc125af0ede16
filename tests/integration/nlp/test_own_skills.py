"""Skills of a bot's own folder in a running room: lists, commands, rules, and what goes wrong."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from contracts.event import ButtonPressed, CommandGiven
from contracts.reply import Button
from contracts.turn import CallResult, TurnNeed, TurnReply
from foundation.words import say
from tests.builders import message
from tests.integration.nlp.room import NlpRoom
from tests.redis_process import RedisProcess
from tests.skill_bots import write_skill_bot

pytestmark = pytest.mark.usefixtures("redis_client")


ORDERS = """

orders = []


class Order(Action):
    def name(self):
        return "action_order"

    def run(self, dispatcher, tracker, domain):
        orders.append(1)
        dispatcher.utter_message(text=f"Order {len(orders)}.")
        return []
"""
ORDER_RULE = """\
version: "3.1"
intents: [order]
actions: [action_order]
rules:
  - rule: Order
    steps: [{intent: order}, {action: action_order}, {action: skill_face}, {action: utter_greet}]
"""


@pytest.fixture(scope="module")
def own(folder: Path, redis_process: RedisProcess) -> Iterator[NlpRoom]:
    bot = folder / "bots" / "own"
    write_skill_bot(bot)
    with (bot / "actions.py").open("a", encoding="utf-8") as actions:
        actions.write(ORDERS)
    (bot / "orders.yml").write_text(ORDER_RULE, "utf-8")
    bots = str(folder / "bots")
    with NlpRoom(folder, redis_process.url, NLP_BOTS_DIR=bots, NLP_BOT="own", NLP_SKILL_S="0.5") as room:
        yield room


def _facts(conversation: str) -> dict[str, Any]:
    return message("x", conversation).model_dump(exclude={"kind", "text", "photo"})


def command(name: str, text: str = "", conversation: str = "web:a") -> CommandGiven:
    return CommandGiven(**_facts(conversation), name=name, text=text)


def press(button: Button, conversation: str = "web:a") -> ButtonPressed:
    return ButtonPressed(**_facts(conversation), payload=button.payload, title=button.title)


def buttons(room: NlpRoom, conversation: str = "web:a") -> tuple[Button, ...]:
    """Of the newly opened list."""
    (first, *_) = room.turn(command("fruit", conversation=conversation))
    assert isinstance(first, TurnReply)
    return first.reply.buttons


@pytest.mark.parametrize("conversation", ["web:a", "telegram:bot:7", "slack:T1:D1"])
@pytest.mark.parametrize("said", ["4", "the fourth", "第四個", "dragon", "Dragon fruit"])
def test_a_list_is_chosen_from_on_every_channel(own: NlpRoom, conversation: str, said: str) -> None:
    assert own.says(command("fruit", conversation=conversation))[0].startswith("Fruit:\n\n1. Apple\n")
    assert own.says(message(said, conversation))[0].startswith("Dragon fruit is a fruit")


def test_a_list_stays_open_behind_a_choice_and_behind_another_subject(own: NlpRoom) -> None:
    own.says(command("fruit"))
    assert own.says(message("2", "web:a")) == ["Banana is a fruit (en)."]
    assert own.says(message("hello", "web:a")) == ["Hello!"]
    assert own.says(message("the last one", "web:a")) == ["Grape is a fruit (en)."]


def test_a_number_behind_another_list_is_not_chosen_from_the_older_one(own: NlpRoom) -> None:
    shown = buttons(own)
    assert "1. Red" in own.says(message("please paint the wall of our house", "web:a"))[0]
    assert own.says(message("2", "web:a")) == ["What?"]
    assert own.says(message("2", "web:a")) == ["Banana is a fruit (en)."]
    own.says(message("please paint the wall of our house", "web:a"))
    assert own.says(press(shown[1])) == ["Banana is a fruit (en)."]


def test_more_and_back_turn_the_pages(own: NlpRoom) -> None:
    own.says(command("fruit"))
    assert "6. Fig" in own.says(message("more", "web:a"))[0]
    assert "已經" in own.says(message("更多", "web:a", locale="zh-TW"))[0]
    assert "1. Apple" in own.says(message("back", "web:a"))[0]


def test_back_behind_a_choice_is_the_page_that_it_was_chosen_from(own: NlpRoom) -> None:
    own.says(command("fruit"))
    own.says(message("more", "web:a"))
    own.says(message("6", "web:a"))
    assert "6. Fig" in own.says(message("back", "web:a"))[0]
    assert "1. Apple" in own.says(message("back", "web:a"))[0]


def test_a_number_is_a_message_like_any_other_while_no_list_is_open(own: NlpRoom) -> None:
    assert own.says(message("4", "web:a")) == ["What?"]


def test_a_button_chooses_and_one_of_an_older_list_says_so(own: NlpRoom) -> None:
    shown = buttons(own)
    assert own.says(press(shown[1])) == ["Banana is a fruit (en)."]
    assert "6. Fig" in own.says(press(shown[-1]))[0]
    assert own.says(press(shown[1], "web:other"))[0].startswith("That list is closed")


def test_a_form_that_asks_comes_before_an_open_list(own: NlpRoom) -> None:
    own.says(command("fruit"))
    assert own.says(message("ask me my age", "web:a")) == ["How old are you?"]
    assert own.says(message("4", "web:a")) == ["Hello!"]


def test_another_answer_of_a_skill_closes_the_list(own: NlpRoom) -> None:
    own.says(command("fruit"))
    own.says(command("fruit", "Fig"))
    assert own.says(message("4", "web:a")) == ["What?"]


def test_a_rule_gives_a_skill_what_the_message_names(own: NlpRoom) -> None:
    assert own.says(message("do you know the fruit Banana", "web:a")) == ["Banana is a fruit (en)."]
    assert own.says(message("tell me about fruit", "web:b"))[0].startswith("Fruit:")
    assert own.says(message("3", "web:b")) == ["Cherry is a fruit (en)."]


def test_slacks_one_command_takes_a_skills_name_first(own: NlpRoom) -> None:
    assert own.says(message("fruit Fig", "slack:T1:D1")) == ["Fig is a fruit (en)."]
    assert own.says(message("broken promises", "web:a")) == ["What?"]


def test_a_sentence_in_slack_that_begins_like_a_command_is_none(own: NlpRoom) -> None:
    assert own.says(message("help", "slack:T1:D1"))[0].startswith("I am a test.")
    assert own.says(message("broken promises, is that a song?", "slack:T1:D1")) == ["What?"]
    told = own.says(message("help my brother with his essay", "slack:T1:D2"))
    assert not told[0].startswith("I am a test.")


def test_a_forms_question_in_slack_is_not_answered_by_a_skill(own: NlpRoom) -> None:
    assert own.says(message("ask me my age", "slack:T1:D1")) == ["How old are you?"]
    assert own.says(message("fruit Fig", "slack:T1:D1")) == ["Hello!"]


def test_delete_that_names_no_message_says_how_to_name_one(own: NlpRoom) -> None:
    [said] = own.says(command("delete", conversation="telegram:default:1"))
    assert said == say("delete_how", "en")


def test_help_describes_skills_by_rule_and_by_command(own: NlpRoom) -> None:
    by_command, by_rule = own.says(command("help")), own.says(message("what can you do for me", "web:a"))
    assert by_command == by_rule
    assert by_command[0].startswith("I am a test.\n\nAlso, by command:\n- `/fruit` - Tells about fruit.")
    assert "- `fruit` - " in own.says(command("help", conversation="slack:T1:D1"))[0]


def test_a_slow_skill_says_so_in_time(own: NlpRoom) -> None:
    assert own.says(command("slow"))[0].startswith("That is taking too long")
    assert own.logged("nlp.skill.timed_out")


def test_a_skill_that_raises_says_so_and_logs_nobodys_words(own: NlpRoom) -> None:
    assert own.says(command("broken", "verysecretword"))[0].startswith("Something went wrong")
    assert own.logged("nlp.skill.failed")[-1]["type"] == "RuntimeError"
    assert "verysecretword" not in own.log.read_text("utf-8")


@pytest.mark.parametrize("how", ["text", "nothing", "reply", "choices", "args"])
def test_a_skill_whose_answer_is_none_says_that_something_went_wrong(own: NlpRoom, how: str) -> None:
    assert own.says(command("wrong", how))[0].startswith("Something went wrong")


def test_what_only_the_worker_can_do_goes_through_its_rounds(own: NlpRoom) -> None:
    event = command("face")
    (need,) = own.turn(event)
    assert isinstance(need, TurnNeed)
    assert own.says(event, {need.call_id: CallResult(value={"messages": []})}) == [
        "The worker says {'messages': []}."
    ]


async def test_a_turn_that_waits_for_the_worker_runs_a_bots_own_code_once(
    own: NlpRoom, redis_client: Redis
) -> None:
    async def heard() -> int:
        tracker = json.loads(await redis_client.hget("tracker:web:a", "tracker"))  # type: ignore[misc,arg-type]
        slots = [e["value"] for e in tracker["events"] if e["event"] == "slot" and e["name"] == "heard"]
        return int(slots[-1])

    own.says(message("hello", "web:a"))
    before = await heard()
    event = command("face")
    (need,) = own.turn(event)
    assert isinstance(need, TurnNeed)
    assert await heard() == before
    assert own.says(event, {need.call_id: CallResult(value={})}) == ["The worker says {}."]
    assert await heard() == before + 1
    own.says(message("hello", "web:a"))
    assert await heard() == before + 2


def test_an_action_of_a_bots_own_before_a_skill_that_waits_for_the_worker_is_done_once(own: NlpRoom) -> None:
    for number in (1, 2):
        event = message("/order", "web:orders")
        (need,) = own.turn(event)
        assert isinstance(need, TurnNeed)
        assert own.says(event, {need.call_id: CallResult(value={})}) == [
            f"Order {number}.",
            "The worker says {}.",
            "Hello!",
        ]
