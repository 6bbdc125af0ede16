"""`switchboard gallery report`: what there is to know about a gallery, as pictures and numbers."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from switchboard.gallery.options import GalleryOption


def report(
    gallery: GalleryOption = "default",
    out: Annotated[Path | None, typer.Option(help="The folder to write into.")] = None,
) -> None:
    """Write report.json and report.png: distances, quality, look-alikes, who was found and who never.

    Runs where the room's data folder is.
    """
    from foundation.http import Fault
    from services.face.settings import FaceSettings
    from switchboard.gallery.charts import draw
    from switchboard.gallery.figures import figures_of, vectors_of
    from switchboard.gallery.replica import build_folder, opened_gallery
    from switchboard.gallery.said import fault_sentence, stop
    from switchboard.gallery.work_log import read_log

    settings = FaceSettings()
    folder = out or build_folder(settings, gallery).with_name("report")

    async def write() -> str:
        async with opened_gallery(settings, gallery) as people:
            if not len(people):
                return f"Nobody is in gallery {gallery!r}."
            vectors = vectors_of(people)
            figures = figures_of(gallery, people, vectors, read_log(build_folder(settings, gallery)))
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "report.json").write_text(figures.model_dump_json(indent=1) + "\n", "utf-8")
        draw(figures, vectors, folder / "report.png")
        never = len(figures.never_found)
        found = f"{figures.people} people, {len(figures.found)} of them found, {never} never."
        return "\n".join((found, str(folder / "report.png"), str(folder / "report.json")))

    try:
        typer.echo(asyncio.run(write()))
    except Fault as fault:
        stop(fault_sentence(fault))
