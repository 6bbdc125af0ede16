"""What was read of a gallery's journal, on its way to the people in memory."""

from collections.abc import Callable, Iterable

from contracts.face import Identity
from foundation.http import Fault
from services.face.changes import Change, Enrolled, PhotoAdded, after, complete
from services.face.errors import GalleryDamaged, IdentityUnknown
from services.face.gallery import Gallery
from services.face.journal import Portion


class News:
    """What was read: changes to the gallery as it is, or a gallery built anew."""

    def __init__(self, gallery: Gallery, make_gallery: Callable[[], Gallery]) -> None:
        self._gallery = gallery
        self._make_gallery = make_gallery
        self.anew: Gallery | None = None
        self.changes: list[Change] = []
        self.refusal: Fault | ValueError | None = None
        """Why the change was refused; raised when what was read has reached the memory."""

    def take(self, portions: Iterable[Portion]) -> None:
        for starts_anew, changes in portions:
            if starts_anew:
                self.anew, self.changes = self._make_gallery(), []
            if self.anew is None:
                self.changes += changes
            else:
                apply_all(self.anew, changes)  # nobody sees it yet, so it need not be in the loop

    @property
    def gallery(self) -> Gallery:
        """The people, but for the changes."""
        return self._gallery if self.anew is None else self.anew

    def person(self, identity_id: str) -> Identity:
        """As they are after everything that was read. Raises IdentityUnknown."""
        identity = self._find(identity_id)
        if identity is None:
            raise IdentityUnknown
        return identity

    def refuse_known_person(self, identity_id: str) -> None:
        """Raises ValueError for an identity's id that is there."""
        if self._find(identity_id):
            raise ValueError("this identity is in the gallery already")

    def refuse_known_photo(self, photo_id: str) -> None:
        """Raises ValueError for a photo's id that is there: the journal would contradict itself."""
        added = {_photo_id(change) for change in self.changes}
        if photo_id in added or self.gallery.has_photo(photo_id):
            raise ValueError("this photo is in the gallery already")

    def _find(self, identity_id: str) -> Identity | None:
        identity = self.gallery.get(identity_id)
        for change in self.changes:
            if change.identity_id == identity_id:
                identity = after(identity, change)
        return identity


def apply_all(gallery: Gallery, changes: Iterable[Change]) -> None:
    """Let everything happen that was read. Raises GalleryDamaged for what cannot have happened."""
    try:
        for change in changes:
            gallery.apply(change)
    except ValueError as error:
        raise GalleryDamaged(f"the journal contradicts itself: {error}") from error


def _photo_id(change: Change) -> str | None:
    match change:
        case Enrolled():
            return complete(change.identity).photos[0].id
        case PhotoAdded():
            return change.photo.id
    return None
