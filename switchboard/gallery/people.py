"""`switchboard gallery list`, `add` and `remove`: who is in a gallery of the running room."""

from pathlib import Path
from typing import Annotated

import typer

from contracts.face import Enrollment, IdentityList
from services.face.answers import GalleryList
from switchboard.gallery.options import GalleryOption, IdentityArgument
from switchboard.gallery.plain import plain
from switchboard.gallery.room import call
from switchboard.gallery.said import no_gallery, stop


def list_people(gallery: GalleryOption = "default") -> None:
    """List everybody in a gallery; exits with 1, and names those that are, when there is none of the name."""
    found = IdentityList.model_validate_json(call("GET", f"/v1/galleries/{gallery}/identities"))
    if not found.identities:
        _check_is_there(gallery)
    for identity in found.identities:
        more = f"  ({len(identity.photos)} photos)" if len(identity.photos) > 1 else ""
        typer.echo(f"{identity.id}  {plain(identity.name)}{more}")
    typer.echo(f"{len(found.identities)} in gallery {gallery!r}")


def add(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The photo.")],
    name: Annotated[str, typer.Option(help="Who it is.")],
    alias: Annotated[str, typer.Option(help="A short name for addresses.")] = "",
    role: Annotated[str, typer.Option(help="What they are known for.")] = "",
    n_movies: Annotated[int | None, typer.Option(min=0, help="How many films they were in.")] = None,
    licence: Annotated[str, typer.Option(help="The photo's licence.")] = "",
    source: Annotated[str, typer.Option(help="Where the photo comes from.")] = "",
    gallery: GalleryOption = "default",
) -> None:
    """Add the main face of a photo to a gallery."""
    form = {"name": name, "alias": alias, "role": role, "licence": licence, "source": source}
    if n_movies is not None:
        form["n_movies"] = str(n_movies)
    files = {"photo": (file.name, file.read_bytes())}
    answer = call("POST", f"/v1/galleries/{gallery}/identities", data=form, files=files)
    enrollment = Enrollment.model_validate_json(answer)
    more = (
        "" if enrollment.faces_found == 1 else f" ({enrollment.faces_found} faces found: the main one taken)"
    )
    typer.echo(f"{enrollment.identity.id}  {plain(enrollment.identity.name)}{more}")


def remove(
    identity: IdentityArgument,
    gallery: GalleryOption = "default",
) -> None:
    """Remove a person, with photos and embeddings."""
    call("DELETE", f"/v1/galleries/{gallery}/identities/{identity}")
    typer.echo(f"removed {identity}")


def _check_is_there(gallery: str) -> None:
    galleries = GalleryList.model_validate_json(call("GET", "/v1/galleries")).galleries
    names = [one.name for one in galleries]
    if gallery not in names:
        stop(no_gallery(gallery, names))
