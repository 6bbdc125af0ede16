"""What people do with an answer, from a signed press at the gateway to what the platform shows."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from foundation.words import catalogue
from services.nlp.engines.llm.engine import GO_ON
from tests.e2e.slack_person import CHANNEL, SlackPerson, buttons_of
from tests.e2e.stack import Stack
from tests.e2e.web_person import WebPerson
from tests.fakes.openai_server import METHOD, OpenAIServer
from tests.fakes.slack_server import SlackServer
from tests.payloads import SLACK_SECRET, SLACK_TOKEN
from tests.waiting import until

WORDS = catalogue("en")
QUESTION = "explain quantum chromodynamics"
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
DELETED = '"kind": "delete_requested"'
STOPPED = '"outcome": "stopped"'


@pytest.fixture(scope="module")
def stack(
    tmp_path_factory: pytest.TempPathFactory, slack: SlackServer, model: OpenAIServer
) -> Iterator[Stack]:
    folder: Path = tmp_path_factory.mktemp("answers")
    addresses = {"SLACK_API_URL": slack.api_url, "OPENAI_BASE_URL": model.url}
    with Stack(folder, {**SETTINGS, **addresses}, workers=2) as stack:
        yield stack


@pytest.fixture(autouse=True)
def _quiet_platforms(slack: SlackServer, model: OpenAIServer) -> None:
    slack.reset()
    model.reset()
    model.closed_early = 0
    model.script([f"word{n} " for n in range(200)], pace_s=0.05)


@pytest.fixture
def ann(stack: Stack, slack: SlackServer) -> SlackPerson:
    return SlackPerson(stack, slack)


def shown(model: OpenAIServer) -> list[str]:
    """What the model was shown last, its prompt left out."""
    return [part["content"] for part in model.called(METHOD)[-1]["messages"][1:]]


def test_what_was_read_of_a_stopped_answer_stays_and_goes_on(
    ann: SlackPerson, slack: SlackServer, model: OpenAIServer
) -> None:
    message = ann.ask(QUESTION)
    ann.press(message, **buttons_of(message)[WORDS["slack_stop"]])
    until(lambda: model.closed_early == 1, "the model's stream is closed")
    mark = f"_{WORDS['stopped']}_"
    [text] = until(lambda: [t for t in slack.texts(CHANNEL) if t.endswith(mark)], "the mark")
    partial = text.removesuffix(mark).strip()
    assert partial.startswith("word0")
    [stopped] = slack.messages(CHANNEL)
    assert stopped["ts"] == message["ts"]

    model.script(["and the rest."])
    ann.press(message, **buttons_of(stopped)[WORDS["continue"]])
    until(lambda: slack.texts(CHANNEL)[1:] == ["and the rest."], "the answer goes on")
    assert [part.strip() for part in shown(model)[-3:]] == [QUESTION, partial, GO_ON]


def test_an_answer_that_fails_is_marked_and_tried_again(
    ann: SlackPerson, slack: SlackServer, model: OpenAIServer
) -> None:
    model.breaks_after = 30
    ann.ask(QUESTION)
    mark = f"_{WORDS['failed']}_"
    [text] = until(lambda: [t for t in slack.texts(CHANNEL) if t.endswith(mark)], "the mark")
    assert text.startswith("word0")
    [failed] = slack.messages(CHANNEL)
    model.script(["Good."])
    ann.press(failed, **buttons_of(failed)[WORDS["retry"]])
    until(lambda: slack.texts(CHANNEL)[1:] == ["Good."], "the answer")
    assert shown(model)[-1] == QUESTION


def test_who_asked_deletes_the_answer_that_is_being_written_and_nobody_else_does(
    stack: Stack, ann: SlackPerson, slack: SlackServer, model: OpenAIServer
) -> None:
    ends = stack.logs().count(STOPPED)
    message = ann.ask(QUESTION)
    ann.press(message, user="U9", action_id="delete")
    until(lambda: "word25" in slack.texts(CHANNEL)[0], "a stranger's press is without effect")
    ann.press(message, action_id="delete")
    until(lambda: model.closed_early == 1, "the model's stream is closed")
    until(lambda: stack.logs().count(STOPPED) > ends, "the turn ends")
    assert slack.messages(CHANNEL) == []


def test_a_message_that_vanishes_on_the_platform_ends_its_turn(
    ann: SlackPerson, slack: SlackServer, model: OpenAIServer
) -> None:
    message = ann.ask(QUESTION)
    slack.forget_message(CHANNEL, message["ts"])
    until(lambda: model.closed_early == 1, "the model's stream is closed")
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


def test_an_answer_that_was_deleted_on_the_page_is_unknown_to_the_model(
    stack: Stack, model: OpenAIServer
) -> None:
    person = WebPerson(stack.url)
    model.script(["a secret"])
    person.wait_reply(person.say(QUESTION))
    [(entry_id, _)] = person.reply_ids()
    obeyed = stack.logs().count(DELETED)
    person.http.delete(f"{person.path}/replies/{entry_id}").raise_for_status()
    until(lambda: stack.logs().count(DELETED) > obeyed, "the deletion is obeyed")
    assert person.replies() == []
    model.script(["next"])
    person.wait_reply(person.say(f"{QUESTION} now"))
    assert shown(model) == [f"{QUESTION}\n\n{QUESTION} now"]


@pytest.mark.timeout(120)
def test_another_worker_finishes_an_answer_in_the_message_where_a_killed_one_left_it(
    stack: Stack, ann: SlackPerson, slack: SlackServer, model: OpenAIServer
) -> None:
    words = [f"word{n} " for n in range(40)]
    model.script([f"word{n} " for n in range(2000)], pace_s=0.05)
    stack["worker2"].kill()
    message = ann.ask(QUESTION)
    stack["worker2"].start()
    until(stack["worker2"].is_ready, "the other worker is ready")
    stack["worker1"].kill()
    model.script(words, pace_s=0.05)
    until(lambda: model.closed_early == 1, "nobody pays for what nobody reads")
    whole = "".join(words).strip()
    until(lambda: [t.strip() for t in slack.texts(CHANNEL)] == [whole], "the whole answer")
    [finished] = slack.messages(CHANNEL)
    assert finished["ts"] == message["ts"]
    stack["worker1"].start()
    until(stack["worker1"].is_ready, "the killed worker is back")
