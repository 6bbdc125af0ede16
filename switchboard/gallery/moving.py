"""`switchboard gallery export` and `import`: a gallery goes to another machine."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from switchboard.gallery.options import GalleryOption


def export(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="The zip file to write.")],
    gallery: GalleryOption = "default",
) -> None:
    """Write a gallery into one file: people, photos, embeddings. Runs where the room's data folder is."""
    asyncio.run(_export(file, gallery))


def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="What `export` wrote.")],
    gallery: GalleryOption = "default",
) -> None:
    """Add an exported gallery's people; who is there already is left as they are.

    Runs where the room's data folder is; the running room sees people as they come.
    """
    asyncio.run(_import(file, gallery))


async def _export(file: Path, gallery: str) -> None:
    from foundation.http import Fault
    from services.face.settings import FaceSettings
    from switchboard.gallery import archive
    from switchboard.gallery.replica import opened_store

    try:
        async with opened_store(FaceSettings()) as store:
            people, photos = await archive.export(store, gallery, file)
    except (Fault, OSError) as error:
        _stop(str(error))
    typer.echo(f"{people} people, {photos} photos: {file}")


async def _import(file: Path, gallery: str) -> None:
    from foundation.http import Fault
    from services.face.settings import FaceSettings
    from switchboard.gallery import archive
    from switchboard.gallery.replica import build_folder, make_gallery_folder, opened_store
    from switchboard.gallery.work_log import BuildRunning, WorkLog

    settings = FaceSettings()
    try:
        make_gallery_folder(settings, gallery)
        log = WorkLog(build_folder(settings, gallery))  # a build and an import would enroll one person twice
        async with opened_store(settings) as store:
            people, photos = await archive.import_(store, gallery, file)
        log.close()
    except BuildRunning:
        _stop(f"A build of gallery {gallery!r} is running.")
    except (Fault, ValueError, OSError) as error:
        _stop(str(error))
    typer.echo(f"{people} people and {photos} photos came to gallery {gallery!r}")


def _stop(message: str) -> None:
    typer.echo(message, err=True)
    raise typer.Exit(1)
