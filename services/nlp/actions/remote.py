"""Actions that run on an action server of the bot's own: Rasa's wire protocol, from the engine's side."""

import logging
from typing import Any

import httpx

from services.nlp.actions.answer import answer
from services.nlp.actions.base import ActionCall, ActionFailed, ActionRejected, ActionResult, ActionRunner
from services.nlp.actions.endpoint import Address, Answer, EndpointFailed, post

log = logging.getLogger(__name__)
RASA_VERSION = "3.6.21"
"""Whose protocol this is; an action server compares it with its own."""


class RemoteActions(ActionRunner):
    """One action server. The client is kept alive by whoever made it."""

    def __init__(self, http: httpx.AsyncClient, address: Address) -> None:
        self._http = http
        self._address = address

    def has(self, action: str) -> bool:
        """True: only the server knows, and it is asked when the action is run."""
        return True

    async def run(self, call: ActionCall) -> ActionResult:
        """Let the server run it. Raises ActionRejected or ActionFailed."""
        try:
            answered = await post(self._http, self._address, _body(call))
            return _result(call.action, answered)
        except EndpointFailed as error:
            failed = ActionFailed(f"{call.action}: the action server {error}")
        except ActionFailed as error:
            failed = error
        log.warning("nlp.action.failed", extra={"action": call.action, "reason": str(failed)})
        raise failed


def _body(call: ActionCall) -> dict[str, Any]:
    return {
        "next_action": call.action,
        "sender_id": call.sender_id,
        "tracker": {"sender_id": call.sender_id, **call.tracker},
        "domain": call.domain,
        "version": RASA_VERSION,
    }


def _result(action: str, answered: Answer) -> ActionResult:
    body = answered.json()
    if answered.status == 400 and isinstance(body, dict) and "action_name" in body:
        raise ActionRejected(f"{action} will not run now")
    if answered.status == 404:
        raise ActionFailed(f"{action} is unknown to the action server")
    if answered.status != 200:
        raise ActionFailed(f"{action}: the action server answered {answered.status}")
    if not isinstance(body, dict):
        raise ActionFailed(f"{action}: the action server answered with something else than a JSON object")
    return answer(action, body.get("events"), body.get("responses"))
