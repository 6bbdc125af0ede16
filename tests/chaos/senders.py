"""How people on each channel say something, and how they stop, delete and rate what is answered."""

import io
import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode

import httpx
from PIL import Image

from tests.chaos.history import Wish
from tests.chaos.page import Page
from tests.chaos.plan import Person, Saying
from tests.chaos.platforms import ChaosSlack, ChaosTelegram
from tests.chaos.traffic import Deliver, Sender, Street
from tests.chaos.words import line
from tests.payloads import SLACK_SECRET, TELEGRAM_SECRET, payload, slack_headers

SLACK_RETRIES_S = (0.0, 2.0, 5.0)
"""Slack tries again at once, after a minute and after five; here sooner."""
SLACK_PATIENCE_S = 3.0
FORGED = "forged-secret"
TEAM = "T1"
BOT = {"id": 123, "is_bot": True, "first_name": "Test", "username": "test_bot"}
DRAFT = "draft"
"""Stands for the message of an answer that is a draft yet."""
WISHES_FROM = 5_000
"""The numbers of the Updates that are no messages begin here, for each person."""
ACTIONS = {"stop": "stop", "delete": "delete", "rate": "feedback"}


class TelegramSender(Sender):
    """Somebody in a private chat with one of the bots, or in a group; the update's number is its delivery."""

    def __init__(self, street: Street, person: Person, first: int, telegram: ChaosTelegram) -> None:
        self._is_group = person.group is not None
        self._user = first + person.number + (500 if self._is_group else 0)
        self._chat = self._user if person.group is None else -(first + person.group)
        super().__init__(street, person, str(self._chat))
        self._telegram = telegram

    async def post(self, saying: Saying) -> httpx.Response:
        message: dict[str, Any] = {"text": line(saying.mark, saying.kind)}
        if self._is_group and saying.kind != "aside":
            if self._index(saying) % 2:
                message["text"] = f"@{BOT['username']} {message['text']}"
            else:
                message["reply_to_message"] = self._of_bot(1)
        update = self._said(self._number(saying), message)
        return await self._deliver_update(update, FORGED if saying.kind == "forged" else TELEGRAM_SECRET)

    def seen(self, saying: Saying) -> str | None:
        drafts = self._telegram.drafts(self._chat)
        if saying.want == "stop" and any(text.startswith(saying.mark) for text in drafts):
            return DRAFT
        found = self._telegram.answer(self.place, saying.mark)
        return found.message if found else None

    def wish(self, saying: Saying, message: str) -> tuple[Wish, Deliver]:
        number = self._number(saying) + WISHES_FROM
        claim = f"telegram:{self._person.account}:{number}"
        about = message if saying.want == "delete" else ""
        assert saying.want
        wish = Wish(saying.mark, saying.want, self.place, about, claim, time.monotonic())
        if saying.want == "delete":
            update = self._commanded(number, "/delete", {"reply_to_message": self._of_bot(int(message))})
        else:
            update = self._stopped(number)
        return wish, partial(self._deliver_update, update, TELEGRAM_SECRET)

    def _stopped(self, number: int) -> dict[str, Any]:
        """The draft's button where there is a draft, else the command."""
        try:
            return {"update_id": number, "stopped_message_generation": self._telegram.press_stop(self._chat)}
        except ValueError:  # there is none
            return self._commanded(number, "/stop", {})

    def _commanded(self, number: int, command: str, more: dict[str, Any]) -> dict[str, Any]:
        text = f"{command}@{BOT['username']}" if self._is_group else command
        entity = {"type": "bot_command", "offset": 0, "length": len(text)}
        return self._said(number, {"text": text, "entities": [entity], **more})

    def _said(self, number: int, content: dict[str, Any]) -> dict[str, Any]:
        message = payload("telegram-text")["message"]
        message["from"] |= {"id": self._user}
        message["chat"] = self._place
        return {"update_id": number, "message": message | {"message_id": number, **content}}

    @property
    def _place(self) -> dict[str, Any]:
        return {"id": self._chat, "type": "group" if self._is_group else "private"}

    def _of_bot(self, number: int) -> dict[str, Any]:
        return {"message_id": number, "date": 1_790_000_000, "chat": self._place, "from": BOT, "text": "…"}

    def _index(self, saying: Saying) -> int:
        return list(self.asked).index(saying.mark)

    def _number(self, saying: Saying) -> int:
        return self._user * 10_000 + self._index(saying)

    async def _deliver_update(self, update: dict[str, Any], secret: str) -> httpx.Response:
        return await self._street.http.post(
            f"/webhooks/telegram/{self._person.account}",
            json=update,
            headers={"X-Telegram-Bot-Api-Secret-Token": secret},
        )


class SlackSender(Sender):
    """Direct messages; Slack tries four times and gives up. A button is pressed once."""

    retries_s = SLACK_RETRIES_S
    wish_retries_s = ()
    patience_s = SLACK_PATIENCE_S

    def __init__(self, street: Street, person: Person, slack: ChaosSlack) -> None:
        super().__init__(street, person, f"D{person.number}")
        self._slack = slack

    async def post(self, saying: Saying) -> httpx.Response:
        event = payload("slack-dm")
        number = list(self.asked).index(saying.mark)
        ts = f"{1_790_000_000 + number}.{self._person.number:06}"
        event["event_id"] = f"Ev{saying.mark}"
        text = line(saying.mark, saying.kind)
        said = {"user": f"U{self.place}", "channel": self.place, "text": text, "ts": ts, "event_ts": ts}
        event["event"] |= {**said, "client_msg_id": saying.mark}
        secret = FORGED if saying.kind == "forged" else SLACK_SECRET
        return await self._deliver_body("events", json.dumps(event), "application/json", secret)

    def seen(self, saying: Saying) -> str | None:
        found = self._slack.answer(self.place, saying.mark)
        return found.message if found else None

    def wish(self, saying: Saying, message: str) -> tuple[Wish, Deliver]:
        assert saying.want
        action, trigger = ACTIONS[saying.want], f"trigger.{saying.mark}"
        about = "" if saying.want == "stop" else message
        claim = f"slack:{TEAM}:{trigger}:{action if saying.want == 'rate' else saying.want}"
        pressed = payload("slack-button") | {"trigger_id": trigger, "user": {"id": f"U{self.place}"}}
        pressed |= {"channel": {"id": self.place}, "message": {"ts": message}}
        pressed["container"] = {"channel_id": self.place, "message_ts": message}
        pressed["actions"] = [{"type": "button", "action_id": action, "value": "helpful"}]
        form = urlencode({"payload": json.dumps(pressed)})
        wish = Wish(saying.mark, saying.want, self.place, about, claim, time.monotonic())
        kind = "application/x-www-form-urlencoded"
        return wish, partial(self._deliver_body, "interactivity", form, kind, SLACK_SECRET)

    async def _deliver_body(self, path: str, body: str, kind: str, secret: str) -> httpx.Response:
        headers = {"Content-Type": kind, **slack_headers(body.encode(), secret=secret)}
        return await self._street.http.post(f"/webhooks/slack/{path}", content=body.encode(), headers=headers)


class WebSender(Sender):
    """The page: what it sends carries an id of its own. A stranger has no cookie."""

    def __init__(self, street: Street, person: Person, page: Page) -> None:
        super().__init__(street, person, page.conversation)
        self._page = page
        self._path = f"/api/v1/conversations/{self.place}"

    async def post(self, saying: Saying) -> httpx.Response:
        cookie = "" if saying.kind == "forged" else self._page.cookie
        headers = {"Accept-Language": "en", "Cookie": cookie}
        body: dict[str, Any] = {"client_id": saying.mark, "text": line(saying.mark, saying.kind)}
        if saying.kind == "photo":
            upload = await self._street.http.post(
                f"{self._path}/photos", content=PHOTO, headers={**headers, "Content-Type": "image/jpeg"}
            )
            if not upload.is_success:
                return upload
            body |= {"text": "", "photo_id": upload.json()["photo_id"]}
        return await self._street.http.post(f"{self._path}/messages", json=body, headers=headers)

    def seen(self, saying: Saying) -> str | None:
        return self._page.seen(saying.mark, is_growing=saying.want == "stop")

    def wish(self, saying: Saying, message: str) -> tuple[Wish, Deliver]:
        assert saying.want
        http, headers = self._street.http, {"Cookie": self._page.cookie}
        deliver: Callable[[], Any]
        if saying.want == "delete":
            name, about = f"delete-{message}", message
            deliver = partial(self._delete, message)
        else:
            name, about = f"stop-{saying.mark}", ""
            stop = {"client_id": name, "target": f"web:{self.place}:{saying.mark}"}
            deliver = partial(http.post, f"{self._path}/stop", json=stop, headers=headers)
        claim = f"web:{self.place}:{name}"
        return Wish(saying.mark, saying.want, self.place, about, claim, time.monotonic()), deliver

    async def _delete(self, entry_id: str) -> httpx.Response:
        """A reply that is not there any more is what was wanted."""
        answer = await self._street.http.delete(
            f"{self._path}/replies/{entry_id}", headers={"Cookie": self._page.cookie}
        )
        is_gone = answer.status_code == httpx.codes.NOT_FOUND
        return httpx.Response(httpx.codes.ACCEPTED) if is_gone else answer


def _photo() -> bytes:
    """A small picture without a face."""
    content = io.BytesIO()
    Image.linear_gradient("L").resize((96, 96)).convert("RGB").save(content, "JPEG")
    return content.getvalue()


PHOTO = _photo()
