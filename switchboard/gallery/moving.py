"""`switchboard gallery export` and `import`: a gallery goes to another machine."""

import asyncio
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from switchboard.gallery.options import GalleryOption


def export(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="The zip file to write.")],
    gallery: GalleryOption = "default",
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write a gallery into one file: people, photos, embeddings. Runs where the room's data folder is."""
    from switchboard.gallery.said import stop

    if file.exists() and not force:
        stop(f"{file} is there already: choose another name, or replace it with --force.")
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
    from switchboard.gallery.exporting import export
    from switchboard.gallery.replica import check_is_there, opened_store
    from switchboard.gallery.said import fault_sentence, sentence, stop

    try:
        async with opened_store(FaceSettings()) as store:
            await check_is_there(store, gallery)
            people, photos = await export(store, gallery, file)
    except Fault as fault:
        stop(fault_sentence(fault))
    except OSError as error:
        stop(sentence(f"{file} cannot be written", error.strerror or ""))
    typer.echo(f"{people} people, {photos} photos: {file}")


async def _import(file: Path, gallery: str) -> None:
    from foundation.http import Fault
    from services.face.settings import FaceSettings
    from switchboard.gallery import archive
    from switchboard.gallery.replica import build_folder, make_gallery_folder, opened_store
    from switchboard.gallery.said import fault_sentence, stop
    from switchboard.gallery.work_log import BuildRunning, WorkLog

    settings = FaceSettings()
    try:
        make_gallery_folder(settings, gallery)
        # A build and an import at once would enroll one person twice.
        with closing(WorkLog(build_folder(settings, gallery))):
            async with opened_store(settings) as store:
                people, photos = await archive.import_(store, gallery, file)
    except BuildRunning:
        stop(f"A build of gallery {gallery!r} is running.")
    except Fault as fault:
        stop(fault_sentence(fault))
    except (ValueError, OSError) as error:
        stop(str(error))
    typer.echo(f"{people} people and {photos} photos came to gallery {gallery!r}")
