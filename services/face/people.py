"""Walks through a gallery's people, by name, without keeping other requests waiting."""

import asyncio
from collections.abc import AsyncIterator

from contracts.face import Identity
from services.face.errors import IdentityUnknown
from services.face.gallery import Gallery

_PORTION = 200


async def everybody(gallery: Gallery, offset: int = 0) -> AsyncIterator[Identity]:
    """The people by name, from a place on; who stays is met once, whoever comes and goes meanwhile."""
    while portion := gallery.identities(offset, _PORTION):
        for identity in portion:
            yield identity
        await asyncio.sleep(0)
        offset = gallery.place_after(portion[-1].name, portion[-1].id)


def known(gallery: Gallery, identity_id: str) -> Identity:
    """The person by this id. Raises IdentityUnknown."""
    found = gallery.get(identity_id)
    if found is None:
        raise IdentityUnknown
    return found


def place_after(gallery: Gallery, identity_id: str) -> int:
    """The place, by name, after this person's. Raises IdentityUnknown."""
    one = known(gallery, identity_id)
    return gallery.place_after(one.name, one.id)
