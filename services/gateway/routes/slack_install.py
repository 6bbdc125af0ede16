"""Installing the Slack app: off to Slack with a state, and back with a code that is worth a token."""

import asyncio
import logging
import time
from typing import Literal

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from contracts.install import LOOK_EVERY_S, SlackInstall
from services.gateway.errors import InstallOff
from services.gateway.routes.asking import within_rate
from services.gateway.routes.pages import SAFE
from services.gateway.routes.wiring import Gateway, Here
from services.gateway.slack_api import Granted, SlackRefused
from services.gateway.slack_install import COOKIE, REDIRECT_PATH, SCOPES, STATE_S, page, page_language

log = logging.getLogger(__name__)

INSTALL_PATH = "/slack/install"
APP_URL = "https://slack.com/app_redirect"
router = APIRouter(include_in_schema=False, dependencies=[Depends(within_rate)])
"""Who begins an install leaves a state in Redis, and anybody may begin one."""


@router.get(INSTALL_PATH)
async def begin_install(here: Here) -> Response:
    """Off to Slack, with a state that only this browser may bring back."""
    _check_on(here)
    here.intake.check_room()
    state, mark = await here.slack.states.begin()
    where = here.slack.api.authorize_url(
        client_id=here.settings.slack_client_id,
        scope=",".join(SCOPES),
        redirect_uri=_redirect_url(here),
        state=state,
    )
    answer = RedirectResponse(where, 302, headers={"Cache-Control": "no-store"})
    _set_mark(answer, here, mark)
    return answer


@router.get(REDIRECT_PATH)
async def end_install(
    request: Request, here: Here, state: str = "", code: str = "", error: str = ""
) -> Response:
    """Back from Slack: the state is spent, the code exchanged, the token kept."""
    _check_on(here)
    if not await here.slack.states.end(state, request.cookies.get(COOKIE, "")):
        return _page(request, here, "slack_install_stale", 400)
    if error or not code:
        return _page(request, here, "slack_install_denied", 400)
    try:
        granted = await _exchange(code, here)
    except SlackRefused as refused:
        log.warning("gateway.slack_install.refused", extra={"code": str(refused)})
        return _page(request, here, "slack_install_refused", 502)
    if granted.is_enterprise or not granted.team:
        return _page(request, here, "slack_install_enterprise", 400)
    await here.slack.installs.put(granted.team, SlackInstall(token=granted.token, at=int(time.time())))
    log.info("gateway.slack_install.kept", extra={"team": granted.team})
    await asyncio.sleep(LOOK_EVERY_S * 1.5)  # then every worker knows the token: whom we send on is answered
    return _page(request, here, "slack_installed", 200, granted)


async def _exchange(code: str, here: Gateway) -> Granted:
    client_id, secret = here.settings.slack_client_id, here.settings.slack_client_secret.get_secret_value()
    return await here.slack.api.exchange(client_id, secret, code, _redirect_url(here))


def _check_on(here: Gateway) -> None:
    if not here.settings.slack_client_id:
        raise InstallOff


def _redirect_url(here: Gateway) -> str:
    return here.settings.public_url.rstrip("/") + REDIRECT_PATH


def _set_mark(answer: Response, here: Gateway, mark: str, age_s: int = STATE_S) -> None:
    secure = here.settings.public_url.startswith("https://")
    same_site: Literal["lax"] = "lax"  # it has to come along when Slack sends the browser back
    answer.set_cookie(
        COOKIE, mark, max_age=age_s, path="/slack", httponly=True, secure=secure, samesite=same_site
    )


def _page(
    request: Request, here: Gateway, key: str, status: int, granted: Granted | None = None
) -> HTMLResponse:
    link = f"{APP_URL}?app={granted.app}&team={granted.team}" if granted else INSTALL_PATH
    link_key = "slack_install_open" if granted else "slack_install_again"
    language = page_language(request.headers.get("accept-language", ""))
    answer = HTMLResponse(page(key, language, link, link_key), status, SAFE | {"Cache-Control": "no-store"})
    _set_mark(answer, here, "", age_s=0)
    return answer
