"""Calls face: who is on this photo."""

import asyncio

import httpx

from contracts.turn import CallResult
from foundation.correlation import correlation_headers
from services.worker.clients.answers import problem_in
from services.worker.errors import RoomUnavailable

BUSY_WAIT_S = 20
"""How long a full face room is asked again before the person is told so."""


class FaceClient:
    """One room, one verb."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def identify(self, gallery: str, photo: bytes) -> CallResult:
        """The Identification, or the Problem that the photo met; raises RoomUnavailable."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + BUSY_WAIT_S
        while True:
            response = await self._post(f"/v1/galleries/{gallery}/identify", photo)
            if response.is_success:
                return CallResult(value=response.json())
            problem = problem_in(response)
            if response.status_code == httpx.codes.TOO_MANY_REQUESTS and loop.time() < deadline:
                await asyncio.sleep(float(response.headers.get("retry-after", 1)))
                continue
            if response.is_server_error:
                raise RoomUnavailable(f"face: {problem.code}")
            return CallResult(problem=problem)

    async def _post(self, path: str, photo: bytes) -> httpx.Response:
        files = {"photo": ("photo", photo, "application/octet-stream")}
        try:
            return await self._http.post(path, files=files, headers=correlation_headers())
        except httpx.TransportError as error:
            raise RoomUnavailable(f"face: {type(error).__name__}") from error
