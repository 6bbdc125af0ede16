"""Asks a room everything that its OpenAPI allows, and much that it does not."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode, Response
from schemathesis.checks import CheckContext
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

Operation = APIOperation[Any, Any, Any, Any]
Prepare = Callable[[Case], Mapping[str, str]]
"""Gives the headers of a call, and may set what no generator finds, such as a conversation's id."""
DECLARABLE = {501, 503, 504}
"""What no fault of a room's own makes: not offered, away, too slow. It has to be declared."""


def is_no_fault_of_the_room(_: CheckContext, response: Response, case: Case) -> None:
    """No 5xx but one that the operation declares."""
    declared = {int(status) for status in case.operation.definition.raw["responses"] if status.isdigit()}
    assert response.status_code < 500 or response.status_code in DECLARABLE & declared, response.text


CHECKS = [is_no_fault_of_the_room, content_type_conformance, response_schema_conformance]


def fuzz(base_url: str, examples: int, prepare: Prepare, once: Collection[str] = ()) -> set[str]:
    """Ask every operation so often with right, and so often with wrong values; gives their labels.

    The same questions each time; `once`: labels of operations that take long.
    Raises schemathesis' FailureGroup, which says how to ask again.
    """
    asked: set[str] = set()
    with requests.Session() as http:
        http.trust_env = False
        document = http.get(f"{base_url}/openapi.json", timeout=10).json()
        for found in schemathesis.openapi.from_dict(document).get_all_operations():
            operation = found.ok()
            times = 1 if operation.label in once else examples
            for mode in GenerationMode:
                _ask(operation, mode, times, _asking(http, base_url, prepare))
            asked.add(operation.label)
    return asked


def _ask(operation: Operation, mode: GenerationMode, examples: int, ask: Callable[[Case], None]) -> None:
    test = settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )(given(operation.as_strategy(mode))(ask))
    try:
        test()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE, operation.label  # nothing can be wrong: it takes nothing


def _asking(http: requests.Session, base_url: str, prepare: Prepare) -> Callable[[Case], None]:
    def ask(case: Case) -> None:
        headers = dict(prepare(case))
        case.call_and_validate(base_url, http, headers, checks=CHECKS, timeout=30)

    return ask
