"""Builds a gallery: gets the photos, has them read, keeps the good ones, and remembers what it has done."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from services.face.settings import FaceSettings
from switchboard.gallery.catalogue import Person
from switchboard.gallery.filing import Filing
from switchboard.gallery.filters import Limits
from switchboard.gallery.progress import BuildProgress
from switchboard.gallery.readers import opened_readers
from switchboard.gallery.replica import opened_store
from switchboard.gallery.samples import Samples
from switchboard.gallery.shots import Photographer, Shot
from switchboard.gallery.web import Pace, Unavailable, Web
from switchboard.gallery.wikidata import COMMONS, WIKIDATA, Wikidata
from switchboard.gallery.work_log import Done, Seen, WorkLog

_COMMONS_FILES = "upload.wikimedia.org"


@dataclass(frozen=True)
class BuildOptions:
    """How a gallery is built."""

    gallery: str = "default"
    jobs: int = 56
    """How many people are worked on at once, and how many downloads run."""
    jitters: int = 10
    processes: int = 0
    """How many read photos; 0: as many as the room has."""
    limits: Limits = field(default_factory=Limits)
    wikidata: str = WIKIDATA
    commons: str = COMMONS
    rate: float = 5.0
    """Requests a second to each of Wikimedia's hosts."""
    contact: str = ""
    """Whom Wikimedia can write to; stands in the User-Agent."""
    retries: int = 4
    timeout_s: float = 20.0


class Build:
    """Works through people, several at once."""

    def __init__(
        self, photographer: Photographer, filing: Filing, wikidata: Wikidata, log: WorkLog, samples: Samples
    ) -> None:
        self._photographer = photographer
        self._filing = filing
        self._wikidata = wikidata
        self._log = log
        self._samples = samples

    async def run(self, people: Iterable[Person], jobs: int, progress: BuildProgress) -> None:
        """Everybody who is not done yet. May be stopped at any point, and begun again."""
        waiting = iter(people)

        async def work() -> None:
            for person in waiting:
                done = await self._person(person)
                self._log.add(done)
                progress.advance(done.kept)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(jobs):
                    group.create_task(work())
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None

    async def _person(self, person: Person) -> Done:
        done = Done(key=person.key, fingerprint=person.fingerprint)
        try:
            places = person.photos or await self._wikidata.photos(person)
        except Unavailable as error:
            missing = (Seen(reason="not_downloaded", place=person.name),)
            return done.model_copy(update={"photos": missing, "again": error.again})
        if not places:
            return done.model_copy(update={"photos": (Seen(reason="not_found", place=person.name),)})
        known = set(await self._filing.known(person))
        shoot = self._photographer.shoot
        shots = await asyncio.gather(*(shoot(person, place, known) for place in places))
        filed = await self._filing.file(person, shots)
        await self._sample(filed)
        again = any(shot.again for shot in filed)
        return done.model_copy(update={"photos": tuple(shot.seen() for shot in filed), "again": again})

    async def _sample(self, shots: list[Shot]) -> None:
        for shot in shots:
            reason = shot.reason or "kept"
            if shot.picture and self._samples.wants(reason):
                await asyncio.to_thread(self._samples.add, reason, shot.picture)


@asynccontextmanager
async def opened_build(
    settings: FaceSettings, options: BuildOptions, log: WorkLog, samples: Samples
) -> AsyncIterator[Build]:
    """A build with its processes warm. Raises NotReady, ModelsMissing."""
    async with (
        opened_store(settings) as store,
        opened_readers(settings, options.processes) as readers,
        _client(options) as client,
    ):
        web = Web(client, _pace(options), options.jobs, options.retries, options.timeout_s)
        photographer = Photographer(readers.ask, web, options.limits, options.jitters, options.jobs)
        filing = Filing(store, options.gallery, options.limits)
        yield Build(photographer, filing, Wikidata(web, options.wikidata, options.commons), log, samples)


def _client(options: BuildOptions) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        follow_redirects=True,
        timeout=options.timeout_s,
        limits=httpx.Limits(max_connections=options.jobs),
        headers={"User-Agent": f"switchboard-gallery/0.1 ({options.contact or 'no contact given'})"},
    )


def _pace(options: BuildOptions) -> Pace:
    polite = {urlsplit(options.wikidata).netloc, urlsplit(options.commons).netloc, _COMMONS_FILES}
    return Pace(options.rate, frozenset(polite))
