"""A stand-in for SearXNG's search: answers what the test scripts."""

from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from tests.fakes.http_server import PlatformServer, read_args

METHOD = "search"


class SearchServer(PlatformServer):
    """`GET /search?q=…&format=json`."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.answer: Any = {}
        self.app.add_api_route("/search", self._search, methods=["GET"])

    def reset(self) -> None:
        super().reset()
        page = {"title": "Taipei 101", "url": "https://example.org/101", "content": "508 m.", "score": 1.0}
        self.answer = {"results": [page] * 9, "query": "", "answers": []}

    async def _search(self, request: Request) -> Response:
        args = await read_args(request)
        return await self.perform(METHOD, args, "", lambda: JSONResponse(self.answer))
