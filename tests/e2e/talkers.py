"""One person, whatever the channel: says a line or presses a button, and reads what the bot shows."""

import itertools
import json
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.e2e.stack import Stack
from tests.e2e.web_person import WebPerson
from tests.fakes.slack_server import SlackServer
from tests.fakes.telegram_server import TelegramServer
from tests.payloads import payload, post_slack_event, post_slack_form, post_telegram
from tests.waiting import until

_numbers = itertools.count(5001)
TURN_S = 60


@dataclass
class Shown:
    """A message of the bot's."""

    text: str
    buttons: dict[str, Any] = field(default_factory=dict)
    """By title: what the platform sends back when it is pressed."""
    links: dict[str, str] = field(default_factory=dict)
    """By title: the page that a button opens."""
    image: str | None = None


class Talker(Protocol):
    """A person in a conversation of their own."""

    def say(self, text: str) -> Shown:
        """What the bot answers."""
        ...

    def press(self, shown: Shown, title: str) -> Shown:
        """What the bot answers to a button of what it has shown."""
        ...


class OnWeb:
    """Reads the page's history."""

    def __init__(self, stack: Stack, locale: str) -> None:
        self._person = WebPerson(stack.url, locale)

    def say(self, text: str) -> Shown:
        return self._answer(self._person.say(text))

    def press(self, shown: Shown, title: str) -> Shown:
        return self._answer(self._person.say(payload=shown.buttons[title], title=title))

    def _answer(self, event_id: str) -> Shown:
        reply = self._person.wait_reply(event_id, TURN_S)
        said = {button["title"]: button["payload"] for button in reply["buttons"] if not button["url"]}
        links = {button["title"]: button["url"] for button in reply["buttons"] if button["url"]}
        return Shown(reply["text"], said, links, reply["image"])


class OnTelegram:
    """Writes in a private chat."""

    def __init__(self, stack: Stack, telegram: TelegramServer, locale: str) -> None:
        self._stack, self._telegram = stack, telegram
        self._chat = next(_numbers)
        self._sender = {"id": self._chat, "is_bot": False, "first_name": "Ann", "language_code": locale}

    def say(self, text: str) -> Shown:
        message = payload("telegram-text")["message"]
        message |= {"message_id": next(_numbers), "text": text, "from": self._sender, "chat": self._place}
        if text.startswith("/"):
            length = len(text.split()[0])
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        return self._answer({"message": message})

    def press(self, shown: Shown, title: str) -> Shown:
        query = payload("telegram-button")["callback_query"]
        query |= {"id": str(next(_numbers)), "data": shown.buttons[title], "from": self._sender}
        query["message"] = self._telegram.messages(self._chat)[-1] | {"chat": self._place, "date": 1790000004}
        return self._answer({"callback_query": query})

    @property
    def _place(self) -> dict[str, Any]:
        return {"id": self._chat, "first_name": "Ann", "type": "private"}

    def _answer(self, update: dict[str, Any]) -> Shown:
        before = len(self._telegram.messages(self._chat))
        posted = post_telegram(self._stack.url, {"update_id": next(_numbers), **update})
        assert posted.status_code == 200
        [message] = until(lambda: self._telegram.messages(self._chat)[before:], "an answer", TURN_S)
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        buttons = [button for row in rows for button in row]
        said = {b["text"]: b["callback_data"] for b in buttons if "callback_data" in b}
        links = {b["text"]: b["url"] for b in buttons if "url" in b}
        text = message.get("text") or message["caption"]
        return Shown(text, said, links, "photo" if "photo" in message else None)


class OnSlack:
    """Writes direct messages."""

    def __init__(self, stack: Stack, slack: SlackServer) -> None:
        self._stack, self._slack = stack, slack
        number = next(_numbers)
        self._user, self._channel = f"U{number}", f"D{number}"

    def say(self, text: str) -> Shown:
        event = payload("slack-dm")
        ts = f"{1790000000 + next(_numbers)}.000100"
        event["event_id"] = f"Ev{ts}"
        event["event"] |= {
            "user": self._user,
            "channel": self._channel,
            "text": text,
            "ts": ts,
            "event_ts": ts,
        }
        before = self._count()
        assert post_slack_event(self._stack.url, event).status_code == 200
        return self._answer(before)

    def press(self, shown: Shown, title: str) -> Shown:
        pressed = payload("slack-button")
        ts = self._slack.messages(self._channel)[-1]["ts"]
        pressed |= {"trigger_id": f"trigger.{next(_numbers)}", "message": {"ts": ts}}
        pressed["user"] |= {"id": self._user}
        pressed["channel"] |= {"id": self._channel}
        pressed["container"] |= {"channel_id": self._channel, "message_ts": ts}
        pressed["actions"] = [shown.buttons[title]]
        before = self._count()
        form = {"payload": json.dumps(pressed)}
        assert post_slack_form(self._stack.url, "interactivity", form).status_code == 200
        return self._answer(before)

    def _count(self) -> int:
        return len(self._slack.messages(self._channel))

    def _answer(self, before: int) -> Shown:
        [message] = until(lambda: self._slack.messages(self._channel)[before:], "an answer", TURN_S)
        rows = [b["elements"] for b in message.get("blocks", []) if b["type"] == "actions"]
        buttons = {e["text"]["text"]: e for row in rows for e in row if e["type"] == "button"}
        images = [block["image_url"] for block in message.get("blocks", []) if block["type"] == "image"]
        links = {title: e["url"] for title, e in buttons.items() if "url" in e}
        said = {title: e for title, e in buttons.items() if "url" not in e}
        return Shown(message["text"], said, links, next(iter(images), None))
