"""Errors as clients of Rasa read them: the room's Problem, with `reason` and `message` in it."""

import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from contracts.problem import PROBLEM_MEDIA_TYPE, Problem
from foundation.http import Fault, problem_of, problem_response


class RasaRoute(APIRoute):
    """A path whose errors have Rasa's keys too."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The path's own function, its errors worded."""
        handle = super().get_route_handler()

        async def worded(request: Request) -> Response:
            try:
                return await handle(request)
            except Fault as fault:
                return _worded(problem_of(fault), fault.retry_after_s)
            except RequestValidationError as error:
                places = "; ".join(".".join(map(str, e["loc"])) + ": " + e["msg"] for e in error.errors())
                title = "The request is malformed"
                return _worded(Problem(title=title, status=422, detail=places, code="invalid"))

        return worded


def _worded(problem: Problem, retry_after_s: int | None = None) -> Response:
    answer = problem_response(problem, retry_after_s)
    said = {"reason": problem.code, "message": problem.detail or problem.title}
    headers = {"Retry-After": str(retry_after_s)} if retry_after_s is not None else None
    body = {**json.loads(bytes(answer.body)), **said}
    return JSONResponse(body, problem.status, headers, media_type=PROBLEM_MEDIA_TYPE)
