"""People and platforms: each delivers its Events in order until they are taken, as the real ones do."""

import asyncio
import io
import json
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
from PIL import Image

from tests.chaos.history import Asked
from tests.chaos.log import RunLog
from tests.chaos.oracle import line
from tests.chaos.plan import Person, Saying
from tests.payloads import SLACK_SECRET, TELEGRAM_SECRET, payload, slack_headers

SLACK_RETRIES_S = (0.0, 2.0, 5.0)
"""Slack tries again at once, after a minute and after five; here sooner."""
SLACK_PATIENCE_S = 3.0
PATIENCE_S = 8.0
"""Telegram waits up to a minute for an answer; here less long."""
AGAIN_S = 0.4
FORGED = "forged-secret"

Deliver = Callable[[Saying], Awaitable[httpx.Response]]


@dataclass(frozen=True)
class Street:
    """What everybody on it shares: the way to the gateway, the time, the log, and when it all ends."""

    http: httpx.AsyncClient
    began_at: float
    log: RunLog
    over: asyncio.Event

    async def until(self, at_s: float) -> None:
        """Wait for a time of the plan."""
        await asyncio.sleep(max(0.0, self.began_at + at_s - time.monotonic()))


class Sender(ABC):
    """Delivers one person's Events, one after the other."""

    retries_s: tuple[float, ...] | None = None
    """The waits before each further try; None: again and again."""
    patience_s = PATIENCE_S

    def __init__(self, street: Street, person: Person, place: str) -> None:
        self.place = place
        self.asked = {s.mark: Asked(s.mark, place, person.channel, s.kind) for s in person.sayings}
        self._street = street
        self._person = person
        self._later: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Everything that the person has to say."""
        for saying in self._person.sayings:
            await self._street.until(saying.at_s)
            asked = self.asked[saying.mark]
            asked.first_at = time.monotonic()
            if await self._deliver_until_taken(saying):
                asked.acked_at = time.monotonic()
            taken_s = asked.acked_at and round(asked.acked_at - asked.first_at, 3)
            self._street.log.write("event", mark=saying.mark, place=self.place, taken_s=taken_s)
            if saying.repeated_after_s is not None:
                self._later.add(asyncio.create_task(self._repeat(saying, saying.repeated_after_s)))
        await asyncio.gather(*self._later)

    @abstractmethod
    async def post(self, saying: Saying) -> httpx.Response:
        """Deliver once."""

    async def _repeat(self, saying: Saying, after_s: float) -> None:
        await asyncio.sleep(after_s)
        await self._try(saying)

    async def _deliver_until_taken(self, saying: Saying) -> bool:
        """Whether it was taken; what is forged is refused, and delivered once."""
        if saying.kind == "forged":
            await self._try(saying)
            return False
        waits = iter(self.retries_s) if self.retries_s is not None else None
        while not await self._try(saying):
            wait = AGAIN_S if waits is None else next(waits, None)
            if wait is None or self._street.over.is_set():
                return False
            await asyncio.sleep(wait)
        return True

    async def _try(self, saying: Saying) -> bool:
        try:
            async with asyncio.timeout(self.patience_s):
                answer = await self.post(saying)
        except (httpx.TransportError, TimeoutError):
            return False
        if saying.kind == "forged":
            assert answer.status_code in (401, 403, 404, 503), answer.status_code
        elif answer.is_client_error and answer.status_code != httpx.codes.UNAUTHORIZED:
            raise AssertionError(f"{saying.mark}: {answer.status_code} {answer.text}")
        return answer.is_success


class TelegramSender(Sender):
    """A private chat with one of the bots; the update's number is its delivery."""

    def __init__(self, street: Street, person: Person, chat: int) -> None:
        super().__init__(street, person, str(chat))
        self._chat = chat

    async def post(self, saying: Saying) -> httpx.Response:
        message = payload("telegram-text")["message"]
        number = self._chat * 10_000 + list(self.asked).index(saying.mark)
        message |= {"message_id": number, "text": line(saying.mark, saying.kind)}
        message["from"] |= {"id": self._chat}
        message["chat"] |= {"id": self._chat}
        secret = FORGED if saying.kind == "forged" else TELEGRAM_SECRET
        return await self._street.http.post(
            f"/webhooks/telegram/{self._person.account}",
            json={"update_id": number, "message": message},
            headers={"X-Telegram-Bot-Api-Secret-Token": secret},
        )


class SlackSender(Sender):
    """Direct messages; Slack tries four times and gives up."""

    retries_s = SLACK_RETRIES_S
    patience_s = SLACK_PATIENCE_S

    def __init__(self, street: Street, person: Person, channel: str) -> None:
        super().__init__(street, person, channel)

    async def post(self, saying: Saying) -> httpx.Response:
        event = payload("slack-dm")
        number = list(self.asked).index(saying.mark)
        ts = f"{1_790_000_000 + number}.{self._person.number:06}"
        event["event_id"] = f"Ev{saying.mark}"
        text = line(saying.mark, saying.kind)
        said = {"user": f"U{self.place}", "channel": self.place, "text": text, "ts": ts, "event_ts": ts}
        event["event"] |= {**said, "client_msg_id": saying.mark}
        body = json.dumps(event).encode()
        secret = FORGED if saying.kind == "forged" else SLACK_SECRET
        headers = {"Content-Type": "application/json", **slack_headers(body, secret=secret)}
        return await self._street.http.post("/webhooks/slack/events", content=body, headers=headers)


class WebSender(Sender):
    """The page: its messages carry an id of their own. A stranger has no cookie."""

    def __init__(self, street: Street, person: Person, conversation: str, cookies: httpx.Cookies) -> None:
        super().__init__(street, person, conversation)
        self.cookies = cookies

    async def post(self, saying: Saying) -> httpx.Response:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Accept-Language": "en", "Cookie": "" if saying.kind == "forged" else cookie}
        path = f"/api/v1/conversations/{self.place}"
        body: dict[str, Any] = {"client_id": saying.mark, "text": line(saying.mark, saying.kind)}
        if saying.kind == "photo":
            upload = await self._street.http.post(
                f"{path}/photos", content=PHOTO, headers={**headers, "Content-Type": "image/jpeg"}
            )
            if not upload.is_success:
                return upload
            body |= {"text": "", "photo_id": upload.json()["photo_id"]}
        return await self._street.http.post(f"{path}/messages", json=body, headers=headers)


def _photo() -> bytes:
    """A small picture without a face."""
    content = io.BytesIO()
    Image.linear_gradient("L").resize((96, 96)).convert("RGB").save(content, "JPEG")
    return content.getvalue()


PHOTO = _photo()
