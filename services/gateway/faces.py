"""Calls face's galleries, for the admin page and for the pictures of matches."""

import httpx

from foundation.correlation import correlation_headers
from services.gateway.errors import FaceDown


class Faces:
    """One gallery of the face room."""

    def __init__(self, http: httpx.AsyncClient, gallery: str) -> None:
        self._http = http
        self._path = f"/v1/galleries/{gallery}/identities"

    async def list(self) -> httpx.Response:
        """An IdentityList."""
        return await self._ask("GET", self._path)

    async def enroll(self, body: bytes, content_type: str) -> httpx.Response:
        """An Enrollment; the multipart body passes through as it came."""
        return await self._ask("POST", self._path, body, {"Content-Type": content_type})

    async def remove(self, identity_id: str) -> httpx.Response:
        """Nothing, or a Problem."""
        return await self._ask("DELETE", f"{self._path}/{identity_id}")

    async def photo(self, gallery: str, identity_id: str) -> httpx.Response:
        """The enrolled photo, JPEG."""
        return await self._ask("GET", f"/v1/galleries/{gallery}/identities/{identity_id}/photo")

    async def _ask(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        try:
            return await self._http.request(
                method, path, content=body, headers={**correlation_headers(), **(headers or {})}
            )
        except httpx.TransportError as error:
            raise FaceDown(type(error).__name__) from error
