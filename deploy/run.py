"""`make run`: the whole stack on this machine, until Ctrl-C."""

import argparse
import math
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from deploy import checks
from deploy.checks import CannotRun
from deploy.leftovers import end_leftovers
from deploy.redis_server import command, redis_binary
from deploy.rooms import ROOMS, Rooms, load_rooms
from deploy.settings import ROOT, RunSettings, room_variables, with_dotenv
from deploy.stack import Stack

READY_S = 300
"""A first start trains the bots, perhaps on a slow machine."""
NEWS_S = 10
"""How often a start that takes long says what it waits for."""


def say(line: str) -> None:
    """One line to the person who started us."""
    with suppress(OSError):  # a closed terminal must not keep us from stopping in order
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def main(arguments: list[str]) -> int:
    """Start, report, wait, stop; the exit code."""
    parser = argparse.ArgumentParser("make run", description=__doc__)
    parser.add_argument("--env-file", type=Path, default=ROOT / ".env", help="instead of .env")
    dotenv = parser.parse_args(arguments).env_file
    os.umask(0o077)  # conversations, galleries and secrets are this user's alone
    stopping, at_once = threading.Event(), threading.Event()
    _listen_for_signals(stopping, at_once)
    try:
        os.environ.update(with_dotenv(os.environ, dotenv))
        run = RunSettings()
        for folder in ("log", "redis", "run", "secrets"):
            (run.var / folder).mkdir(parents=True, exist_ok=True)
        with checks.lock(run.var):
            return _run(run, stopping, at_once)
    except CannotRun as error:
        say(f"Switchboard cannot run: {error}")
    except ValidationError as error:
        say("Switchboard cannot run. In .env or the environment:")
        for problem in error.errors():
            text = problem["msg"].removeprefix("Value error, ")
            say("  " + ": ".join([*(str(part).upper() for part in problem["loc"]), text]))
    except (OSError, ValueError) as error:
        say(f"Switchboard cannot run: {error}")
    return 1


def _run(run: RunSettings, stopping: threading.Event, at_once: threading.Event) -> int:
    if ended := end_leftovers(run.var):
        say(f"Ended {ended} processes that an earlier run had left behind.")
    redis_command, redis_url = _redis(run)
    (run.var / "run" / "redis_url").write_text(redis_url, "utf-8")
    rooms = _settings_of_rooms(run.var, redis_url)
    heartbeat = rooms.worker.worker_heartbeat_file
    heartbeat.unlink(missing_ok=True)
    stack = Stack(run.var, os.environ)
    started = time.monotonic()
    try:
        stack.start(redis_command, math.ceil(rooms.worker.worker_soft_shutdown_s) + 15)
        if _wait_until_ready(stack, rooms, stopping):
            say(f"Switchboard is ready after {time.monotonic() - started:.1f} s: {rooms.address()}")
            for line in rooms.lines():
                say(f"  {line}")
            say(f"  Logs: {run.var / 'log'}   Stop: Ctrl-C")
            say("  What works, and what does not: .venv/bin/switchboard doctor")
            _watch(stack, stopping)
    finally:
        say("Stopping …")
        stack.stop(at_once)
    say("Stopped.")
    return 0


def _listen_for_signals(stopping: threading.Event, at_once: threading.Event) -> None:
    def stop(number: int, _: object) -> None:
        if number == signal.SIGINT and stopping.is_set():  # the second Ctrl-C of an impatient person
            at_once.set()
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


def _redis(run: RunSettings) -> tuple[list[str] | None, str]:
    """The command of our Redis, or None if there is one already; and its address."""
    if run.redis_url:
        checks.check_redis_url(run.redis_url)
        return None, run.redis_url
    binary, folder, port = redis_binary(), run.var / "redis", checks.free_redis_port()
    checks.check_redis_files(folder, binary)
    return command(binary, folder, port, run.redis_maxmemory), f"redis://127.0.0.1:{port}/0"


def _settings_of_rooms(var: Path, redis_url: str) -> Rooms:
    """What each room will read, read here first: a mistake is told before anything starts."""
    rooms = load_rooms()
    places = room_variables(var, redis_url, {"nlp": rooms.nlp.nlp_port, "face": rooms.face.face_port})
    os.environ.update({name: value for name, value in places.items() if not os.environ.get(name)})
    rooms = load_rooms()
    for host, port, setting in rooms.ports():
        checks.check_port(host, port, setting)
    return rooms


def _wait_until_ready(stack: Stack, rooms: Rooms, stopping: threading.Event) -> bool:
    """Whether every room came to be ready before somebody wanted to stop."""
    lacks = dict.fromkeys(ROOMS, "")
    start = news = time.monotonic()
    while lacks and not stopping.is_set():
        lacks = rooms.lacks(lacks)  # who was ready once is not asked again
        _refuse_failed(stack)
        now = time.monotonic()
        if now - start > READY_S:
            raise CannotRun(f"after {READY_S} s these are not ready: {_tails(stack, list(lacks))}")
        if lacks and now - news > NEWS_S:
            say("Waiting (a first start trains the bots) …")
            for name, lack in sorted(lacks.items()):
                say(f"  {name:9} {lack}")
            news = now
        stopping.wait(0.1 if lacks else 0)
    return not stopping.is_set()


def _watch(stack: Stack, stopping: threading.Event) -> None:
    while not stopping.wait(0.5):
        _refuse_failed(stack)


def _refuse_failed(stack: Stack) -> None:
    """Give up when the supervisor did, or when it ended."""
    if not stack.alive():
        raise CannotRun(f"the supervisor ended:\n{stack.last_lines('supervisord')}")
    failed = [name for name, state in stack.states().items() if state == "FATAL"]
    if failed:
        raise CannotRun(f"this does not stay up: {_tails(stack, failed)}")


def _tails(stack: Stack, programs: list[str]) -> str:
    parts = [f"{name}. The end of its log:\n{stack.last_lines(name)}" for name in programs]
    return "\n".join(parts)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
