"""`switchboard trace`: one message's path through the rooms, with times."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from contracts.inbox import turn_key
from services.worker.deliver import failures_in
from services.worker.settings import WorkerSettings
from switchboard.asked_redis import asked_redis

app = typer.Typer(add_completion=False)

POINTS = {
    "woken": "a worker was woken",
    "leased": "the lease was taken",
    "first": "something was shown",
    "sent": "the last reply was sent",
    "over": "acknowledged",
}
STAGES = {
    "nlp": "nlp answered",
    "face": "the photo or the thread was fetched and read",
    "delivery": "the platform took it",
}


@dataclass(frozen=True)
class Step:
    """One line: a point in time, or what a stage took."""

    what: str
    at: int | None = None
    """Unix milliseconds."""
    after_ms: int | None = None
    """Since the message was accepted."""
    took_ms: int | None = None


@app.callback()
def _keep_the_name() -> None:
    """One message's path through the rooms, with times."""


@app.command()
def trace(
    event_id: str,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")] = False,
) -> None:
    """What became of one Event, and when; no word of what people wrote."""
    with asked_redis(WorkerSettings().redis_url) as redis:
        record: Any = redis.hgetall(turn_key(event_id))
    if not record:
        text = "no record: the Event is unknown, still waiting for its first attempt, or over 30 days old"
        typer.echo(text, err=True)
        raise typer.Exit(1)
    path = steps(record)
    told = {"event_id": event_id, "state": state(record), "attempts": int(record.get("attempts", 0))}
    if as_json:
        lines = [{name: value for name, value in asdict(step).items() if value is not None} for step in path]
        typer.echo(json.dumps({**told, "path": lines}))
    else:
        console = Console()
        console.print(f"{event_id}: {told['state']}, attempts: {told['attempts']}", markup=False)
        console.print(table_of(path))


def state(record: Mapping[str, str]) -> str:
    """How the turn ended: finished, stopped, dead (and why); else that it has not."""
    if "state" not in record:
        return "not over yet"
    return f"dead ({record.get('error', '')})" if record["state"] == "dead" else record["state"]


def steps(record: Mapping[str, str]) -> list[Step]:
    """The path that a turn's record tells, in the order of time, then what the stages took."""
    times: dict[str, Any] = json.loads(record.get("times", "{}"))
    accepted: int | None = times.get("accepted")

    def point(what: str, at: int) -> Step:
        return Step(what, at, None if accepted is None else at - accepted)

    found = [point("the first attempt began", int(record["first_at"]))] if record.get("first_at") else []
    found += [point(f"attempt {n} failed: {code}", at) for n, at, code in _failures(record, times)]
    if accepted is not None:
        found.append(Step("accepted", accepted, 0))
        found += [point(what, accepted + times[name]) for name, what in POINTS.items() if name in times]
    found.sort(key=lambda step: (step.at or 0, step.what != "accepted"))
    return found + [Step(STAGES[name], took_ms=ms) for name, ms in times.get("ms", {}).items()]


def table_of(path: list[Step]) -> Table:
    """A line a step."""
    table = Table("what", "at", box=None, header_style="bold")
    table.add_column("after", justify="right")
    table.add_column("took", justify="right")
    for step in path:
        table.add_row(step.what, _clock(step.at), _span(step.after_ms), _span(step.took_ms))
    return table


def _failures(record: Mapping[str, str], times: Mapping[str, Any]) -> list[tuple[int, int, str]]:
    """Of a turn that is over from its times, of any other from its record."""
    over = [(n, times["accepted"] + after, code) for n, after, code in times.get("failed", ())]
    return over or list(failures_in(record))


def _clock(at: int | None) -> str:
    if at is None:
        return ""
    return datetime.fromtimestamp(at / 1000).astimezone().isoformat(" ", "milliseconds")


def _span(ms: int | None) -> str:
    if ms is None:
        return ""
    return f"{ms} ms" if abs(ms) < 10_000 else f"{ms / 1000:.1f} s"
