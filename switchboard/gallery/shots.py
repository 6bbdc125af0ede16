"""One photo of a person: gotten, read, judged."""

import asyncio
import hashlib
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from foundation.http import Fault
from services.face.errors import Busy, NotReady
from services.face.image import MAX_BYTES
from services.face.reading import Question, Reading
from switchboard.gallery.catalogue import Person, PhotoPlace
from switchboard.gallery.filters import Embedding, Limits, Reason, fault_of
from switchboard.gallery.plain import plain
from switchboard.gallery.web import Unavailable, Web
from switchboard.gallery.work_log import Seen

Ask = Callable[[Question], Awaitable[Reading]]


@dataclass(frozen=True)
class Shot:
    """A photo, and either its reading or the reason why there is none to use."""

    place: PhotoPlace
    id: str = ""
    """Made of the person and the photo's bytes: the same picture is the same photo in every build."""
    content: bytes = b""
    """The photo's bytes, where there is no portrait to show."""
    reading: Reading | None = None
    reason: Reason | None = None
    again: bool = False
    is_known: bool = False
    """The gallery has it already."""

    @property
    def embedding(self) -> Embedding:
        """The main face's. Only for shots without a reason that are not known."""
        assert self.reading
        assert self.reading.embedding is not None
        return self.reading.embedding

    @property
    def picture(self) -> bytes:
        """What can be shown of it; empty where nothing can."""
        portrait = self.reading.portrait if self.reading else None
        return portrait.jpeg if portrait else self.content

    def seen(self) -> Seen:
        """What the work log keeps of it."""
        face = self.reading.faces[0] if self.reading and self.reading.faces else None
        quality = face.quality if face else None
        return Seen(reason=self.reason or "", quality=quality, place=plain(self.place.place))


def identity_id(person: Person) -> str:
    """The same person has the same id in every build."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"switchboard:{person.key}").hex


class Photographer:
    """Gets photos and has them read, at most so many at once: each is in memory meanwhile."""

    def __init__(self, ask: Ask, web: Web, limits: Limits, jitters: int, at_once: int) -> None:
        self._ask = ask
        self._web = web
        self._limits = limits
        self._jitters = jitters
        self._free = asyncio.Semaphore(at_once)

    async def shoot(self, person: Person, place: PhotoPlace, known: set[str]) -> Shot:
        """The photo at the place; `known` are ids of photos that need no reading."""
        async with self._free:
            return await self._shoot(person, place, known)

    async def _shoot(self, person: Person, place: PhotoPlace, known: set[str]) -> Shot:
        try:
            content = await self._content(place)
        except Unavailable as error:
            return Shot(place, reason="not_downloaded", again=error.again)
        except (OSError, ValueError):  # ValueError: what can be no file's name
            return Shot(place, reason="unreadable")
        name = f"{identity_id(person)}:".encode() + content
        photo_id = await asyncio.to_thread(_digest, name)
        if photo_id in known:
            return Shot(place, photo_id, is_known=True)
        try:
            reading = await self._ask(Question(content, "portrait", "main", self._jitters))
        except (Busy, NotReady):
            raise
        except Fault:  # a broken picture; or one that a process of the pool died of, twice
            return Shot(place, photo_id, content, reason="unreadable")
        content = b"" if reading.portrait else content
        return Shot(place, photo_id, content, reading, fault_of(reading.faces, self._limits))

    async def _content(self, place: PhotoPlace) -> bytes:
        if place.is_remote:
            return await self._web.get(place.place, MAX_BYTES)
        return await asyncio.to_thread(_read_file, Path(place.place))


def _read_file(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)  # a byte more than is taken: too large, whatever its size


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]
