"""The face room's commands, and what `switchboard doctor` asks of it."""

import httpx
import typer

from services.face.answers import GalleryList
from services.face.errors import ModelsMissing
from services.face.model_files import find_model_files
from services.face.settings import FaceSettings
from switchboard.check import Check
from switchboard.gallery.app import app as gallery
from switchboard.gallery.room import bearer, problem_of

app = typer.Typer(no_args_is_help=True, add_completion=False)
app.add_typer(gallery, name="gallery")


@app.callback()
def commands() -> None:
    """Faces."""


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
            base_url=settings.face_url, headers=bearer(settings), timeout=5
        ) as client:
            ready = await client.get("/readyz")
            galleries = await client.get("/v1/galleries")
    except httpx.HTTPError:
        remedy = "start it with `make run` or `docker compose up -d face`, or set FACE_URL"
        return [Check("face room", "failed", f"nothing answers at {settings.face_url}", remedy)]
    if ready.status_code != 200:
        return [Check("face room", "failed", "no process has its models", "look into the room's log")]
    if galleries.status_code != 200:
        problem = problem_of(galleries)
        remedy = "give both the same INTERNAL_TOKEN" if galleries.status_code == 401 else problem.detail
        return [Check("face room", "failed", problem.title, remedy)]
    ready_check = Check("face room", "ok", settings.face_url)
    return [ready_check, _default_gallery(GalleryList.model_validate_json(galleries.content))]


def _default_gallery(found: GalleryList) -> Check:
    default = next((one for one in found.galleries if one.name == "default"), None)
    if default and default.is_damaged:
        return Check("gallery", "failed", "its journal is damaged", "look into the face room's log")
    if default and default.people:
        return Check("gallery", "ok", f"{default.people} people")
    remedy = "enroll people: `switchboard gallery build FOLDER`, or the page's admin part"
    return Check("gallery", "off", "nobody is enrolled", remedy)
