"""A gallery: people, and who of them a face is most like. No file and no network here."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from contracts.face import EnrolledPhoto, Identity, Match
from services.face.changes import Change, Enrolled, PhotoAdded, PhotoRemoved, after, complete, with_photos
from services.face.index import Embedding, Index
from services.face.percent import Scale, Strangers, expected_strangers, fit_strangers

_SMALL = 2000
"""So few photos are fitted in some milliseconds, at any change."""
_GROWTH = 20
"""A large gallery is fitted anew when it has changed by a twentieth: that moves a percent by one."""

_STORED = {"found", "licence", "source", "photo", "box"}


@dataclass(slots=True)
class _Person:
    """Packed: 100,000 parsed identities would take 400 MB."""

    packed: bytes
    name: str
    """To sort by, and to tell one person's photos that were enrolled one by one under one name."""
    photos: int
    """How many."""


class Gallery:
    """A named set of people, searched through an index. Not thread-safe: one loop owns it."""

    def __init__(
        self,
        make_index: Callable[[], Index],
        scale: Scale | None = None,
        found: Callable[[str], int] = lambda _: 0,
    ) -> None:
        self._index = make_index()
        self._scale = scale or Scale()
        self._found = found
        self._people: dict[str, _Person] = {}
        self._owners: dict[str, str] = {}
        """Whose a photo is, where its id is not its owner's."""
        self._order: list[tuple[str, str]] | None = None
        """Names and ids in order, from when it is first asked for."""
        self._strangers: Strangers | None = None
        self._changes = 0
        self._fitted = 0
        """How many of the changes the fit knows."""
        self._removals = 0

    def __len__(self) -> int:
        return len(self._people)

    def __contains__(self, identity_id: object) -> bool:
        return identity_id in self._people

    @property
    def index(self) -> Index:
        """What is searched."""
        return self._index

    @property
    def statistics(self) -> Strangers:
        """How far strangers are from their nearest here; of a large gallery, as of a little while ago."""
        if len(self._index) <= _SMALL and self._is_fit_stale():
            self._fit()
        return self._strangers or expected_strangers(len(self))

    @property
    def same_person_distance(self) -> float:
        """A match nearer than this is the person; it shrinks as the gallery grows."""
        return self.statistics.same_person_distance

    def apply(self, change: Change) -> None:
        """Let a change happen; one about somebody who is gone does nothing.

        Raises ValueError for what is no embedding, and for a photo or an identity id that is there.
        """
        identity_id = change.identity_id
        if isinstance(change, Enrolled) and identity_id in self._people:
            raise ValueError("this identity is in the gallery already")
        before = self._unpacked(identity_id)
        if before is None and not isinstance(change, Enrolled):
            return
        now = after(before, change)
        self._change_index(change, before, now)
        self._keep(identity_id, now)

    def get(self, identity_id: str) -> Identity | None:
        """The person by this id."""
        identity = self._unpacked(identity_id)
        return identity and identity.model_copy(update={"found": self._found(identity_id)})

    def identities(self, offset: int = 0, limit: int | None = None) -> tuple[Identity, ...]:
        """Everybody, by name; or so many of them, from a place on."""
        end = None if limit is None else offset + limit
        found = (self.get(key) for _, key in self._ordered()[offset:end])
        return tuple(identity for identity in found if identity)

    def place_after(self, name: str, identity_id: str) -> int:
        """The place, by name, after this person's, who need not be here any more."""
        return bisect_right(self._ordered(), (name.casefold(), identity_id))

    def embeddings(self, identity_id: str) -> list[tuple[str, Embedding]]:
        """The person's photo ids, the shown one first, and each photo's embedding. Raises KeyError."""
        identity = self._unpacked(identity_id)
        if identity is None:
            raise KeyError(identity_id)
        return [(photo.id, self._index.get(photo.id)) for photo in identity.photos]

    def owner(self, photo_id: str) -> Identity | None:
        """Whose photo it is, if anybody's."""
        return self.get(self._owner(photo_id)) if photo_id in self._index else None

    def photos(self, offset: int, limit: int) -> list[tuple[Identity, EnrolledPhoto]]:
        """So many photos from a place on, by the names of whose they are; who is passed over is not read."""
        found: list[tuple[Identity, EnrolledPhoto]] = []
        for _, key in self._ordered():
            if offset >= self._people[key].photos:
                offset -= self._people[key].photos
                continue
            if len(found) >= limit or (identity := self.get(key)) is None:
                break
            found += [(identity, photo) for photo in identity.photos[offset:]]
            offset = 0
        return found[:limit]

    def has_photo(self, photo_id: str) -> bool:
        """Whether it is anybody's here."""
        return photo_id in self._index

    def nearest(self, probe: Embedding, limit: int) -> tuple[Match, ...]:
        """The people most like the probe, nearest first, each by the nearest of their photos."""
        return tuple(self._match(key, distance) for key, distance in self._nearest_people(probe, limit))

    def stale(self) -> bool:
        """Whether `refresh` would make searches quicker or percents truer."""
        return self._index.stale() or self._is_fit_stale()

    def load(self) -> None:
        """Get ready to answer, quickly: by what is on disk, and a first fit."""
        self._index.load()
        self._fit()

    def close(self) -> None:
        """Stop a refresh that is under way."""
        self._index.close()

    def refresh(self) -> None:
        """Do what takes long, in a thread; searches and changes go on meanwhile."""
        if self._index.stale():
            self._index.refresh()
        if self._is_fit_stale():
            self._fit()

    def _nearest_people(self, probe: Embedding, limit: int) -> list[tuple[str, float]]:
        wanted = limit
        while True:
            neighbours = self._index.search(probe, wanted)
            found: dict[str, float] = {}
            for photo_id, distance in neighbours:
                found.setdefault(self._owner(photo_id), distance)
            if len(found) >= limit or len(neighbours) < wanted:
                return list(found.items())[:limit]
            wanted *= 2  # some have several photos

    def _match(self, identity_id: str, distance: float) -> Match:
        identity = self.get(identity_id)
        assert identity
        percentile = self.statistics.percentile(distance, self._scale.by)
        return Match(
            identity=identity,
            distance=round(distance, 4),
            percentile=round(percentile, 1),
            percent=self._scale.percent(percentile),
            same_person=distance < self.same_person_distance,
        )

    def _change_index(self, change: Change, before: Identity | None, now: Identity | None) -> None:
        if isinstance(change, Enrolled):
            photo_id = complete(change.identity).photos[0].id
            self._add(photo_id, change.identity_id, change.embedding)
        elif isinstance(change, PhotoAdded):
            self._add(change.photo.id, change.identity_id, change.embedding)
        elif isinstance(change, PhotoRemoved) or now is None:
            left = {photo.id for photo in now.photos} if now else set()
            for photo in before.photos if before else ():
                if photo.id not in left:
                    self._remove(photo.id)

    def _add(self, photo_id: str, identity_id: str, embedding: Embedding) -> None:
        self._index.add(photo_id, embedding)
        if photo_id != identity_id:
            self._owners[photo_id] = identity_id
        self._changes += 1

    def _remove(self, photo_id: str) -> None:
        self._index.remove(photo_id)
        self._owners.pop(photo_id, None)
        self._changes += 1
        self._removals += 1

    def _keep(self, identity_id: str, identity: Identity | None) -> None:
        before = self._people.pop(identity_id, None)
        if before and self._order is not None:
            del self._order[bisect_left(self._order, (before.name, identity_id))]
        if identity is None:
            return
        packed = identity.model_dump_json(exclude=_STORED, exclude_defaults=True).encode()
        name = identity.name.casefold()
        self._people[identity_id] = _Person(packed, name, len(identity.photos))
        if self._order is not None:
            insort(self._order, (name, identity_id))

    def _ordered(self) -> list[tuple[str, str]]:
        if self._order is None:
            self._order = sorted((person.name, key) for key, person in self._people.items())
        return self._order

    def _unpacked(self, identity_id: str) -> Identity | None:
        person = self._people.get(identity_id)
        if person is None:
            return None
        identity = Identity.model_validate_json(person.packed)
        return with_photos(identity, identity.photos)

    def _owner(self, photo_id: str) -> str:
        return self._owners.get(photo_id, photo_id)

    def _is_fit_stale(self) -> bool:
        unknown = self._changes - self._fitted
        if self._strangers is None or len(self._index) <= _SMALL:
            return unknown > 0
        return unknown > self._strangers.people // _GROWTH

    def _fit(self) -> None:
        changes, removals = self._changes, self._removals
        keys, rows = self._index.vectors()
        # Somebody may have come or gone between the two, which the loop changes meanwhile.
        count = min(len(keys), len(rows))
        keys, columns = keys[:count], rows[:count].T
        numbers: dict[str, int] = {}
        owners = np.empty(len(keys), dtype=np.int32)
        for place, key in enumerate(keys):
            person = self._people.get(self._owner(key))
            owners[place] = numbers.setdefault(person.name, len(numbers)) if person else -1
        strangers = fit_strangers(columns, owners)
        # Who is removed leaves their column to another: then this fit may be wrong, and is made again.
        if removals == self._removals:
            self._strangers, self._fitted = strangers, changes


def distance_between(one: Embedding, other: Embedding) -> float:
    """Euclidean: 0 is the same picture, about 0.6 another person."""
    return float(np.linalg.norm(one - other))
