"""A gallery: people, and who of them a face is most like. No file and no network here."""

from collections.abc import Callable

import numpy as np

from contracts.face import Identity, Match
from services.face.index import Embedding, Index
from services.face.percent import SAME_PERSON, Strangers, fit_strangers


class Gallery:
    """A named set of people, searched through an index. Not thread-safe: one loop owns it."""

    def __init__(self, make_index: Callable[[], Index]) -> None:
        self._index = make_index()
        self._identities: dict[str, Identity] = {}
        self._strangers: Strangers | None = None

    def __len__(self) -> int:
        return len(self._identities)

    @property
    def index(self) -> Index:
        """What is searched; its owner refreshes it when it is stale."""
        return self._index

    def enroll(self, identity: Identity, embedding: Embedding) -> None:
        """Add one person's face. Raises ValueError for what is no embedding and for an id twice."""
        self._index.add(identity.id, embedding)
        self._identities[identity.id] = identity
        self._strangers = None

    def remove(self, identity_id: str) -> None:
        """Forget a face. Raises KeyError."""
        del self._identities[identity_id]
        self._index.remove(identity_id)
        self._strangers = None

    def get(self, identity_id: str) -> Identity | None:
        """The person by this id."""
        return self._identities.get(identity_id)

    def identities(self) -> tuple[Identity, ...]:
        """Everybody, by name."""
        return tuple(sorted(self._identities.values(), key=lambda one: (one.name.casefold(), one.id)))

    def nearest(self, probe: Embedding, limit: int) -> tuple[Match, ...]:
        """The people most like the probe, nearest first."""
        return tuple(
            Match(
                identity=self._identities[key],
                distance=round(distance, 4),
                percent=self.percent(distance),
                same_person=is_same_person(distance),
            )
            for key, distance in self._index.search(probe, limit)
        )

    def percent(self, distance: float) -> int:
        """How alike, against what strangers reach in this gallery as it is now."""
        if self._strangers is None:
            self._strangers = self._fit()
        return self._strangers.percent(distance)

    def _fit(self) -> Strangers:
        keys, vectors = self._index.vectors()
        # Several photos of one person carry one name.
        numbers: dict[str, int] = {}
        people = [numbers.setdefault(self._identities[key].name.casefold(), len(numbers)) for key in keys]
        return fit_strangers(vectors, np.array(people, dtype=np.int64))


def is_same_person(distance: float) -> bool:
    """Whether two faces at this distance are one person's."""
    return distance < SAME_PERSON


def distance_between(one: Embedding, other: Embedding) -> float:
    """Euclidean: 0 is the same picture, about 0.6 another person."""
    return float(np.linalg.norm(one - other))
