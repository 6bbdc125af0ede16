"""What the platforms post to: authenticate the raw body, parse, accept, answer."""

import hmac
import json
import logging
from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from contracts.account import DEFAULT_ACCOUNT
from contracts.conversation import Conversation
from contracts.inbox import Arrival
from foundation.accounts import Account
from services.gateway.buttons import with_payloads
from services.gateway.channels import slack, telegram
from services.gateway.errors import UNPARSED, BadSignature, TooFast, Unreadable, log_unparsed
from services.gateway.routes.wiring import Gateway, Here

log = logging.getLogger(__name__)

WEBHOOK_BYTES = 1_000_000
router = APIRouter(prefix="/webhooks", max_body_size=WEBHOOK_BYTES)


@router.post("/telegram")
@router.post("/telegram/{account}")
async def telegram_update(request: Request, here: Here, account: str = DEFAULT_ACCOUNT) -> Response:
    """An Update of one bot."""
    entry = here.telegram.get(account)
    telegram.authenticate(request.headers, entry.secret.get_secret_value() if entry else "")
    payload = _json(await request.body())
    username = here.bot_usernames.get(account, "")
    groups = here.groups.of("telegram", account)
    await _take(here, lambda: telegram.parse(payload, account, username, groups))
    return Response(status_code=200)


@router.post("/slack/events")
async def slack_events(request: Request, here: Here) -> Response:
    """The Events API, with its one-time handshake."""
    body, signers = await _signed_body(request, here)
    payload = _json(body)
    if payload.get("type") == "url_verification":
        return JSONResponse({"challenge": payload.get("challenge")})
    await _take(here, lambda: _theirs(slack.parse_event(payload), signers, here))
    return Response(status_code=200)


@router.post("/slack/interactivity")
async def slack_interactivity(request: Request, here: Here) -> Response:
    """Pressed buttons: a form with a JSON field."""
    body, signers = await _signed_body(request, here)
    payload = _json(_form(body).get("payload", "").encode())
    await _take(here, lambda: _theirs(slack.parse_interaction(payload), signers, here))
    return Response(status_code=200)


@router.post("/slack/commands")
async def slack_commands(request: Request, here: Here) -> Response:
    """Slash commands: a form."""
    body, signers = await _signed_body(request, here)
    form = _form(body)
    await _take(here, lambda: _theirs(slack.parse_command(form), signers, here))
    return Response(status_code=200)


async def _take(here: Gateway, parse: Callable[[], list[Arrival]]) -> None:
    """Parse and accept.

    An Update that we cannot parse would come for ever, and one person's flood, refused, would slow
    down the platform's deliveries for everybody: both are answered, and dropped.
    """
    try:
        arrivals = parse()
    except UNPARSED as error:
        log_unparsed(error)
        return
    try:
        await here.intake.take(await with_payloads(arrivals, here.redis))
    except TooFast:
        log.warning("gateway.person.slowed")


async def _signed_body(request: Request, here: Gateway) -> tuple[bytes, Collection[str]]:
    """The raw body, and the accounts that have signed it: one at least."""
    expected = here.settings.slack_url_token.get_secret_value()
    shown = request.query_params.get("token", "")
    if expected and not hmac.compare_digest(shown.encode("utf-8", "replace"), expected.encode()):
        raise BadSignature
    body = await request.body()
    signers = [name for name, account in here.slack.items() if _is_signed(body, request, account)]
    if not signers:
        raise BadSignature
    return body, signers


def _theirs(arrivals: list[Arrival], signers: Collection[str], here: Gateway) -> list[Arrival]:
    """Those of the signers' own workspaces: one app's secret does not speak for another's people."""
    kept = []
    for arrival in arrivals:
        team = Conversation.parse(arrival.event.conversation_id).account
        if (team if team in here.slack else DEFAULT_ACCOUNT) in signers:
            kept.append(arrival)
        else:
            log.warning("gateway.team.refused", extra={"team": team})
    return kept


def _is_signed(body: bytes, request: Request, account: Account) -> bool:
    try:
        slack.authenticate(body, request.headers, account.secret.get_secret_value())
    except BadSignature:
        return False
    return True


def _json(body: bytes) -> dict[str, Any]:
    try:
        payload = json.loads(body)
        # half a surrogate pair is JSON but no text: it becomes a question mark
        payload = json.loads(json.dumps(payload, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        raise Unreadable("not JSON") from None
    if not isinstance(payload, dict):
        raise Unreadable("not a JSON object")
    return payload


def _form(body: bytes) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
