"""How fast a remembered answer of a skill is, and what slow skills cost the turns beside them."""

import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import psutil

from benchmarks.rows import Row
from contracts.event import CommandGiven, MessageSent, Person
from tests.fakes.open_meteo_server import OpenMeteoServer
from tests.integration.nlp.room import NlpRoom
from tests.redis_process import RedisProcess
from tests.skill_bots import write_skill_bot

SLOW = 50
_SLOW_S = 20
_WARM = 50


def rows(requests: int = 300) -> list[Row]:
    """One bot with the weather, whose source is a stand-in, and with a skill that takes its time."""
    with _room() as room:
        spent_s = _spent_s(room)
        cached = _p50_ms(room, "weather", "Paris", requests)
        cost_ms = 1000 * (_spent_s(room) - spent_s) / requests
        alone = _p50_ms(room, "", "hello", requests)
        with ThreadPoolExecutor(SLOW) as pool:
            slow = [pool.submit(_ask, room, "slow", "", f"slow{number}") for number in range(SLOW)]
            time.sleep(2)  # until all of them wait
            beside = _p50_ms(room, "", "hello", requests // 2)
            if any(future.done() for future in slow):
                raise RuntimeError("the slow skills ended before the turns beside them")
    return [
        Row("a skill's remembered answer over HTTP, p50 (weather)", cached, "ms", None, "", 5),
        Row("CPU of nlp for a skill's remembered answer (weather)", cost_ms, "ms", None, "", 5),
        Row(f"a turn beside {SLOW} slow skills, p50", beside, "ms", alone, "alone", round(1.5 * alone, 1)),
    ]


@contextmanager
def _room() -> Iterator[NlpRoom]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_skill_bot(folder / "bots" / "bot", "[fruit, weather, slow]")
        redis, source = RedisProcess(folder), OpenMeteoServer()
        redis.start()
        source.start()
        variables = {
            "NLP_BOT": "bot",
            "NLP_BOTS_DIR": str(folder / "bots"),
            "NLP_GEOCODING_URL": source.url,
            "NLP_FORECAST_URL": source.url,
            "NLP_SKILL_S": str(_SLOW_S),
        }
        try:
            with NlpRoom(folder, redis.url, **variables) as room:
                yield room
        finally:
            source.stop()
            redis.stop()


def _p50_ms(room: NlpRoom, skill: str, text: str, requests: int) -> float:
    times = []
    for number in range(requests):
        begun = time.perf_counter()
        _ask(room, skill, text, f"{skill or 'talk'}{number // 10}")
        times.append(time.perf_counter() - begun)
    return 1000 * median(times[_WARM:])


def _spent_s(room: NlpRoom) -> float:
    """CPU time of the room, which tells more than a clock where the machine has other work."""
    spent = psutil.Process(room.pid).cpu_times()
    return float(spent.user + spent.system)


def _ask(room: NlpRoom, skill: str, text: str, chat: str) -> None:
    """A command, or an ordinary message where no skill is named."""
    facts = {
        "event_id": f"web:{time.monotonic_ns()}",
        "conversation_id": f"web:{chat}",
        "at": 1,
        "user": Person(id="p1"),
    }
    room.says(CommandGiven(**facts, name=skill, text=text) if skill else MessageSent(**facts, text=text))
