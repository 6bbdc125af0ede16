"""A gallery as CompreFace's clients see it: subjects by name, and their saved faces."""

import uuid

from contracts.face import EnrolledPhoto, Identity
from services.face.compreface import Example, image_id, photo_id
from services.face.compreface_errors import ImageUnknown, SubjectUnknown
from services.face.gallery import Gallery
from services.face.index import Embedding
from services.face.people import everybody
from services.face.reading import Portrait
from services.face.store import GalleryStore


class Subjects:
    """The people of one gallery by name: everybody of one name, whatever its case, is one subject."""

    def __init__(self, galleries: GalleryStore, gallery: str) -> None:
        self._galleries = galleries
        self._name = gallery

    async def gallery(self) -> Gallery:
        """The gallery as it is now."""
        return await self._galleries.get(self._name)

    async def names(self) -> list[str]:
        """Every subject once."""
        found: dict[str, str] = {}
        async for one in everybody(await self.gallery()):
            found.setdefault(one.name.casefold(), one.name)
        return list(found.values())

    async def people(self, subject: str) -> tuple[Identity, ...]:
        """Everybody of this name."""
        wanted = subject.casefold()
        gallery = await self.gallery()
        found: list[Identity] = []
        async for one in everybody(gallery, gallery.place_after(subject, "")):
            if one.name.casefold() != wanted:
                break
            found.append(one)
        return tuple(found)

    async def examples(self, subject: str, offset: int, limit: int) -> tuple[list[Example], int]:
        """So many saved faces of a subject, or of all, from a place on; and how many there are."""
        if subject:
            found = [(one, photo) for one in await self.people(subject) for photo in one.photos]
            count, found = len(found), found[offset : offset + limit]
        else:
            gallery = await self.gallery()
            count, found = len(gallery.index), gallery.photos(offset, limit)
        return [Example(image_id=image_id(photo.id), subject=one.name) for one, photo in found], count

    async def owner(self, image: str) -> tuple[Identity, str]:
        """Whose saved face this is, and its id of ours. Raises ImageUnknown."""
        wanted = photo_id(image)
        owner = (await self.gallery()).owner(wanted)
        if owner is None:
            raise ImageUnknown(image)
        return owner, wanted

    async def embedding(self, image: str) -> Embedding:
        """Of a saved face. Raises ImageUnknown."""
        owner, wanted = await self.owner(image)
        return dict((await self.gallery()).embeddings(owner.id))[wanted]

    async def picture(self, image: str) -> bytes:
        """The kept JPEG of a saved face. Raises ImageUnknown."""
        owner, wanted = await self.owner(image)
        return await self._galleries.portrait(self._name, owner.id, wanted)

    async def save(self, subject: str, embedding: Embedding, portrait: Portrait) -> Example:
        """Add a face to a subject, who is made where there is none."""
        photo = EnrolledPhoto(id=uuid.uuid4().hex, size=portrait.size, box=portrait.box)
        there = await self.people(subject)
        if there:
            await self._galleries.add_photo(self._name, there[0].id, photo, embedding, portrait.jpeg)
        else:
            person = Identity(id=photo.id, name=subject, photo=photo.size, box=photo.box, photos=(photo,))
            await self._galleries.enroll(self._name, person, embedding, portrait.jpeg)
        return Example(image_id=image_id(photo.id), subject=subject)

    async def rename(self, subject: str, new_name: str) -> bool:
        """Another name, or another's: then their faces come together. Raises SubjectUnknown.

        Faces that come together get ids of their own anew.
        """
        if subject == new_name:
            return False
        sources = await self.people(subject)
        if not sources:
            raise SubjectUnknown(subject)
        targets = await self.people(new_name) if subject.casefold() != new_name.casefold() else ()
        for source in sources:
            if targets:
                await self._move(source, targets[0])
            else:
                await self._galleries.change(self._name, source.id, {"name": new_name})
        return True

    async def remove(self, subject: str) -> int:
        """Forget a subject; gives how many faces it had, 0 for nobody."""
        people = await self.people(subject)
        for one in people:
            await self._galleries.remove(self._name, one.id)
        return sum(len(one.photos) for one in people)

    async def remove_all(self) -> None:
        """Forget everybody."""
        if self._name in await self._galleries.names():
            await self._galleries.drop(self._name)

    async def remove_example(self, image: str) -> Example:
        """Forget one saved face, and its subject with the last one. Raises ImageUnknown."""
        owner, wanted = await self.owner(image)
        await self._galleries.remove_photo(self._name, owner.id, wanted)
        return Example(image_id=image_id(wanted), subject=owner.name)

    async def _move(self, source: Identity, target: Identity) -> None:
        embeddings = dict((await self.gallery()).embeddings(source.id))
        for photo in source.photos:
            jpeg = await self._galleries.portrait(self._name, source.id, photo.id)
            copy = photo.model_copy(update={"id": uuid.uuid4().hex})
            await self._galleries.add_photo(self._name, target.id, copy, embeddings[photo.id], jpeg)
        await self._galleries.remove(self._name, source.id)
