"""What the commands say when something is wrong: one sentence, and the exit code 1."""

from collections.abc import Sequence
from typing import NoReturn

import typer

from foundation.http import Fault


def sentence(title: str, detail: str = "") -> str:
    """A problem's title and what it tells on top, as one sentence."""
    text = ": ".join(part.strip().rstrip(".") for part in (title, detail) if part.strip())
    return f"{text}."


def fault_sentence(fault: Fault) -> str:
    """The same of a fault met here."""
    return sentence(fault.title, str(fault))


def no_gallery(name: str, there: Sequence[str]) -> str:
    """That there is none of this name, and which there are."""
    others = f"there are {', '.join(there)}" if there else "there is none yet"
    return f"There is no gallery {name!r}: {others}."


def stop(message: str, exit_code: int = 1) -> NoReturn:
    """Say why it does not go on, and end."""
    typer.echo(message, err=True)
    raise typer.Exit(exit_code)
