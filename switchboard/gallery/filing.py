"""Puts a person's good photos into the gallery, and tells which were the same or of somebody else."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from contracts.face import EnrolledPhoto, Identity
from services.face.errors import IdentityUnknown
from services.face.gallery import Gallery
from services.face.store import GalleryStore
from switchboard.gallery.catalogue import LONGEST, Person, PhotoPlace
from switchboard.gallery.filters import Embedding, Limits, Reason, duplicates, outliers
from switchboard.gallery.shots import Shot, identity_id

Choose = Callable[[list[Embedding]], Iterable[int]]
"""Which of these photos are to be dropped."""


class Filing:
    """Writes to one gallery, a person at a time: what it compares with must not change meanwhile."""

    def __init__(self, store: GalleryStore, gallery: str, limits: Limits) -> None:
        self._store = store
        self._gallery = gallery
        self._limits = limits
        self._lock = asyncio.Lock()

    async def known(self, person: Person) -> dict[str, Embedding]:
        """The photos that the gallery has of the person."""
        gallery = await self._store.get(self._gallery)
        key = identity_id(person)
        return dict(gallery.embeddings(key)) if key in gallery else {}

    async def file(self, person: Person, shots: Sequence[Shot]) -> list[Shot]:
        """The shots, those that are not kept with the reason. Raises GalleryUnwritable, GalleryDamaged."""
        async with self._lock:
            gallery = await self._store.get(self._gallery)
            judged = self._judge(gallery, await self.known(person), list(shots))
            for shot in judged:
                if shot.reason is None and not shot.is_known:
                    await self._keep(person, shot)
            return judged

    def _judge(self, gallery: Gallery, known: dict[str, Embedding], shots: list[Shot]) -> list[Shot]:
        there = list(known.values())
        for place, shot in enumerate(shots):
            twice = shot.id and shot.id in {other.id for other in shots[:place]}
            if _is_open(shot) and (twice or self._is_anothers(gallery, shot, set(known))):
                shots[place] = replace(shot, reason="duplicate")
        self._drop(shots, "duplicate", lambda new: duplicates(there, new, self._limits.duplicate))
        self._drop(shots, "outlier", lambda new: outliers(there, new, self._limits.outlier))
        room = max(0, self._limits.photos - len(there))
        self._drop(shots, "enough", lambda new: range(room, len(new)))
        return shots

    def _drop(self, shots: list[Shot], reason: Reason, which: Choose) -> None:
        places = [place for place, shot in enumerate(shots) if _is_open(shot)]
        for number in which([shots[place].embedding for place in places]):
            shots[places[number]] = replace(shots[places[number]], reason=reason)

    def _is_anothers(self, gallery: Gallery, shot: Shot, own: set[str]) -> bool:
        """Whether the picture is in the gallery under another person's name."""
        nearest = gallery.index.search(shot.embedding, len(own) + 1)
        return any(
            distance < self._limits.duplicate and photo_id not in own for photo_id, distance in nearest
        )

    async def _keep(self, person: Person, shot: Shot) -> None:
        assert shot.reading
        portrait = shot.reading.portrait
        assert portrait
        photo = EnrolledPhoto(
            id=shot.id,
            size=portrait.size,
            box=portrait.box,
            licence=shot.place.licence,
            author=shot.place.author,
            source=_source(shot.place),
        )
        key = identity_id(person)
        try:
            if key in await self._store.get(self._gallery):
                await self._store.add_photo(self._gallery, key, photo, shot.embedding, portrait.jpeg)
                return
        except IdentityUnknown:
            pass  # removed in the running room this very moment: they come back with this photo
        await self._store.enroll(self._gallery, _identity(key, person, photo), shot.embedding, portrait.jpeg)


def _identity(key: str, person: Person, photo: EnrolledPhoto) -> Identity:
    return Identity(
        id=key,
        name=person.name[:200],
        alias=person.alias,
        role=person.role,
        n_movies=person.n_movies,
        photos=(photo,),
    )


def _source(place: PhotoPlace) -> str:
    """Not a file's path: it would tell of this machine."""
    return (place.source or (place.place if place.is_remote else ""))[:LONGEST]


def _is_open(shot: Shot) -> bool:
    return shot.reason is None and not shot.is_known
