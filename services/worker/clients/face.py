"""Calls face: who is on this photo, and a picture of both."""

import asyncio
import logging
from typing import Any

import httpx

from contracts.reply import LookAlike
from contracts.turn import CallResult
from foundation.correlation import correlation_headers
from services.worker.clients.answers import problem_in
from services.worker.errors import RoomAway, RoomUnavailable

log = logging.getLogger(__name__)

BUSY_WAIT_S = 20
"""How long a full face room is asked again before the person is told so."""
COMPARISON_S = 10
"""How long an answer waits for its picture."""


class FaceClient:
    """One room, two verbs."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def identify(self, gallery: str, photo: bytes, limit: int = 1) -> CallResult:
        """The Identification with at most so many matches, or the Problem that the photo met.

        Raises RoomAway or RoomUnavailable.
        """
        path = f"/v1/galleries/{gallery}/identify"
        response = await self._ask(path, photo, BUSY_WAIT_S, params={"limit": limit})
        if response.is_success:
            return CallResult(value=response.json())
        problem = problem_in(response)
        if response.is_server_error:
            raise RoomUnavailable(f"face: {problem.code}")
        return CallResult(problem=problem)

    async def compare(self, found: LookAlike, photo: bytes) -> bytes | None:
        """Both faces side by side, a JPEG; None where there is none in time."""
        fields = {"identity": found.identity_id, "turn": found.turn, **found.face.model_dump()}
        try:
            async with asyncio.timeout(COMPARISON_S):
                path = f"/v1/galleries/{found.gallery}/compare"
                response = await self._ask(path, photo, COMPARISON_S, data=fields)
        except (RoomUnavailable, TimeoutError):
            log.warning("worker.comparison.missed")
            return None
        if response.is_success:
            return response.content
        log.warning("worker.comparison.refused", extra={"code": problem_in(response).code})
        return None

    async def _ask(self, path: str, photo: bytes, patience_s: float, **more: Any) -> httpx.Response:
        """The answer; a full room is asked again when it says so, for so long."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + patience_s
        while True:
            response = await self._post(path, photo, **more)
            if response.status_code != httpx.codes.TOO_MANY_REQUESTS:
                return response
            wait_s = float(response.headers.get("retry-after", 1))
            if loop.time() + wait_s > deadline:
                return response
            await asyncio.sleep(wait_s)

    async def _post(self, path: str, photo: bytes, **more: Any) -> httpx.Response:
        files = {"photo": ("photo", photo, "application/octet-stream")}
        try:
            return await self._http.post(path, files=files, headers=correlation_headers(), **more)
        except httpx.ConnectError as error:
            raise RoomAway(f"face: {type(error).__name__}") from error
        except httpx.TransportError as error:
            raise RoomUnavailable(f"face: {type(error).__name__}") from error
