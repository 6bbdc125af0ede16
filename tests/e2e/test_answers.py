"""What people do with an answer, from a signed press at the gateway to what the platform shows."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from foundation.words import catalogue
from services.nlp.engines.llm.engine import GO_ON
from tests.e2e.stack import Stack
from tests.e2e.web_person import WebPerson
from tests.fakes.openai_server import METHOD, OpenAIServer
from tests.fakes.slack_server import SlackServer
from tests.payloads import SLACK_SECRET, SLACK_TOKEN, payload, post_slack_event, post_slack_form
from tests.waiting import until

WORDS = catalogue("en")
QUESTION = "explain quantum chromodynamics"
CHANNEL = "D1"
SETTINGS = {
    "SLACK_BOT_TOKEN": SLACK_TOKEN,
    "SLACK_SIGNING_SECRET": SLACK_SECRET,
    "WORKER_LEASE_S": "2",
    "WORKER_SWEEP_S": "0.3",
    "WORKER_RETRY_S": "[0.2]",
    "WORKER_ATTEMPTS": "2",
    "GATEWAY_WAKE_S": "1",
    "GATEWAY_PERSON_RATE": "1000",
}
STOPPED = '"outcome": "stopped"'
_times = iter(range(1790001000, 1790009999))


@pytest.fixture(scope="module")
def stack(
    tmp_path_factory: pytest.TempPathFactory, slack: SlackServer, model: OpenAIServer
) -> Iterator[Stack]:
    folder: Path = tmp_path_factory.mktemp("answers")
    addresses = {"SLACK_API_URL": slack.api_url, "OPENAI_BASE_URL": model.url}
    stack = Stack(folder, {**SETTINGS, **addresses}, workers=2)
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


@pytest.fixture(autouse=True)
def _quiet_platforms(slack: SlackServer, model: OpenAIServer) -> None:
    slack.reset()
    model.reset()
    model.closed_early = 0
    model.script([f"word{n} " for n in range(200)], pace_s=0.05)


def asked(stack: Stack, slack: SlackServer) -> dict[str, Any]:
    """A question in the direct messages, once some of its answer can be read."""
    event = payload("slack-dm")
    ts = f"{next(_times)}.000100"
    event["event_id"] = f"Ev{ts}"
    event["event"].update(ts=ts, event_ts=ts, text=QUESTION)
    assert post_slack_event(stack.url, event).status_code == 200
    return until(lambda: slack.messages(CHANNEL), "the answer begins")[-1]


def press(stack: Stack, message: dict[str, Any], user: str = "", **action: str) -> None:
    """Press a button of a message."""
    pressed = payload("slack-button")
    pressed["trigger_id"] = f"trigger.{next(_times)}"
    pressed["message"] = {"ts": message["ts"]}
    pressed["container"] = {"channel_id": CHANNEL, "message_ts": message["ts"]}
    pressed["actions"] = [{"type": "button", **action}]
    if user:
        pressed["user"] = {"id": user}
    form = {"payload": json.dumps(pressed)}
    assert post_slack_form(stack.url, "interactivity", form).status_code == 200


def button(message: dict[str, Any], title: str) -> dict[str, str]:
    """The action of the message's button with this title."""
    rows = [block["elements"] for block in message["blocks"] if block["type"] == "actions"]
    found = next(e for row in rows for e in row if e["text"]["text"] == title)
    return {"action_id": found["action_id"], "value": found["value"]}


def shown(model: OpenAIServer) -> list[str]:
    """What the model was shown last, its prompt left out."""
    return [part["content"] for part in model.called(METHOD)[-1]["messages"][1:]]


def test_a_stop_closes_the_models_stream_within_a_second_and_what_was_read_stays_and_goes_on(
    stack: Stack, slack: SlackServer, model: OpenAIServer
) -> None:
    message = asked(stack, slack)
    pressed_at = time.monotonic()
    press(stack, message, action_id="stop")
    until(lambda: model.closed_early == 1, "the model's stream is closed", 1, 0.01)
    assert time.monotonic() - pressed_at < 1
    mark = f"_{WORDS['stopped']}_"
    [text] = until(lambda: [t for t in slack.texts(CHANNEL) if t.endswith(mark)], "the mark")
    partial = text.removesuffix(mark).strip()
    assert partial.startswith("word0")
    [stopped] = slack.messages(CHANNEL)
    assert stopped["ts"] == message["ts"]

    model.script(["and the rest."])
    press(stack, message, **button(stopped, WORDS["continue"]))
    until(lambda: slack.texts(CHANNEL)[1:] == ["and the rest."], "the answer goes on")
    assert [part.strip() for part in shown(model)[-3:]] == [QUESTION, partial, GO_ON]


def test_an_answer_that_fails_is_marked_and_tried_again(
    stack: Stack, slack: SlackServer, model: OpenAIServer
) -> None:
    model.breaks_after = 30
    asked(stack, slack)
    mark = f"_{WORDS['failed']}_"
    [text] = until(lambda: [t for t in slack.texts(CHANNEL) if t.endswith(mark)], "the mark")
    assert text.startswith("word0")
    [failed] = slack.messages(CHANNEL)
    model.script(["Good."])
    press(stack, failed, **button(failed, WORDS["retry"]))
    until(lambda: slack.texts(CHANNEL)[1:] == ["Good."], "the answer")
    assert shown(model)[-1] == QUESTION


def test_who_asked_deletes_the_answer_that_is_being_written_and_nobody_else_does(
    stack: Stack, slack: SlackServer, model: OpenAIServer
) -> None:
    ends = stack.logs().count(STOPPED)
    message = asked(stack, slack)
    press(stack, message, user="U9", action_id="delete")
    until(lambda: "word25" in slack.texts(CHANNEL)[0], "a stranger's press is without effect")
    press(stack, message, action_id="delete")
    until(lambda: model.closed_early == 1, "the model's stream is closed", 3)
    until(lambda: stack.logs().count(STOPPED) > ends, "the turn ends")
    assert slack.messages(CHANNEL) == []


def test_a_message_that_vanishes_on_the_platform_ends_its_turn(
    stack: Stack, slack: SlackServer, model: OpenAIServer
) -> None:
    message = asked(stack, slack)
    slack.forget_message(CHANNEL, message["ts"])
    until(lambda: model.closed_early == 1, "the model's stream is closed", 5)
    assert slack.messages(CHANNEL) == []


def test_the_page_gets_another_answer_more_of_it_and_other_words(stack: Stack, model: OpenAIServer) -> None:
    person = WebPerson(stack.url)
    model.script(["first"])
    event_id = person.say(QUESTION)
    person.wait_reply(event_id)
    for number, (path, body) in enumerate((("regenerate", {}), ("edit", {"text": f"{QUESTION} now"}))):
        model.script([path])
        answer = person.http.post(
            f"{person.path}/messages/{event_id}/{path}", json={"client_id": f"again-{number:06}", **body}
        )
        assert person.wait_reply(answer.json()["event_id"])["text"] == path
        assert len(shown(model)) == 1
    assert shown(model) == [f"{QUESTION} now"]


@pytest.mark.timeout(120)
def test_another_worker_finishes_an_answer_in_the_message_where_a_killed_one_left_it(
    stack: Stack, slack: SlackServer, model: OpenAIServer
) -> None:
    words = [f"word{n} " for n in range(40)]
    model.script([f"word{n} " for n in range(2000)], pace_s=0.05)
    stack["worker2"].kill()
    message = asked(stack, slack)
    stack["worker2"].start()
    until(stack["worker2"].is_ready, "the other worker is ready")
    stack["worker1"].kill()
    model.script(words, pace_s=0.05)
    until(lambda: model.closed_early == 1, "nobody pays for what nobody reads", 3)
    whole = "".join(words).strip()
    until(lambda: [t.strip() for t in slack.texts(CHANNEL)] == [whole], "the whole answer")
    [finished] = slack.messages(CHANNEL)
    assert finished["ts"] == message["ts"]
    stack["worker1"].start()
    until(stack["worker1"].is_ready, "the killed worker is back")
