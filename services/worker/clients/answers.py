"""What an answer of another room means: its Problem becomes an error of ours."""

import httpx
from pydantic import ValidationError

from contracts.problem import Problem
from services.worker.errors import RoomRefused


def problem_in(response: httpx.Response) -> Problem:
    """The Problem in a response that is none of the 2xx."""
    return problem_of(response.status_code, response.content)


def problem_of(status: int, body: bytes) -> Problem:
    """The Problem that such an answer holds; one made up where its body holds none."""
    try:
        return Problem.model_validate_json(body)
    except ValidationError:
        return Problem(title="No problem body", status=status, code="http", retryable=status >= 500)


def refusal(problem: Problem) -> RoomRefused:
    """The Problem as an error of the turn."""
    return RoomRefused(problem.title, code=problem.code, retryable=problem.retryable)
