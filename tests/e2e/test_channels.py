"""Deliveries as the platforms sign them go in at the HTTP port; the right calls come out at the platforms."""

import io
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import redis as redis_py
from PIL import Image

from contracts.install import INSTALLS
from tests.e2e import photos
from tests.e2e.stack import Stack
from tests.fakes.openai_server import OpenAIServer
from tests.fakes.slack_server import SlackServer
from tests.fakes.telegram_server import TelegramServer
from tests.payloads import (
    SLACK_SECRET,
    SLACK_TOKEN,
    TELEGRAM_SECRET,
    TELEGRAM_TOKEN,
    payload,
    post_slack_event,
    post_slack_form,
    post_telegram,
)
from tests.waiting import until

GREETING = "Hello! How are you today?"
GROUP = -1001234


@pytest.fixture(scope="module")
def stack(
    tmp_path_factory: pytest.TempPathFactory,
    telegram: TelegramServer,
    slack: SlackServer,
    model: OpenAIServer,
) -> Iterator[Stack]:
    settings = {
        "TELEGRAM_BOT_TOKEN": TELEGRAM_TOKEN,
        "TELEGRAM_WEBHOOK_SECRET": TELEGRAM_SECRET,
        "TELEGRAM_API_URL": telegram.url,
        "SLACK_BOT_TOKEN": SLACK_TOKEN,
        "SLACK_SIGNING_SECRET": SLACK_SECRET,
        "SLACK_API_URL": slack.api_url,
        "SLACK_CLIENT_ID": "12.34",
        "SLACK_CLIENT_SECRET": "client-secret",
        "PUBLIC_URL": "http://bots.example",
        "OPENAI_BASE_URL": model.url,
    }
    folder: Path = tmp_path_factory.mktemp("channels")
    with Stack(folder, settings) as stack:
        stack.enroll(photos.encoded(photos.astronaut()), "Eileen Collins")
        yield stack


@pytest.fixture(autouse=True)
def _quiet_platforms(telegram: TelegramServer, slack: SlackServer) -> None:
    telegram.reset()
    slack.reset()


def last_text(texts: Callable[[], list[str]], what: str) -> str:
    return until(texts, what)[-1]


def is_of_both_faces(picture: bytes) -> bool:
    """Whether a picture shows the mirrored photo's face at the left and the enrolled one at the right."""
    pixels = np.asarray(Image.open(io.BytesIO(picture))).astype(int)
    side = pixels.shape[0]
    left, right = pixels[:, :side], pixels[:, -side:]
    return bool(np.abs(left[:, ::-1] - right).mean() < 15 < np.abs(left - right).mean())


def test_a_telegram_message_is_answered_in_its_chat(stack: Stack, telegram: TelegramServer) -> None:
    update = payload("telegram-text")
    answers = [post_telegram(stack.url, update).status_code for _ in range(10)]
    assert answers == [200] * 10
    until(lambda: telegram.texts(1001), "an answer in the chat")
    follow = {**update, "update_id": 140863999}
    follow["message"]["text"] = "goodbye"
    post_telegram(stack.url, follow)
    texts = until(lambda: len(telegram.texts(1001)) > 1 and telegram.texts(1001), "the next answer")
    assert len(texts) == 2  # ten deliveries of one Update gave one answer
    assert texts[0] == GREETING
    [greeting, _] = telegram.called("sendMessage")
    assert [b["text"] for row in greeting["reply_markup"]["inline_keyboard"] for b in row] == [
        "Great",
        "Not so good",
    ]


def test_a_telegram_photo_is_compared_and_its_smallest_useful_size_taken(
    stack: Stack, telegram: TelegramServer
) -> None:
    telegram.add_file("photo-x", photos.mirrored())
    post_telegram(stack.url, payload("telegram-photo"))
    text = last_text(lambda: telegram.texts(1001), "the look-alike")
    assert "Eileen Collins" in text
    assert [call["file_id"] for call in telegram.called("getFile")] == ["photo-x"]
    [picture] = telegram.uploaded.values()
    assert is_of_both_faces(picture)


def test_a_mention_in_a_topic_is_answered_in_the_topic(stack: Stack, telegram: TelegramServer) -> None:
    post_telegram(stack.url, payload("telegram-topic"))
    assert last_text(lambda: telegram.texts(GROUP), "an answer in the group") == GREETING
    assert telegram.called("sendMessage")[-1]["message_thread_id"] == "7"


def test_start_and_a_pressed_button_are_answered(stack: Stack, telegram: TelegramServer) -> None:
    post_telegram(stack.url, payload("telegram-command"))
    assert "Switchboard" in last_text(lambda: telegram.texts(1001), "the answer to /start")
    post_telegram(stack.url, payload("telegram-button"))
    until(lambda: "That is good to hear." in telegram.texts(1001), "the answer to the button")
    until(lambda: telegram.called("answerCallbackQuery"), "the press is answered")


def test_a_direct_slack_message_is_answered_in_the_dm(stack: Stack, slack: SlackServer) -> None:
    for _ in range(10):
        assert post_slack_event(stack.url, payload("slack-dm")).status_code == 200
    for ignored in ("slack-own", "slack-edit", "slack-join"):
        assert post_slack_event(stack.url, payload(ignored)).status_code == 200
    assert GREETING in last_text(lambda: slack.texts("D1"), "an answer in the DM")
    press = {"payload": json.dumps(payload("slack-button"))}
    assert post_slack_form(stack.url, "interactivity", press).status_code == 200
    until(lambda: len(slack.texts("D1")) > 1, "the answer to the button")
    assert len(slack.texts("D1")) == 2
    assert "thread_ts" not in slack.called("chat.postMessage")[0]


def test_one_mention_as_two_events_is_answered_once_in_its_thread(stack: Stack, slack: SlackServer) -> None:
    post_slack_event(stack.url, payload("slack-mention-as-message"))
    post_slack_event(stack.url, payload("slack-mention"))
    again = payload("slack-mention")
    again["event_id"] = "Ev9999"  # the same message under another event id, as Slack has done
    post_slack_event(stack.url, again)
    until(lambda: slack.called("chat.postMessage"), "the mention is answered")
    post_slack_event(stack.url, followed("slack-mention", "1790000011.000200"))
    until(lambda: len(slack.called("chat.postMessage")) > 1, "the next mention is answered")
    threads = [call["thread_ts"] for call in slack.called("chat.postMessage")]
    assert threads == ["1790000010.000200", "1790000011.000200"]


def test_a_slack_photo_is_compared(stack: Stack, slack: SlackServer) -> None:
    slack.add_file("F1", photos.mirrored(), mimetype="image/jpeg")
    post_slack_event(stack.url, payload("slack-photo"))
    assert "Eileen Collins" in last_text(lambda: slack.texts("D1"), "the look-alike")
    [picture] = slack.pictures("D1")
    assert is_of_both_faces(picture)


def test_a_slash_command_is_answered(stack: Stack, slack: SlackServer) -> None:
    assert post_slack_form(stack.url, "commands", payload("slack-command")).status_code == 200
    assert GREETING in last_text(lambda: slack.texts("D1"), "an answer to the command")


def test_a_streamed_answer_ends_whole_on_both_platforms(
    stack: Stack, telegram: TelegramServer, slack: SlackServer, model: OpenAIServer
) -> None:
    words = [f"word{n} " for n in range(60)]
    model.script(words, pace_s=0.05)
    question = payload("telegram-text")
    question["update_id"] = 140864100
    question["message"]["text"] = "explain quantum chromodynamics"
    post_telegram(stack.url, question)
    whole = "".join(words).strip()
    until(lambda: telegram.texts(1001) == [whole], "the whole answer, in one message")
    assert telegram.called("sendMessageDraft"), "it was streamed"
    post_slack_event(stack.url, followed("slack-dm", "1790000100.000900", "explain quantum chromodynamics"))
    until(lambda: [t.strip() for t in slack.texts("D1")] == [whole], "the whole answer in the DM")
    assert slack.called("chat.update"), "it was streamed"


def test_an_answer_that_the_models_limit_ended_goes_on_at_a_press(
    stack: Stack, telegram: TelegramServer, slack: SlackServer, model: OpenAIServer
) -> None:
    model.script(["Once", " upon"], finish_reason="length")
    question = payload("telegram-text")
    question["update_id"] = 140864200
    question["message"]["text"] = "explain quantum chromodynamics"
    post_telegram(stack.url, question)
    until(lambda: telegram.texts(1001) == ["Once upon"], "the answer so far")
    [[button]] = telegram.called("sendMessage")[-1]["reply_markup"]["inline_keyboard"]
    assert button["text"] == "Go on"
    model.script([" a time."])
    press = payload("telegram-button")
    press["update_id"] = 140864201
    press["callback_query"]["data"] = button["callback_data"]
    post_telegram(stack.url, press)
    until(lambda: telegram.texts(1001)[-1].strip() == "a time.", "the rest")
    model.script(["Once", " upon"], finish_reason="length")
    post_slack_event(stack.url, followed("slack-dm", "1790000110.000900", "explain quantum chromodynamics"))
    until(lambda: slack.texts("D1"), "the answer in the DM")
    until(lambda: "Go on" in json.dumps(slack.messages("D1")), "the button in the DM")


def followed(name: str, ts: str, text: str | None = None) -> dict[str, Any]:
    """Another Slack message of the same shape."""
    event = payload(name)
    event["event_id"] = f"Ev{ts}"
    event["event"].update(ts=ts, event_ts=ts, **({"text": text} if text else {}))
    return event


def interact(stack: Stack, found: dict[str, Any]) -> int:
    """Deliver an interaction with Slack; gives the status."""
    return post_slack_form(stack.url, "interactivity", {"payload": json.dumps(found)}).status_code


def chosen(slack: SlackServer, thread: str, callback: str, trigger: str) -> dict[str, Any]:
    """A person chooses from the menu of the newest message in the thread of their mention."""
    message = until(lambda: slack.messages("C1", thread), "an answer")[-1]
    return payload("slack-shortcut") | {"callback_id": callback, "trigger_id": trigger, "message": message}


def confirmed(slack: SlackServer) -> dict[str, Any]:
    """The window that was opened last is submitted."""
    found = payload("slack-confirmation")
    [*_, (view_id, view)] = slack.views.items()
    return found | {"view": found["view"] | view | {"id": view_id}}


def test_an_answer_is_deleted_by_the_menu_and_only_by_who_asked(stack: Stack, slack: SlackServer) -> None:
    thread = "1790000020.000200"
    post_slack_event(stack.url, followed("slack-mention", thread))
    another = chosen(slack, thread, "delete_message", "1.a") | {"user": {"id": "U2"}}
    assert interact(stack, another) == 200
    assert "submit" not in slack.called("views.open")[-1]["view"]
    assert interact(stack, chosen(slack, thread, "delete_message", "1.b")) == 200
    assert slack.messages("C1", thread)
    assert interact(stack, confirmed(slack)) == 200
    until(lambda: not slack.messages("C1", thread), "the answer is gone")


def test_a_growing_answer_is_stopped_by_the_menu_and_what_was_written_stays(
    stack: Stack, slack: SlackServer, model: OpenAIServer
) -> None:
    thread = "1790000030.000200"
    words = [f"word{n} " for n in range(600)]
    model.script(words, pace_s=0.05)
    post_slack_event(stack.url, followed("slack-mention", thread, "explain quantum chromodynamics"))
    assert interact(stack, chosen(slack, thread, "abort_openai_api", "2.a")) == 200
    assert interact(stack, confirmed(slack)) == 200
    until(lambda: "Stopped." in slack.texts("C1", thread)[-1], "the mark of the stop")
    text = slack.texts("C1", thread)[-1]
    assert text.startswith("word0")
    assert "word599" not in text


def test_a_workspace_that_installs_the_app_is_answered_with_its_own_token_until_it_parts(
    stack: Stack, slack: SlackServer
) -> None:
    token = "xoxb-of-seven"
    slack.oauth_codes["code-7"] = {"access_token": token, "team": {"id": "T7", "name": "Seven"}}
    with httpx.Client(base_url=stack.url, timeout=30) as browser:
        sent_to = httpx.URL(browser.get("/slack/install").headers["location"])
        brought = {"state": sent_to.params["state"], "code": "code-7"}
        assert browser.get("/slack/oauth_redirect", params=brought).status_code == 200
    theirs = {"team_id": "T7"}
    question = followed("slack-dm", "1790000200.000100") | theirs
    question["event"]["channel"] = "D7"
    post_slack_event(stack.url, question)
    assert GREETING in last_text(lambda: slack.texts("D7"), "an answer in the other workspace")
    assert {call.token for call in slack.calls if call.method == "chat.postMessage"} == {token}
    parted = theirs | {"event": {"type": "app_uninstalled"}, "event_time": int(time.time())}
    post_slack_event(stack.url, payload("slack-dm") | parted)
    with redis_py.Redis.from_url(stack.redis.url) as redis:
        assert redis.exists(INSTALLS) == 0
