"""The whole product over the lean platform, and a crowd of people who write to eight bots."""

import asyncio
import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.e2e.stack import Stack
from tests.payloads import payload
from tests.redis_process import free_port

BOTS = 8
"""Each has a rate limit of its own at Telegram, so that none of them is what is measured."""
SLOTS = 32
_TOKEN, _SECRET = "{number}:BENCH", "bench-secret"
_IN_FLIGHT = 64
_PATIENCE_S = 60
_RULES = """
nlu:
- intent: greet
  examples: |
    - hello
    - good morning
    - hey there
- intent: thank
  examples: |
    - thank you
    - thanks a lot
    - cheers
intents: [greet, thank]
responses:
  utter_greet: [{text: "Hello, what can I do for you?"}]
  utter_thank: [{text: "You are welcome."}]
rules:
- rule: Greet
  steps: [{intent: greet}, {action: utter_greet}]
- rule: Take thanks
  steps: [{intent: thank}, {action: utter_thank}]
"""


@contextmanager
def turn_stack(
    workers: int = 1, maxmemory: str = "256mb", slots: int = SLOTS, platform_s: float = 0
) -> Iterator[Stack]:
    """Everything but face, with a bot of rules behind eight Telegram accounts; a send takes `platform_s`."""
    platform, port = None, free_port()
    with tempfile.TemporaryDirectory() as name:
        stack = Stack(Path(name), _settings(Path(name), port, slots), workers)
        stack.redis.maxmemory = maxmemory
        del stack.rooms["face"]
        command = [sys.executable, "-m", "benchmarks.lean_platform", str(port), str(platform_s)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as platform:
            assert platform.stdout
            platform.stdout.readline()  # it listens
            try:
                stack.start()
                yield stack
            finally:
                stack.stop()
                platform.kill()


def _settings(folder: Path, platform: int, slots: int) -> dict[str, str]:
    bot = folder / "bots" / "rules"
    bot.mkdir(parents=True)
    (bot / "bot.yml").write_text(_RULES, "utf-8")
    entries = [
        {
            "channel": "telegram",
            "name": f"b{number}",
            "token": f"BENCH_TOKEN_{number}",
            "secret": "BENCH_SECRET",
        }
        for number in range(BOTS)
    ]
    (folder / "switchboard.yml").write_text(json.dumps({"accounts": entries}), "utf-8")  # which YAML is, too
    return {
        **dict.fromkeys(("NLP_BOT", "NLP_WEB_BOT", "NLP_TELEGRAM_BOT", "NLP_SLACK_BOT"), "rules"),
        **{f"BENCH_TOKEN_{number}": _TOKEN.format(number=number) for number in range(BOTS)},
        "BENCH_SECRET": _SECRET,
        "NLP_BOTS_DIR": str(folder / "bots"),
        "SWITCHBOARD_CONFIG": str(folder / "switchboard.yml"),
        "TELEGRAM_API_URL": f"http://127.0.0.1:{platform}",
        "WORKER_SLOTS": str(slots),
    }


@dataclass
class Crowd:
    """People who write, each in a chat of their own, and see what comes back."""

    stack: Stack
    chats: Iterator[int] = field(default_factory=lambda: itertools.count(1_000_000))
    _answers: dict[int, asyncio.Future[float]] = field(default_factory=dict)
    _connections: list["_Connection"] = field(default_factory=list)
    """To the gateway, those that are free."""
    _listening: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        arrivals = _Connection(*await _opened(self.stack.environment["TELEGRAM_API_URL"]))
        arrivals.writer.write(b"GET /arrivals HTTP/1.1\r\n\r\n")
        await arrivals.reader.readline()
        self._listening = asyncio.create_task(self._listen(arrivals))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._listening
        self._listening.cancel()
        for connection in self._connections:
            connection.writer.close()

    async def talk(self, chat: int | None = None) -> float:
        """One message and its answer: seconds from the webhook's first byte to the platform's last."""
        chat = next(self.chats) if chat is None else chat
        answer = self._answers[chat] = asyncio.get_running_loop().create_future()
        request = webhook(chat)
        async with self._connection() as connection:
            began = time.monotonic()
            await connection.post(request)
        async with asyncio.timeout(_PATIENCE_S):
            return await answer - began

    async def rate(self, turns: int) -> float:
        """Turns a second, as many at a time as there are connections."""
        left = iter(range(turns))

        async def talk_on() -> None:
            for _ in left:
                await self.talk()

        began = time.monotonic()
        await asyncio.gather(*(talk_on() for _ in range(_IN_FLIGHT)))
        return turns / (time.monotonic() - began)

    def expect(self, chat: int) -> asyncio.Future[float]:
        """When (time.monotonic) the next answer comes into this chat."""
        answer = self._answers[chat] = asyncio.get_running_loop().create_future()
        return answer

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator["_Connection"]:
        connection = self._connections.pop() if self._connections else None
        if connection is None or connection.reader.at_eof():  # the gateway closes what was idle for long
            connection = _Connection(*await _opened(self.stack.url))
        yield connection
        self._connections.append(connection)

    async def _listen(self, arrivals: "_Connection") -> None:
        async for line in arrivals.reader:
            chat, at = line.split()
            answer = self._answers.pop(int(chat), None)
            if answer and not answer.done():
                answer.set_result(float(at))


def webhook(chat: int) -> bytes:
    """A signed delivery of one message, as bytes; the chat's number says which bot it is for."""
    update = payload("telegram-text")
    update["update_id"] = time.monotonic_ns()
    update["message"]["message_id"] = update["update_id"] // 1000 % 2**31
    update["message"]["chat"]["id"] = update["message"]["from"]["id"] = chat
    update["message"]["text"] = "hello"
    body = json.dumps(update).encode()
    head = (
        f"POST /webhooks/telegram/b{chat % BOTS} HTTP/1.1\r\nHost: bench\r\n"
        "Content-Type: application/json\r\n"
        f"X-Telegram-Bot-Api-Secret-Token: {_SECRET}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@dataclass(frozen=True)
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def post(self, request: bytes) -> None:
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"the gateway has refused: {head!r}")


async def _opened(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, port = url.removeprefix("http://").split(":")
    return await asyncio.open_connection(host, int(port))
