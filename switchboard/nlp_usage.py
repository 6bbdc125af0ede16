"""`switchboard usage`: who used how much of the language model, what it cost, and figures of the chat."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal

import redis as redis_py
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from contracts.usage import chat_key, people_key, ratings_key, report_key
from services.nlp.settings import NlpSettings
from services.nlp.usage.report import FIGURES, By, Row, chat_row, chat_sums, usage_rows
from switchboard.asked_redis import asked_redis

app = typer.Typer()
console = Console()

DAYS = 30
"""As many days are shown where no date is named."""
Format = Literal["table", "csv", "json"]


@app.callback()
def _commands() -> None:
    """What was used."""


@app.command()
def usage(
    by: Annotated[By, typer.Option(help="What a row is about; --chat has a row a day.")] = "user",
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day, in UTC; else 30 days.")
    ] = None,
    output: Annotated[Format, typer.Option("--format", help="How to print it.")] = "table",
    chat: Annotated[bool, typer.Option("--chat", help="People, turns, photos, faces, ratings.")] = False,
) -> None:
    """Requests, tokens and costs of the language model; or, with --chat, what happens in the chats."""
    settings = NlpSettings()
    days = _days(since.date() if since else None, settings.usage_days)
    with asked_redis(settings.redis_url) as redis:
        rows = _chat(redis, days) if chat else _usage(redis, days, by, settings)
    names = _columns(by, chat)
    {"table": _print_table, "csv": _print_csv, "json": _print_json}[output](names, rows)


def _days(since: date | None, kept: int) -> list[date]:
    today = datetime.now(UTC).date()
    first = max(since or today - timedelta(days=DAYS - 1), today - timedelta(days=kept))
    return [first + timedelta(days=number) for number in range((today - first).days + 1)]


def _columns(by: By, chat: bool) -> list[str]:
    if chat:
        return ["day", "people", *FIGURES]
    keys = ["workspace", "user"] if by == "user" else [by]
    return [*keys, "requests", "prompt_tokens", "completion_tokens", "cost"]


def _usage(redis: "redis_py.Redis", days: list[date], by: By, settings: NlpSettings) -> list[Row]:
    return usage_rows({day: _hash(redis, report_key(day)) for day in days}, by, settings.nlp_prices)


def _chat(redis: "redis_py.Redis", days: list[date]) -> list[Row]:
    rows = []
    for day in days:
        sums = chat_sums({**_hash(redis, chat_key(day)), **_hash(redis, ratings_key(day))})
        if sums:
            people = redis.pfcount(*(people_key(day, workspace) for workspace in sums))
            rows.append(chat_row(day, people, sums))
    return rows


def _hash(redis: "redis_py.Redis", key: str) -> dict[str, str]:
    return {str(field): str(value) for field, value in redis.hgetall(key).items()}


def _print_table(names: Sequence[str], rows: list[Row]) -> None:
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")  # --chat fits into 80 columns so
    for name in names:
        is_text = name in ("user", "workspace", "model", "day")
        table.add_column(name.replace("_", " "), justify="left" if is_text else "right", overflow="fold")
    for row in rows:
        table.add_row(*("" if row[name] is None else escape(str(row[name])) for name in names))
    console.print(table)


def _print_csv(names: Sequence[str], rows: list[Row]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    typer.echo(text.getvalue(), nl=False)


def _print_json(_: Sequence[str], rows: list[Row]) -> None:
    typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
