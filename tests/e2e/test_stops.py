"""Whatever a person stops an answer with, the model's stream is closed within a second of the press."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.slack_person import CHANNEL, SlackPerson, buttons_of
from tests.e2e.stack import Stack
from tests.e2e.web_person import WebPerson
from tests.fakes.openai_server import OpenAIServer
from tests.fakes.slack_server import SlackServer
from tests.fakes.telegram_server import TelegramServer
from tests.payloads import (
    SLACK_SECRET,
    SLACK_TOKEN,
    TELEGRAM_SECRET,
    TELEGRAM_TOKEN,
    payload,
    post_telegram,
)
from tests.waiting import until

pytestmark = pytest.mark.alone

QUESTION = "explain quantum chromodynamics"
WITHIN_S = 1
CHAT = 1001
SETTINGS = {
    "TELEGRAM_BOT_TOKEN": TELEGRAM_TOKEN,
    "TELEGRAM_WEBHOOK_SECRET": TELEGRAM_SECRET,
    "SLACK_BOT_TOKEN": SLACK_TOKEN,
    "SLACK_SIGNING_SECRET": SLACK_SECRET,
    "GATEWAY_PERSON_RATE": "1000",
}


@pytest.fixture(scope="module")
def stack(
    tmp_path_factory: pytest.TempPathFactory,
    telegram: TelegramServer,
    slack: SlackServer,
    model: OpenAIServer,
) -> Iterator[Stack]:
    folder: Path = tmp_path_factory.mktemp("stops")
    addresses = {
        "TELEGRAM_API_URL": telegram.url,
        "SLACK_API_URL": slack.api_url,
        "OPENAI_BASE_URL": model.url,
    }
    with Stack(folder, {**SETTINGS, **addresses}) as stack:
        yield stack


@pytest.fixture(autouse=True)
def _quiet_platforms(telegram: TelegramServer, slack: SlackServer, model: OpenAIServer) -> None:
    telegram.reset()
    slack.reset()
    model.reset()
    model.closed_early = 0
    model.script([f"word{n} " for n in range(400)], pace_s=0.05)


def closes_in_time(model: OpenAIServer, press: Callable[[], object]) -> None:
    """The only stream of the model's is closed in time after the press."""
    assert model.closed_early == 0
    pressed_at = time.monotonic()
    press()
    until(lambda: model.closed_early == 1, "the model's stream is closed", every_s=0.01)
    assert time.monotonic() - pressed_at < WITHIN_S


def test_the_button_of_slacks_growing_message(stack: Stack, slack: SlackServer, model: OpenAIServer) -> None:
    ann = SlackPerson(stack, slack)
    message = ann.ask(QUESTION)
    closes_in_time(model, lambda: ann.press(message, **buttons_of(message)["Stop"]))
    [left] = until(lambda: [m for m in slack.messages(CHANNEL) if "Go on" in buttons_of(m)], "the end")
    assert "Stop" not in buttons_of(left)


def test_slacks_shortcut_and_its_modal(stack: Stack, slack: SlackServer, model: OpenAIServer) -> None:
    ann = SlackPerson(stack, slack)
    message = ann.ask(QUESTION)
    ann.choose(message, "abort_openai_api")
    closes_in_time(model, ann.confirm)


def test_slacks_command(stack: Stack, slack: SlackServer, model: OpenAIServer) -> None:
    ann = SlackPerson(stack, slack)
    ann.ask(QUESTION)
    closes_in_time(model, lambda: ann.command("/stop"))


def test_telegrams_draft_button(stack: Stack, telegram: TelegramServer, model: OpenAIServer) -> None:
    update = payload("telegram-text")
    update["message"]["text"] = QUESTION
    assert post_telegram(stack.url, update).status_code == 200
    until(lambda: [text for text in telegram.drafts(CHAT) if "word" in text], "the answer begins")
    stopped = {"update_id": update["update_id"] + 1}
    stopped["stopped_message_generation"] = telegram.press_stop(CHAT)
    closes_in_time(model, lambda: post_telegram(stack.url, stopped).raise_for_status())
    [text] = until(lambda: telegram.texts(CHAT), "what was read stays")
    assert text.startswith("word0")
    assert text.endswith("Stopped.")


def test_the_webs_button(stack: Stack, model: OpenAIServer) -> None:
    person = WebPerson(stack.url)
    with person.listening() as entries:
        event_id = person.say(QUESTION)
        next(entry for _, entry in entries if entry["type"] == "delta")
        stop = {"target": event_id, "client_id": "stop-000001"}
        closes_in_time(model, lambda: person.http.post(f"{person.path}/stop", json=stop).raise_for_status())
