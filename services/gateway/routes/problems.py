"""What OpenAPI says of the API's errors."""

from typing import Any

from contracts.problem import PROBLEM_MEDIA_TYPE, Problem
from foundation.http import Fault, Unauthorized, problem_of
from services.gateway.errors import CrossSite, NoConversation, NoMessage, NotAllowed, QueueDown, TooFast

Responses = dict[int | str, dict[str, Any]]

_INVALID = Problem(
    title="The request is malformed", status=422, detail="body.text: Field required", code="invalid"
)
_TOO_LARGE = Problem(title="Content Too Large", status=413, code="too_large")


def problems(*faults: type[Fault], body: bool = False, invalid: bool = True) -> Responses:
    """The errors of a route, by status, each with the codes that it may have.

    `body` says whether the request has one, which may be too large; `invalid`, whether anything in the
    request may be wrong.
    """
    known = [problem_of(fault()) for fault in faults] + [_INVALID] * invalid + [_TOO_LARGE] * body
    return {
        status: _response([problem for problem in known if problem.status == status])
        for status in sorted({problem.status for problem in known})
    }


def _response(known: list[Problem]) -> dict[str, Any]:
    examples = {problem.code: {"value": problem.model_dump(mode="json")} for problem in known}
    return {
        "description": "; ".join(problem.title for problem in known),
        "content": {PROBLEM_MEDIA_TYPE: {"schema": Problem.model_json_schema(), "examples": examples}},
    }


OPENING = problems(CrossSite, TooFast, QueueDown, invalid=False)
READING = problems(Unauthorized, NoConversation, TooFast, QueueDown)
SENDING = problems(Unauthorized, CrossSite, NoConversation, NotAllowed, TooFast, QueueDown, body=True)
ACTING = problems(
    Unauthorized, CrossSite, NoConversation, NoMessage, NotAllowed, TooFast, QueueDown, body=True
)
DELETING = problems(Unauthorized, CrossSite, NoConversation, NoMessage, NotAllowed, TooFast, QueueDown)
