"""What the platforms' deliveries have in common: reading a body, parsing what is in it, accepting."""

import json
import logging
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import parse_qs

from pydantic_core import from_json

from contracts.inbox import Arrival
from services.gateway.buttons import with_payloads
from services.gateway.errors import UNPARSED, TooFast, Unreadable, log_unparsed
from services.gateway.routes.wiring import Gateway

log = logging.getLogger(__name__)

T = TypeVar("T")

WEBHOOK_BYTES = 1_000_000


def parsed(parse: Callable[[], T]) -> T | None:
    """What the parser makes of an Update; None, and one traceback, where it cannot.

    An Update that we cannot parse would come for ever: it is answered, and dropped.
    """
    try:
        return parse()
    except UNPARSED as error:
        log_unparsed(error)
        return None


async def take(here: Gateway, arrivals: Sequence[Arrival]) -> None:
    """Accept them; raises QueueDown.

    One person's flood, refused, would slow down the platform's deliveries for everybody: it is
    answered, and dropped.
    """
    try:
        await here.intake.take(await with_payloads(arrivals, here.redis))
    except TooFast:
        log.warning("gateway.person.slowed")


def json_of(body: bytes) -> dict[str, Any]:
    """The JSON object that the body is; raises Unreadable."""
    try:
        payload = from_json(body)  # refuses what is no text
    except ValueError:
        payload = _odd_json_of(body)
    if not isinstance(payload, dict):
        raise Unreadable("not a JSON object")
    return payload


def _odd_json_of(body: bytes) -> Any:
    """Half a surrogate pair is JSON but no text: it becomes a question mark."""
    try:
        payload = json.dumps(json.loads(body), ensure_ascii=False)
        return json.loads(payload.encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        raise Unreadable("not JSON") from None


def form_of(body: bytes) -> dict[str, str]:
    """The first value of each of the form's fields."""
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
