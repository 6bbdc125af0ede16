"""Builds and wires the face room."""

import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI

from foundation import tracing
from foundation.http import CorrelationMiddleware, add_problem_answers
from services.face.comparison import make_worker
from services.face.image import MAX_BYTES
from services.face.metrics import Metrics
from services.face.model_files import find_model_files
from services.face.percent import Scale
from services.face.pool import Pool
from services.face.reading import Question, Reading, make_reader
from services.face.routes import FORM_BYTES, face_routes, health_routes
from services.face.settings import FaceSettings
from services.face.store import GalleryStore, MakeIndex


def create_app(settings: FaceSettings) -> FastAPI:
    """The room; it serves once every journal is read and every process is warm.

    Raises ModelsMissing. Where the models are looked for: FACE_MODELS_DIR, then the package.
    """
    find_model_files(settings.face_models_dir)
    galleries = GalleryStore(
        settings.face_data_dir / "galleries",
        _engine(settings),
        Scale(settings.face_percent, settings.face_percent_floor),
    )
    pool: Pool[Question, Reading] = Pool(
        partial(
            make_worker,
            make_reader,
            settings.face_models_dir,
            settings.log_level,
            settings.face_descriptor,
            settings.face_data_dir / "models",
        ),
        settings.processes(),
        settings.face_queue,
        settings.face_photo_seconds,
    )
    metrics = Metrics(lambda: pool.waiting, lambda: pool.replaced, galleries.people, settings.face_data_dir)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        try:
            await galleries.load()
            await pool.start()
            gc.freeze()  # what is there by now stays: to look through it stops all answers for 0.1 s
            yield
        finally:
            await pool.close()
            await galleries.close()

    app = FastAPI(
        title="Switchboard: faces",
        lifespan=lifespan,
        telemetry=tracing.TELEMETRY,
        max_body_size=MAX_BYTES + FORM_BYTES,
    )
    app.add_middleware(CorrelationMiddleware, asked_by_rooms=True)
    add_problem_answers(app)
    app.include_router(health_routes(pool, metrics))
    app.include_router(face_routes(pool, galleries, metrics, settings.internal_key()))
    return app


def _engine(settings: FaceSettings) -> MakeIndex:
    from services.face.hnsw_index import CROSSOVER, HnswIndex

    # Never used, a graph of before still has to leave the disk: removed people would stay in it.
    least = {"exact": sys.maxsize, "auto": CROSSOVER, "hnsw": 0}[settings.face_index]
    return lambda folder: HnswIndex(folder, least)
