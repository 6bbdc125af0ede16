"""The processes that read photos: the room's own pipeline, in this command's process tree."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from services.face.model_files import find_model_files
from services.face.pool import Pool
from services.face.reading import Question, Reading, make_reader
from services.face.settings import FaceSettings


class Readers:
    """Asks a pool no more questions at once than it has processes."""

    def __init__(self, pool: Pool[Question, Reading], processes: int) -> None:
        self._pool = pool
        self._free = asyncio.Semaphore(processes)
        self._asked: set[asyncio.Task[Reading]] = set()

    async def ask(self, question: Question) -> Reading:
        """The reading. Raises what the pool raises."""
        async with self._free:
            task = asyncio.create_task(self._pool.ask(question))
            self._asked.add(task)
            task.add_done_callback(self._asked.discard)
            return await asyncio.shield(task)

    async def settle(self) -> None:
        """Wait for what is being read, though nobody wants it any more: its process shall not be killed."""
        await asyncio.gather(*self._asked, return_exceptions=True)


@asynccontextmanager
async def opened_readers(settings: FaceSettings, processes: int) -> AsyncIterator[Readers]:
    """So many processes (0: as many as the room has), warm. Raises ModelsMissing, NotReady."""
    find_model_files(settings.face_models_dir)
    processes = processes or settings.processes()
    models = settings.face_data_dir / "models"
    make = partial(make_reader, settings.face_models_dir, "WARNING", settings.face_descriptor, models)
    pool: Pool[Question, Reading] = Pool(make, processes, 2 * processes, settings.face_photo_seconds)
    readers = Readers(pool, processes)
    try:
        await pool.start()
        yield readers
    finally:
        await readers.settle()
        await pool.close()
