"""What a build says at its end of the photos that are not in the gallery."""

import json
from collections.abc import Sequence
from pathlib import Path

import typer

from services.face.files import write_synced
from switchboard.gallery.filters import REASONS
from switchboard.gallery.plain import plain
from switchboard.gallery.work_log import Done, dropped

SHOWN = 5
"""So many photos of a reason are named on the terminal; the file names all."""


def tell_dropped(done: Sequence[Done], file: Path) -> None:
    """How many were dropped for each reason, and which; all of them in the file, as JSON by reason."""
    found = dropped(done)
    for reason in REASONS:
        if reason in found:
            typer.echo(f"  dropped, {reason.replace('_', ' ')}: {len(found[reason])}")
            _tell(found[reason])
    write_synced(file, json.dumps(found, indent=1, ensure_ascii=False).encode() + b"\n")
    if found:
        typer.echo(f"All dropped photos by reason: {file}")


def tell_strangers(files: Sequence[Path]) -> None:
    """What was passed over because it is no photo."""
    if files:
        typer.echo("1 file is not a photo:" if len(files) == 1 else f"{len(files)} files are not photos:")
        _tell([str(file) for file in files])


def _tell(places: Sequence[str]) -> None:
    for place in places[:SHOWN]:
        typer.echo(f"    {plain(place)}")
    if len(places) > SHOWN:
        typer.echo(f"    and {len(places) - SHOWN} more")
