"""`switchboard gallery build`: from a folder or a catalogue to a gallery."""

import asyncio
import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from switchboard.gallery.options import GalleryOption

if TYPE_CHECKING:
    from rich.console import Console

    from services.face.settings import FaceSettings
    from switchboard.gallery.build import BuildOptions
    from switchboard.gallery.catalogue import Person
    from switchboard.gallery.work_log import Done, WorkLog

_INTERRUPTED = 130


def build(
    source: Annotated[
        Path,
        typer.Argument(exists=True, help="A folder of `Name.jpg` or `Name/*.jpg`; a CSV or JSON file."),
    ],
    gallery: GalleryOption = "default",
    jobs: Annotated[int, typer.Option(min=1, max=500, help="People worked on at once.")] = 56,
    jitters: Annotated[int, typer.Option(min=0, max=100, help="Disturbed copies a face.")] = 10,
    processes: Annotated[int, typer.Option(min=0, help="Processes that read photos; 0: as the room.")] = 0,
    photos: Annotated[int, typer.Option(min=1, help="Most photos kept of one person.")] = 5,
    min_eyes: Annotated[float, typer.Option(help="Least pixels between the eyes.")] = 20,
    max_roll: Annotated[float, typer.Option(help="Most degrees that a head leans.")] = 35,
    max_yaw: Annotated[float, typer.Option(help="Most that a head is turned; 1 is half profile.")] = 0.7,
    min_sharpness: Annotated[float, typer.Option(help="Least variance of the Laplacian.")] = 15,
    other_face: Annotated[
        float, typer.Option(help="Another face this part of the main one's width drops the photo.")
    ] = 0.5,
    duplicate: Annotated[float, typer.Option(help="Nearer than this is the same picture.")] = 0.2,
    outlier: Annotated[float, typer.Option(help="Further from the person's others is not theirs.")] = 0.6,
    contact: Annotated[str, typer.Option(help="Whom Wikimedia can write to, an address.")] = "",
    rate: Annotated[float, typer.Option(min=0.01, help="Requests a second to a Wikimedia host.")] = 5,
    wikidata_url: Annotated[str, typer.Option(help="Wikidata's address.")] = "https://www.wikidata.org",
    commons_url: Annotated[
        str, typer.Option(help="Wikimedia Commons' address.")
    ] = "https://commons.wikimedia.org",
    retries: Annotated[int, typer.Option(min=0, help="How often a download is tried again.")] = 4,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds that a server may be silent.")] = 20,
    again: Annotated[bool, typer.Option("--again", help="Look at everybody, also at who is done.")] = False,
    sheet: Annotated[Path | None, typer.Option(help="Where the contact sheet is written.")] = None,
) -> None:
    """Enroll everybody of a folder or a catalogue whose photos are good enough.

    Runs where the room's data folder is; the running room sees people as they come. Stop it with Ctrl-C:
    the same command goes on where it stopped. Without photos in the catalogue, they are looked for on
    Wikidata and Wikimedia Commons, and kept with licence and author.
    """
    # Before numpy loads its BLAS, and for the processes too: several threads on busy cores are slower.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from switchboard.gallery.build import BuildOptions
    from switchboard.gallery.filters import Limits

    limits = Limits(min_eyes, max_roll, max_yaw, min_sharpness, other_face, duplicate, outlier, photos)
    options = BuildOptions(
        gallery, jobs, jitters, processes, limits, wikidata_url, commons_url, rate, contact, retries, timeout
    )
    _build(source, options, again, sheet)


def _build(source: Path, options: "BuildOptions", again: bool, sheet: Path | None) -> None:
    from rich.console import Console

    from foundation.http import Fault
    from services.face.settings import FaceSettings
    from switchboard.gallery.catalogue import CatalogueUnreadable, read_source, strangers_in
    from switchboard.gallery.replica import build_folder, make_gallery_folder
    from switchboard.gallery.said import fault_sentence, stop
    from switchboard.gallery.summary import tell_strangers
    from switchboard.gallery.work_log import BuildRunning, WorkLog

    console, settings = Console(), FaceSettings()
    folder = build_folder(settings, options.gallery)
    try:
        people = read_source(source)
        if not people:
            raise CatalogueUnreadable(f"nobody is in {source}")
        make_gallery_folder(settings, options.gallery)
        with closing(WorkLog(folder)) as log:
            _run(people, settings, options, log, again, console)
            done = log.of(people)
    except (CatalogueUnreadable, OSError) as error:
        stop(str(error))
    except BuildRunning:
        stop(f"Another build of gallery {options.gallery!r} is running.")
    except Fault as fault:
        stop(fault_sentence(fault))
    except KeyboardInterrupt:
        typer.echo("Stopped. The same command goes on from here.", err=True)
        raise typer.Exit(_INTERRUPTED) from None
    _conclude(people, done, options.gallery, sheet or folder / "contact-sheet.png", folder)
    tell_strangers(strangers_in(source))


def _run(
    people: "list[Person]",
    settings: "FaceSettings",
    options: "BuildOptions",
    log: "WorkLog",
    again: bool,
    console: "Console",
) -> None:
    from switchboard.gallery.build import opened_build
    from switchboard.gallery.progress import BuildProgress
    from switchboard.gallery.replica import build_folder
    from switchboard.gallery.samples import Samples

    left = [person for person in people if again or not log.is_done(person)]
    if len(left) < len(people):
        typer.echo(f"{len(people) - len(left)} of {len(people)} people are done already.")
    if not left:
        return
    samples = Samples(build_folder(settings, options.gallery) / "samples")

    async def run() -> None:
        async with opened_build(settings, options, log, samples) as build:
            with BuildProgress(len(left), console) as progress:
                await build.run(left, options.jobs, progress)

    asyncio.run(run())


def _conclude(people: "list[Person]", done: "list[Done]", gallery: str, sheet: Path, folder: Path) -> None:
    from switchboard.gallery.samples import Samples
    from switchboard.gallery.summary import tell_dropped
    from switchboard.gallery.work_log import counts

    found = counts(done)
    here = sum(bool(one.kept) for one in done)
    typer.echo(f"{here} of {len(people)} people are in gallery {gallery!r}, by {found['kept']} photos.")
    tell_dropped(done, folder / "dropped.json")
    sheet.parent.mkdir(parents=True, exist_ok=True)
    Samples(folder / "samples").sheet(found).save(sheet)
    typer.echo(f"Samples of each: {sheet}")
    if left := sum(one.again for one in done):
        typer.echo(f"Of {left} people something could not be had: the same command tries them again.")
