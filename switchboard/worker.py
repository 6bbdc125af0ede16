"""`switchboard dead`: the Events that failed for good, and another chance for them."""

import json
import time
from pathlib import Path
from typing import Annotated, NoReturn

import redis as redis_py
import typer
from rich.console import Console
from rich.table import Table

from contracts.inbox import DEAD, DUE, script
from services.worker.settings import WorkerSettings
from switchboard.asked_redis import asked_redis
from switchboard.check import Check

app = typer.Typer(no_args_is_help=True)
dead = typer.Typer(no_args_is_help=True, help="Events that failed for good.")
app.add_typer(dead, name="dead")
console = Console()

WHOLE = 1000
"""Columns, whatever the terminal has: ids are there to be copied, and `trace` takes them whole."""
LetterId = Annotated[str, typer.Argument(help="The letter's id, as `dead list` shows it.")]


@dead.command("list")
def list_dead(most: int = 50) -> None:
    """The newest dead letters; no word of what people wrote."""
    table = Table("id", "conversation", "event", "error", box=None, header_style="bold")
    with asked_redis(WorkerSettings().redis_url) as redis:
        for letter_id, letter in redis.xrevrange(DEAD, count=most):
            fact = json.loads(letter["event"])  # of any version
            table.add_row(letter_id, fact["conversation_id"], fact["event_id"], letter["error"])
    Console(width=WHOLE).print(table)


@dead.command("show")
def show_dead(letter_id: LetterId) -> None:
    """One dead letter, whole: this prints what the person wrote."""
    with asked_redis(WorkerSettings().redis_url) as redis:
        for _, letter in redis.xrange(DEAD, letter_id, letter_id):
            console.print_json(letter["event"])
            console.print(f"error: {letter['error']}")
            return
    _fail(f"there is no dead letter {letter_id}")


@dead.command("retry")
def retry_dead(letter_id: LetterId) -> None:
    """Put it back into its conversation's inbox, for a fresh start."""
    with asked_redis(WorkerSettings().redis_url) as redis:
        conversation = redis.register_script(script("revive"))([DEAD, DUE], [letter_id, 0])
    if conversation is None:
        _fail(f"there is no dead letter {letter_id}")
    if not conversation:
        _fail("the person has asked for it again already: that is being answered")
    console.print(f"{conversation} will be run again within seconds")


@dead.command("drop")
def drop_dead(letter_id: LetterId) -> None:
    """Remove it for good."""
    with asked_redis(WorkerSettings().redis_url) as redis:
        if not redis.xdel(DEAD, letter_id):
            _fail(f"there is no dead letter {letter_id}")
    console.print("dropped")


async def checks() -> list[Check]:
    """Whether this machine's worker works."""
    settings = WorkerSettings()
    return [_heartbeat(settings.worker_heartbeat_file, settings.worker_sweep_s), _letters()]


def _heartbeat(path: Path, every_s: float) -> Check:
    if not path.exists():
        return Check("worker", "failed", "no heartbeat", f"start it, or set WORKER_HEARTBEAT_FILE ({path})")
    age_s = time.time() - path.stat().st_mtime
    if age_s > 10 * every_s:
        return Check("worker", "failed", f"last heartbeat {age_s:.0f} s ago", "look at the worker's log")
    return Check("worker", "ok", f"heartbeat {age_s:.0f} s ago")


def _letters() -> Check:
    try:
        with redis_py.Redis.from_url(WorkerSettings().redis_url) as redis:
            count = redis.xlen(DEAD)
    except redis_py.RedisError as error:
        return Check("dead letters", "failed", type(error).__name__, "look at Redis and REDIS_URL")
    if count:
        return Check("dead letters", "failed", f"{count} wait", "switchboard dead list")
    return Check("dead letters", "ok", "none")


def _fail(text: str) -> NoReturn:
    typer.echo(text, err=True)
    raise typer.Exit(1)
