"""`switchboard doctor`: what works, what does not, and what to do about it."""

import asyncio
import importlib
import importlib.util

import typer
from rich.console import Console
from rich.table import Table

from switchboard.check import Check

ROOMS = ("gateway", "worker", "nlp", "face")
COLORS = {"ok": "green", "off": "dim", "failed": "red"}

app = typer.Typer(add_completion=False)


@app.callback()
def _keep_the_name() -> None:
    """What works, what does not, and what to do about it."""


@app.command()
def doctor() -> None:
    """Look at every room that is here; exit code 1 if something failed."""
    found = asyncio.run(examine(tuple(name for name in ROOMS if _is_here(name))))
    Console().print(table_of(found))
    raise typer.Exit(int(any(check.state == "failed" for _, check in found)))


def table_of(found: list[tuple[str, Check]]) -> Table:
    """What was found, a line a check."""
    table = Table("room", "what", "", box=None, header_style="bold")
    table.add_column("found", overflow="fold")  # a path that is cut is of no use
    table.add_column("what to do", overflow="fold")
    for room, check in found:
        color = COLORS[check.state]
        table.add_row(room, check.name, f"[{color}]{check.state}[/]", check.detail, check.remedy)
    return table


async def examine(rooms: tuple[str, ...]) -> list[tuple[str, Check]]:
    """Every check of these rooms, in order."""
    groups = await asyncio.gather(*(_checks_of(room) for room in rooms))
    return [(room, check) for room, group in zip(rooms, groups, strict=True) for check in group]


async def _checks_of(room: str) -> list[Check]:
    try:
        return list(await importlib.import_module(f"switchboard.{room}").checks())
    except Exception as error:  # the outermost edge: one room's broken settings must not hide the others
        return [Check("settings", "failed", f"{type(error).__name__}: {error}", "mend it, then ask again")]


def _is_here(room: str) -> bool:
    return importlib.util.find_spec(f"switchboard.{room}") is not None
