"""`switchboard gallery verify` and `find`: what the running room makes of a photo."""

from pathlib import Path
from typing import Annotated

import typer

from contracts.face import Identification, Verification
from switchboard.gallery.options import GalleryOption, JsonOption
from switchboard.gallery.plain import plain
from switchboard.gallery.room import call

_TROUBLE = 2
Photo = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A photo.")]


def verify(
    photo_a: Photo,
    photo_b: Photo,
    threshold: Annotated[float, typer.Option(min=0, help="Nearer than this is the same person.")] = 0.6,
    as_json: JsonOption = False,
) -> None:
    """Say whether the main faces of two photos are one person's.

    Exits with 0 for the same, 1 for different people, 2 when that cannot be said.
    """
    files = {"photo_a": ("a", photo_a.read_bytes()), "photo_b": ("b", photo_b.read_bytes())}
    answer = call("POST", "/v1/verify", _TROUBLE, params={"threshold": threshold}, files=files)
    found = Verification.model_validate_json(answer)
    typer.echo(found.model_dump_json() if as_json else _verdict(found, threshold))
    if found.outcome == "no_face":
        raise typer.Exit(_TROUBLE)
    raise typer.Exit(0 if found.same_person else 1)


def find(
    photo: Photo,
    gallery: GalleryOption = "default",
    limit: Annotated[int, typer.Option(min=1, max=10, help="How many people to name.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """Say who of a gallery the main face of a photo is most like.

    Exits with 1 when nobody can be named: there is no face, or nobody in the gallery.
    """
    answer = call(
        "POST",
        f"/v1/galleries/{gallery}/identify",
        params={"limit": limit},
        files={"photo": ("photo", photo.read_bytes())},
    )
    found = Identification.model_validate_json(answer)
    typer.echo(found.model_dump_json() if as_json else "\n".join(_lines(found, gallery)))
    raise typer.Exit(0 if found.matches else 1)


def _verdict(found: Verification, threshold: float) -> str:
    if found.outcome == "no_face" or found.distance is None:
        return "no face in one of the photos, or in both"
    word = "same" if found.same_person else "different"
    return f"{word}: distance {found.distance:.4f}, threshold {found.threshold or threshold:g}"


def _lines(found: Identification, gallery: str) -> list[str]:
    if found.outcome == "no_face":
        return ["no face in the photo"]
    if not found.matches:
        return [f"nobody is in gallery {gallery!r}"]
    lines = []
    for match in found.matches:
        same = "  the same person" if match.same_person else ""
        lines.append(f"{plain(match.identity.name)}  {match.percent} %  distance {match.distance:.4f}{same}")
    return lines
