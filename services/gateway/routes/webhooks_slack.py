"""What Slack posts to: events, interactions and slash commands."""

import hmac
import logging
from collections.abc import Collection, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.background import BackgroundTask

from contracts.conversation import Conversation
from contracts.inbox import Arrival
from foundation.words import say
from services.gateway.channels import slack, slack_asked, slack_commands
from services.gateway.channels.slack_asked import Asked, Shortcut
from services.gateway.errors import BadSignature, TooFast
from services.gateway.groups import Groups
from services.gateway.routes.deliveries import WEBHOOK_BYTES, form_of, json_of, parsed, take
from services.gateway.routes.wiring import Gateway, Here
from services.gateway.slack_api import TOO_LATE, SlackRefused
from services.gateway.slack_views import view_of

log = logging.getLogger(__name__)

router = APIRouter(prefix="/webhooks/slack", max_body_size=WEBHOOK_BYTES)


@router.post("/events")
async def slack_events(request: Request, here: Here) -> Response:
    """The Events API, with its one-time handshake."""
    body, signers = await _signed_body(request, here)
    payload = json_of(body)
    if payload.get("type") == "url_verification":
        return JSONResponse({"challenge": payload.get("challenge")})
    if parting := parsed(lambda: slack.parse_parting(payload)):
        await _part(parting, signers, here)
        return Response(status_code=200)
    stop, arrivals = parsed(lambda: _parse_said(payload, here.groups)) or (None, [])
    if stop and await _stops_something(stop, here):
        arrivals = [stop]
    await _take_theirs(arrivals, signers, here)
    return Response(status_code=200)


@router.post("/interactivity")
async def slack_interactivity(request: Request, here: Here) -> Response:
    """Pressed buttons, shortcuts and modals: a form with a JSON field."""
    body, signers = await _signed_body(request, here)
    payload = json_of(form_of(body).get("payload", "").encode())
    if found := parsed(lambda: slack_asked.parse_shortcut(payload)):
        return await _open_modal(found, signers, here)
    if asked := parsed(lambda: slack_asked.parse_confirmation(payload)):
        return await _confirm(asked, signers, here)
    pressed, arrivals = parsed(lambda: _parse_pressed(payload)) or ([], [])
    await _take_theirs(arrivals, signers, here)
    for asked in pressed:
        if await _are_ours(asked.place.team, signers, here):
            return await _obey_button(asked, str(payload.get("response_url") or ""), here)
    return Response(status_code=200)


@router.post("/commands")
async def slack_command(request: Request, here: Here) -> Response:
    """Slash commands: a form."""
    body, signers = await _signed_body(request, here)
    form = form_of(body)
    stop = parsed(lambda: slack_commands.parse_stop_command(form))
    if stop is None:
        groups = here.groups.of("slack", form.get("team_id", ""))
        await _take_theirs(parsed(lambda: slack_commands.parse_command(form, groups)) or [], signers, here)
        return Response(status_code=200)
    if not await _are_ours(stop.team, signers, here):
        return Response(status_code=200)
    running = await here.slack.turns.newest(stop.team, stop.channel, stop.user)
    if running:
        await take(here, [stop.arrival(running)])
    text = say("slack_stopping" if running else "slack_idle", here.slack.language)
    return JSONResponse({"response_type": "ephemeral", "text": text})


def _parse_said(payload: dict[str, Any], groups: Groups) -> tuple[Arrival | None, list[Arrival]]:
    if payload.get("type") != "event_callback":
        return None, []
    modes = groups.of("slack", slack.team_of(payload))
    return slack.parse_stop(payload), slack.parse_event(payload, modes)


def _parse_pressed(payload: dict[str, Any]) -> tuple[list[Asked], list[Arrival]]:
    return slack_asked.parse_pressed(payload), slack.parse_interaction(payload)


async def _open_modal(shortcut: Shortcut, signers: Collection[str], here: Gateway) -> Response:
    """Ask, or say why not, while the trigger lives; one that is over is answered in the channel."""
    end = here.slack
    if not await _are_ours(shortcut.team, signers, here):
        return Response(status_code=200)
    try:
        here.intake.count("slack", shortcut.user)
        verdict = await end.turns.judge(shortcut.asked) if shortcut.asked else "theirs"
        view = view_of(shortcut.asked, verdict, shortcut.act, end.language)
        token = await end.teams.token(shortcut.team)
        await end.api.open_view(token or "", shortcut.trigger_id, view)
    except TooFast:
        log.warning("gateway.person.slowed")
    except SlackRefused as error:
        log.warning("gateway.slack_modal.refused", extra={"code": str(error)})
        key = "slack_expired" if str(error) in TOO_LATE else "failed"
        return _privately(key, shortcut.response_url, here)
    return Response(status_code=200)


async def _confirm(asked: Asked, signers: Collection[str], here: Gateway) -> Response:
    """Obey what the modal confirms, or show in it why not: who submits it is asked about anew."""
    if not await _are_ours(asked.place.team, signers, here):
        return Response(status_code=200)
    verdict = await here.slack.turns.judge(asked)
    if verdict != "theirs":
        view = view_of(asked, verdict, asked.act, here.slack.language)
        return JSONResponse({"response_action": "update", "view": view})
    await take(here, [asked.arrival(await here.slack.turns.answered(asked))])
    return Response(status_code=200)


async def _obey_button(asked: Asked, response_url: str, here: Gateway) -> Response:
    """Obey a stop or delete button. A message so new that nobody has noted it yet can only be stopped."""
    verdict = await here.slack.turns.judge(asked)
    if verdict == "theirs" or (verdict == "not_mine" and asked.act == "stop"):
        await take(here, [asked.arrival(await here.slack.turns.answered(asked))])
        return Response(status_code=200)
    return _privately(f"slack_{verdict}", response_url, here)


def _privately(key: str, response_url: str, here: Gateway) -> Response:
    """An empty answer, and behind it a sentence that only the person sees, where Slack lets us."""

    async def answer() -> None:
        try:
            await here.slack.api.answer_privately(response_url, say(key, here.slack.language))
        except SlackRefused as error:
            log.warning("gateway.slack_answer.refused", extra={"code": str(error)})

    return Response(status_code=200, background=BackgroundTask(answer) if response_url else None)


async def _part(parting: slack.Parting, signers: Collection[str], here: Gateway) -> None:
    if not await _are_ours(parting.team, signers, here):
        return
    if await here.slack.installs.remove(parting.team, parting.at):
        log.info("gateway.slack_install.removed", extra={"team": parting.team})


async def _stops_something(stop: Arrival, here: Gateway) -> bool:
    place, user = Conversation.parse(stop.event.conversation_id), stop.event.user.id
    return await here.slack.turns.is_running(place.account, place.chat, user, stop.event.conversation_id)


async def _take_theirs(arrivals: Sequence[Arrival], signers: Collection[str], here: Gateway) -> None:
    """Accept those of the signers' own workspaces."""
    teams = [Conversation.parse(arrival.event.conversation_id).account for arrival in arrivals]
    kept = [
        arrival for arrival, team in zip(arrivals, teams, strict=True) if await _are_ours(team, signers, here)
    ]
    await take(here, kept)


async def _are_ours(team: str, signers: Collection[str], here: Gateway) -> bool:
    ours = await here.slack.teams.are_ours(team, signers)
    if not ours:
        log.warning("gateway.team.refused", extra={"team": team})
    return ours


async def _signed_body(request: Request, here: Gateway) -> tuple[bytes, Collection[str]]:
    """The raw body, and the accounts that have signed it: one at least."""
    expected = here.settings.slack_url_token.get_secret_value()
    shown = request.query_params.get("token", "")
    if expected and not hmac.compare_digest(shown.encode("utf-8", "replace"), expected.encode()):
        raise BadSignature
    body = await request.body()
    return body, here.slack.teams.signers(body, request.headers)
