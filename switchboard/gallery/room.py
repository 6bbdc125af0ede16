"""The running face room, asked over HTTP."""

from typing import Any

import httpx

from contracts.problem import Problem
from services.face.settings import FaceSettings
from switchboard.gallery.said import sentence, stop


def call(method: str, path: str, exit_code: int = 1, **arguments: Any) -> bytes:
    """The answer's body; says what is wrong and exits when it is a problem, or when nothing answers."""
    settings = FaceSettings()
    try:
        answer = httpx.request(
            method, settings.face_url + path, headers=bearer(settings), timeout=60, **arguments
        )
    except httpx.HTTPError:
        stop(f"Nothing answers at {settings.face_url}: is the face room running?", exit_code)
    if answer.is_error:
        problem = problem_of(answer)
        stop(sentence(problem.title, problem.detail), exit_code)
    return answer.content


def bearer(settings: FaceSettings) -> dict[str, str]:
    """The header that opens the room."""
    return {"Authorization": f"Bearer {settings.internal_key()}"}


def problem_of(answer: httpx.Response) -> Problem:
    """What the room says is wrong."""
    try:
        return Problem.model_validate_json(answer.content)
    except ValueError:
        return Problem(title=answer.reason_phrase, status=answer.status_code, code="http")
