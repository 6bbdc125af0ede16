"""A source of facts for skills: says what it is told to, and lies, stalls or sends elsewhere on demand."""

import gzip
import json
from typing import Any

from fastapi import Request, Response

from tests.fakes.http_server import PlatformServer, read_args

FAULTS = (
    "error",
    "gone",
    "stall",
    "drop",
    "html",
    "empty",
    "wrong_type",
    "not_utf8",
    "huge",
    "bomb",
    "deep",
    "elsewhere",
    "loop",
    "at_home",
)
"""What `lie` knows."""
HUGE_BYTES = 2_100_000
STALL_S = 8.0


class SourceServer(PlatformServer):
    """Answers every path: with what `says` has for it, else 404. `lie` breaks all answers until `reset`.

    `called(path)` has the query or form of each request, with its headers under "_headers".
    """

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self._answers: dict[str, Response] = {}
        self._fault = ""

        @self.app.api_route("/{path:path}", methods=["GET", "POST"])
        async def answer(request: Request, path: str) -> Response:
            args = {**await read_args(request), "_headers": dict(request.headers)}
            return await self.perform(path, args, "", lambda: self._answer(path))

    def says(
        self,
        path: str,
        content: Any,
        media_type: str = "application/json",
        status: int = 200,
        headers: dict[str, str] | None = None,
    ) -> None:
        """From now on this path, without its first slash, answers so; bytes and texts go out as they are."""
        body = content if isinstance(content, str | bytes) else json.dumps(content)
        self._answers[path] = Response(body, status, headers=headers, media_type=media_type)

    def lie(self, fault: str) -> None:
        """Break every answer in one of the ways of FAULTS."""
        self._fault = fault
        if fault == "stall":
            self.fail("*", times=100, stall_s=STALL_S)
        if fault == "drop":
            self.fail("*", times=100, drop=True)

    def reset(self) -> None:
        """Tell the truth again; what was said stays."""
        super().reset()
        self._fault = ""

    def _answer(self, path: str) -> Response:
        if self._fault:
            return self._broken()
        return self._answers.get(path) or Response("{}", 404, media_type="application/json")

    def _broken(self) -> Response:
        json_type = "application/json"
        broken = {
            "error": lambda: Response("{}", 503, media_type=json_type),
            "gone": lambda: Response("{}", 404, media_type=json_type),
            "html": lambda: Response(
                "<html><body>Welcome, please log in</body></html>", media_type="text/html"
            ),
            "empty": lambda: Response(b"", media_type=json_type),
            "wrong_type": lambda: Response(b"42", media_type=json_type),
            "not_utf8": lambda: Response(b'{"a": "\xff\xfe\xb1"}', media_type=json_type),
            "huge": lambda: Response(b'"' + b"x" * HUGE_BYTES + b'"', media_type=json_type),
            "bomb": lambda: Response(
                gzip.compress(b"[" + b" " * 20_000_000 + b"]"),
                headers={"content-encoding": "gzip"},
                media_type=json_type,
            ),
            "deep": lambda: Response(b"[" * 200_000, media_type=json_type),
            "elsewhere": lambda: Response(status_code=302, headers={"location": "https://example.com/x"}),
            "loop": lambda: Response(status_code=302, headers={"location": "/again"}),
            "at_home": lambda: Response(
                status_code=302, headers={"location": "http://169.254.169.254/latest/meta-data"}
            ),
        }
        return broken[self._fault]()
