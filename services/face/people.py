"""Walks through a gallery's people, by name, without keeping other requests waiting."""

import asyncio
from bisect import bisect_right
from collections.abc import AsyncIterator

from contracts.face import Identity
from services.face.errors import IdentityUnknown
from services.face.gallery import Gallery

_PORTION = 200


async def everybody(gallery: Gallery, offset: int = 0) -> AsyncIterator[Identity]:
    """The people by name, from a place on."""
    while portion := gallery.identities(offset, _PORTION):
        for identity in portion:
            yield identity
        offset += len(portion)
        await asyncio.sleep(0)


def known(gallery: Gallery, identity_id: str) -> Identity:
    """The person by this id. Raises IdentityUnknown."""
    found = gallery.get(identity_id)
    if found is None:
        raise IdentityUnknown
    return found


def place_after(gallery: Gallery, identity_id: str) -> int:
    """The place, by name, after this person's. Raises IdentityUnknown."""
    one = known(gallery, identity_id)

    def order(place: int) -> tuple[str, str]:
        [other] = gallery.identities(place, 1)
        return other.name.casefold(), other.id

    return bisect_right(range(len(gallery)), (one.name.casefold(), one.id), key=order)
