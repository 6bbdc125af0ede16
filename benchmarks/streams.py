"""How soon the model's first word is seen, and what many streams cost, through the whole stack."""

import asyncio
import json
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx
import psutil

from benchmarks.rows import Row
from benchmarks.streaming_model import late_ms
from tests.e2e.stack import Room, Stack
from tests.fakes.http_server import Call
from tests.fakes.telegram_server import TelegramServer
from tests.payloads import TELEGRAM_SECRET, TELEGRAM_TOKEN, payload, post_telegram
from tests.redis_process import free_port
from tests.waiting import until

FEW, MANY = 20, 200
ROUNDS = 3
WORDS = 200
PACE_S = 0.02
"""A fast model's: 50 tokens a second, in each stream."""
FIRST_CHAT = 70_000
SPARE_S = 0.1
_DELAY = f"from the model's first token to the first visible text, p95 of {FEW} streams,"
_KIND = re.compile(r'^data:.*"type":"(\w+)"')
_BOT = {
    "domain.yml": "responses:\n  utter_default:\n  - text: Pardon?\n",
    "config.yml": "language: en\nengines: [llm]\n",
}


def rows() -> list[Row]:
    """Latency with few streams, then cost with many; each beside the bare client, turn and turn about."""
    with _stack() as (stack, telegram, model):
        return _delay_rows(stack, telegram, model) + _cost_rows(stack, model)


@contextmanager
def _stack() -> Iterator[tuple[Stack, TelegramServer, str]]:
    """Everything but face, with room for many streams in one worker process; and the model's address."""
    telegram = TelegramServer(token=TELEGRAM_TOKEN)
    telegram.start()
    port = free_port()
    model = [sys.executable, "-m", "benchmarks.streaming_model", str(port), str(WORDS), str(PACE_S)]
    with tempfile.TemporaryDirectory() as name, subprocess.Popen(model, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()  # it listens
        stack = Stack(Path(name), _settings(Path(name), telegram.url, f"http://127.0.0.1:{port}"))
        del stack.rooms["face"]
        try:
            stack.start()
            yield stack, telegram, f"http://127.0.0.1:{port}"
        finally:
            stack.stop()
            process.kill()
            telegram.stop()


def _settings(folder: Path, telegram: str, model: str) -> dict[str, str]:
    bot = folder / "bots" / "bot"
    bot.mkdir(parents=True)
    for file, text in _BOT.items():
        (bot / file).write_text(text, "utf-8")
    return {
        **dict.fromkeys(("NLP_BOT", "NLP_WEB_BOT", "NLP_TELEGRAM_BOT", "NLP_SLACK_BOT"), "bot"),
        "NLP_BOTS_DIR": str(folder / "bots"),
        "TELEGRAM_BOT_TOKEN": TELEGRAM_TOKEN,
        "TELEGRAM_WEBHOOK_SECRET": TELEGRAM_SECRET,
        "TELEGRAM_API_URL": telegram,
        "OPENAI_BASE_URL": model,
        "WORKER_SLOTS": str(MANY),
    }


def _delay_rows(stack: Stack, telegram: TelegramServer, model: str) -> list[Row]:
    web, drafts, bare = [], [], []
    for number in range(ROUNDS):
        web += _web_delays_ms(stack)
        drafts += _draft_delays_ms(stack, telegram, number)
        bare += _bare(model, FEW)["late_ms"]
    baseline = _p95(bare)
    return [
        Row(f"{_DELAY} on {channel}", _p95(delays), "ms", baseline, "the bare client", 150)
        for channel, delays in (("the web", web), ("Telegram", drafts))
    ]


def _p95(delays_ms: list[float]) -> float:
    return quantiles(delays_ms, n=20)[-1]


def _web_delays_ms(stack: Stack) -> list[float]:
    delays = asyncio.run(_talk(stack, FEW))
    if len(delays) < FEW:
        raise RuntimeError("an answer has ended before its first word was seen")
    return delays


async def _talk(stack: Stack, people: int) -> list[float]:
    """Each person says something; the delays of the first words that were seen, once all is said."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=stack.url, timeout=120, limits=limits) as client:
        delays = await asyncio.gather(*(_answer(client) for _ in range(people)))
    return [delay for delay in delays if delay is not None]


async def _answer(client: httpx.AsyncClient) -> float | None:
    """One stranger's answer, heard to its end; how late its first word was, where it was seen."""
    opened = await client.post("/api/v1/conversations")
    path = f"/api/v1/conversations/{opened.json()['id']}"
    cookie = {"Cookie": opened.headers["set-cookie"].split(";")[0]}
    body = {"client_id": "client-000001", "text": "Tell me a story."}
    (await client.post(f"{path}/messages", json=body, headers=cookie)).raise_for_status()
    delay: float | None = None
    async with client.stream("GET", f"{path}/events", headers=cookie) as response:
        async for line in response.aiter_lines():
            kind = _KIND.search(line)
            if kind and kind.group(1) == "delta" and delay is None:
                delay = late_ms(line, time.monotonic())
            elif kind and kind.group(1) == "reply" and line.count("word ") < WORDS - 1:
                raise RuntimeError("an answer lacks words")
            elif kind and kind.group(1) == "done":
                break
    return delay


def _draft_delays_ms(stack: Stack, telegram: TelegramServer, round_: int) -> list[float]:
    telegram.reset()
    for number in range(FEW):
        update = payload("telegram-text")
        chat = FIRST_CHAT + FEW * round_ + number
        update["update_id"] += chat
        update["message"].update(text="Tell me a story.", message_id=chat)
        update["message"]["chat"]["id"] = update["message"]["from"]["id"] = chat
        threading.Thread(target=post_telegram, args=(stack.url, update)).start()
    until(lambda: len(telegram.called("sendMessage")) == FEW, "all answers end", 60, SPARE_S)
    first: dict[str, float] = {}
    for call in telegram.calls:
        _note_first(first, call)
    return list(first.values())


def _note_first(first: dict[str, float], call: Call) -> None:
    late = late_ms(str(call.args.get("text", "")), call.at)
    if late is not None:
        first.setdefault(str(call.args["chat_id"]), late)


def _cost_rows(stack: Stack, model: str) -> list[Row]:
    """Turn and turn about: many answers through nlp and worker, and as many read by the bare client."""
    ours, bare, peak = [], [], 0.0
    for _ in range(ROUNDS):
        cost, memory = _cost_us(stack)
        ours.append(cost)
        bare.append(_bare(model, MANY)["us"])
        peak = max(peak, memory)
    baseline = median(bare)
    return [
        Row(
            f"CPU of nlp and worker for a streamed token, {MANY} streams",
            median(ours),
            "us",
            baseline,
            "the bare client",
            round(2 * baseline),
        ),
        Row(f"memory of one worker process, {MANY} streams", peak, "MB", None, "", 350),
    ]


def _cost_us(stack: Stack) -> tuple[float, float]:
    """CPU time for each token, and the worker's largest memory in MB."""
    rooms = [_process(stack["nlp"]), _process(stack["worker1"])]
    before = _spent_s(rooms)
    with _peak_mb(rooms[1]) as peak:
        asyncio.run(_talk(stack, MANY))
    return 1e6 * (_spent_s(rooms) - before) / (MANY * WORDS), max(peak)


def _bare(model: str, streams: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.sdk_loop", model, str(streams)]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))


@contextmanager
def _peak_mb(process: psutil.Process) -> Iterator[list[float]]:
    """Its resident memory, looked at all the while."""
    seen, over = [0.0], threading.Event()

    def look() -> None:
        while not over.wait(SPARE_S):
            seen.append(process.memory_info().rss / 2**20)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield seen
    finally:
        over.set()
        looking.join()


def _process(room: Room) -> psutil.Process:
    assert room.process
    return psutil.Process(room.process.pid)


def _spent_s(rooms: list[psutil.Process]) -> float:
    times = [room.cpu_times() for room in rooms]
    return sum(float(spent.user + spent.system) for spent in times)
