"""Commands of the face room: who is in a gallery. They talk to the running room over HTTP."""

from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from contracts.face import Enrollment, IdentityList
from contracts.problem import Problem
from services.face.errors import ModelsMissing
from services.face.model_files import find_model_files
from services.face.settings import FaceSettings
from switchboard.check import Check

app = typer.Typer(no_args_is_help=True, add_completion=False)
gallery = typer.Typer(no_args_is_help=True, help="Enroll, list and remove people.")
app.add_typer(gallery, name="gallery")

GalleryOption = Annotated[str, typer.Option("--gallery", help="The gallery's name.")]


@app.callback()
def commands() -> None:
    """Faces."""


@gallery.command("list")
def list_people(gallery: GalleryOption = "default") -> None:
    """List everybody in a gallery."""
    found = IdentityList.model_validate_json(_call("GET", f"/v1/galleries/{gallery}/identities"))
    for identity in found.identities:
        typer.echo(f"{identity.id}  {identity.name}")
    typer.echo(f"{len(found.identities)} in gallery {gallery!r}")


@gallery.command()
def enroll(
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
    answer = _call(
        "POST",
        f"/v1/galleries/{gallery}/identities",
        data=form,
        files={"photo": (file.name, file.read_bytes())},
    )
    enrollment = Enrollment.model_validate_json(answer)
    more = (
        "" if enrollment.faces_found == 1 else f" ({enrollment.faces_found} faces found: the main one taken)"
    )
    typer.echo(f"{enrollment.identity.id}  {enrollment.identity.name}{more}")


@gallery.command()
def remove(
    identity: Annotated[str, typer.Argument(help="The id that `list` shows.")],
    gallery: GalleryOption = "default",
) -> None:
    """Remove a person, with photo and embedding."""
    _call("DELETE", f"/v1/galleries/{gallery}/identities/{identity}")
    typer.echo(f"removed {identity}")


async def checks() -> list[Check]:
    """What `switchboard doctor` wants to know of this room."""
    settings = FaceSettings()
    return [_models(settings), *await _room(settings)]


def _models(settings: FaceSettings) -> Check:
    try:
        return Check("face models", "ok", str(find_model_files(settings.face_models_dir).landmarks.parent))
    except ModelsMissing as error:
        return Check("face models", "failed", error.title, str(error))


async def _room(settings: FaceSettings) -> list[Check]:
    try:
        async with httpx.AsyncClient(
            base_url=settings.face_url, headers=_token(settings), timeout=5
        ) as client:
            ready = await client.get("/readyz")
            people = await client.get("/v1/galleries/default/identities")
    except httpx.HTTPError:
        remedy = "start it with `make run` or `docker compose up -d face`, or set FACE_URL"
        return [Check("face room", "failed", f"nothing answers at {settings.face_url}", remedy)]
    if ready.status_code != 200:
        return [Check("face room", "failed", "no process has its models", "look into the room's log")]
    if people.status_code != 200:
        problem = _problem(people)
        remedy = "give both the same INTERNAL_TOKEN" if people.status_code == 401 else problem.detail
        return [Check("face room", "failed", problem.title, remedy)]
    count = len(IdentityList.model_validate_json(people.content).identities)
    if count:
        return [Check("face room", "ok", settings.face_url), Check("gallery", "ok", f"{count} people")]
    remedy = "enroll people: `switchboard gallery enroll FILE --name NAME`, or the page's admin part"
    return [
        Check("face room", "ok", settings.face_url),
        Check("gallery", "off", "nobody is enrolled", remedy),
    ]


def _call(method: str, path: str, **arguments: Any) -> bytes:
    """The answer's body; says what is wrong and exits with 1 when it is a problem."""
    settings = FaceSettings()
    try:
        answer = httpx.request(
            method, settings.face_url + path, headers=_token(settings), timeout=60, **arguments
        )
    except httpx.HTTPError:
        typer.echo(f"Nothing answers at {settings.face_url}: is the face room running?", err=True)
        raise typer.Exit(1) from None
    if answer.is_error:
        problem = _problem(answer)
        typer.echo(f"{problem.title}. {problem.detail}".strip(), err=True)
        raise typer.Exit(1)
    return answer.content


def _token(settings: FaceSettings) -> dict[str, str]:
    return {"Authorization": f"Bearer {settings.internal_key()}"}


def _problem(answer: httpx.Response) -> Problem:
    try:
        return Problem.model_validate_json(answer.content)
    except ValueError:
        return Problem(title=answer.reason_phrase, status=answer.status_code, code="http")
