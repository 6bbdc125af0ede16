"""Responses that a server of the bot's own words: Rasa's NLG protocol, from the engine's side."""

import copy
import json
import logging
from typing import Any

import httpx

from services.nlp.actions.base import ActionFailed
from services.nlp.actions.endpoint import Address, EndpointFailed, post

log = logging.getLogger(__name__)
_ABSENT: dict[str, Any] = {
    "text": None,
    "buttons": [],
    "image": None,
    "elements": [],
    "attachment": None,
    "custom": {},
}
_KINDS: dict[str, type] = {"text": str, "buttons": list, "image": str, "elements": list, "custom": dict}


class RemoteResponses:
    """One NLG server. The client is kept alive by whoever made it."""

    def __init__(self, http: httpx.AsyncClient, address: Address) -> None:
        self._http = http
        self._address = address

    async def word(
        self,
        response: str,
        tracker: dict[str, Any],
        channel: str,
        arguments: dict[str, Any] | None = None,
        variation_id: str | None = None,
    ) -> dict[str, Any]:
        """A response as the server words it: text, buttons, image, elements, attachment, custom, all there.

        `variation_id` is the `id` that the domain's variation has. Raises ActionFailed.
        """
        body = {
            "response": response,
            "id": variation_id,
            "arguments": arguments or {},
            "tracker": tracker,
            "channel": {"name": channel},
        }
        try:
            answered = await post(self._http, self._address, body)
            if answered.status != 200:
                raise EndpointFailed(f"answered {answered.status}")
            return _parts({} if not answered.body.strip() else answered.json())
        except EndpointFailed as error:
            log.warning("nlp.response.failed", extra={"response": response, "reason": str(error)})
            raise ActionFailed(f"{response}: the NLG server {error}") from None


def _parts(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise EndpointFailed("answered with something else than a JSON object")
    given = {name: body[name] for name in _ABSENT if body.get(name) is not None}
    for name, kind in _KINDS.items():
        if not isinstance(given.get(name, _ABSENT[name]), kind | None):
            raise EndpointFailed(f"answered with a {name} that is a {type(given[name]).__name__}")
    for name in ("buttons", "elements"):
        if not all(isinstance(row, dict) for row in given.get(name, [])):
            raise EndpointFailed(f"answered with {name} that are no list of objects")
    try:
        json.dumps(given, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        raise EndpointFailed("answered with characters or numbers that no channel can carry") from None
    return copy.deepcopy(_ABSENT) | given
