"""The key of CompreFace's clients: the room's token, which may name a gallery."""

import hmac
import re
from typing import Annotated

from fastapi import Security
from fastapi.security import APIKeyHeader

from services.face.compreface_errors import KeyMissing, KeyUnknown
from services.face.compreface_subjects import Subjects
from services.face.store import GALLERY_NAME, GalleryStore

_DEFAULT = "default"
_HEADER = APIKeyHeader(
    name="x-api-key",
    scheme_name="CompreFace key",
    description="The room's token, for the gallery `default`; `token:name` for another",
    auto_error=False,
)


class Key:
    """Opens a gallery to who shows the room's token: a dependency of CompreFace's routes."""

    def __init__(self, galleries: GalleryStore, token: str) -> None:
        self._galleries = galleries
        self._token = token

    def __call__(self, key: Annotated[str | None, Security(_HEADER)]) -> Subjects:
        if not key:
            raise KeyMissing
        if self._is_token(key):
            return Subjects(self._galleries, _DEFAULT)
        shown, _, gallery = key.rpartition(":")
        if self._is_token(shown) and re.fullmatch(GALLERY_NAME, gallery):
            return Subjects(self._galleries, gallery)
        raise KeyUnknown

    def _is_token(self, shown: str) -> bool:
        return bool(self._token) and hmac.compare_digest(shown.encode(), self._token.encode())
