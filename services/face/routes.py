"""The face room's HTTP API."""

from typing import cast

from fastapi import APIRouter, Depends, Response
from fastapi.responses import PlainTextResponse
from fastapi.security import HTTPBearer

from foundation.http import require_bearer
from services.face.bodies import FORM_BYTES, UNLIMITED
from services.face.comparison import Comparison
from services.face.comparison_routes import comparison_routes
from services.face.compreface_routes import compreface_routes
from services.face.errors import NotReady
from services.face.gallery_routes import gallery_routes
from services.face.identity_routes import identity_routes
from services.face.metrics import Metrics
from services.face.photo_routes import photo_routes
from services.face.pool import Pool
from services.face.problems import open_problems
from services.face.reading import Question, Reading
from services.face.recognition_routes import recognition_routes
from services.face.room import Room
from services.face.store import GalleryStore

__all__ = ["FORM_BYTES", "api_routes", "face_routes", "health_routes"]


def health_routes(pool: Pool[Question, Reading], metrics: Metrics) -> APIRouter:
    """What a supervisor and a monitor ask."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @router.get("/readyz", responses=open_problems(NotReady))
    async def readyz() -> dict[str, str]:
        """A process with warm models is there."""
        if not pool.ready():
            raise NotReady("no process that reads photos has its models yet")
        return {"status": "ready"}

    @router.get("/metrics", response_class=PlainTextResponse)
    async def numbers() -> Response:
        """The room's numbers, in Prometheus's text format."""
        return Response(metrics.text(), media_type="text/plain; version=0.0.4")

    return router


def face_routes(
    pool: Pool[Question, Reading], galleries: GalleryStore, metrics: Metrics, token: str
) -> APIRouter:
    """Everything that wants the token."""

    async def read(question: Question) -> Reading:
        with metrics.photo():
            reading = await pool.ask(question)
        metrics.found(reading)
        return reading

    async def draw(comparison: Comparison) -> bytes:
        # A process of the pool answers this kind of question too.
        return await cast("Pool[Comparison, bytes]", pool).ask(comparison)

    return api_routes(Room(read, draw, galleries, lambda: max(1, len(pool.pids()))), token)


def api_routes(room: Room, token: str) -> APIRouter:
    """The API over whatever reads photos: ours under /v1, and CompreFace's."""
    ours = APIRouter(
        prefix="/v1",
        dependencies=[Depends(_shown), Depends(require_bearer(token))],
    )
    for routes in (recognition_routes, gallery_routes, comparison_routes, identity_routes, photo_routes):
        ours.include_router(routes(room))
    both = APIRouter(max_body_size=UNLIMITED)
    both.include_router(ours)
    both.include_router(compreface_routes(room, token))
    return both


_shown = HTTPBearer(scheme_name="token", description="INTERNAL_TOKEN", auto_error=False)
"""Tells OpenAPI of the token; `require_bearer` looks at it."""
