"""The calls that the gateway makes to Slack, each a named function; the worker makes all others."""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

import httpx

from foundation.slack_address import is_slacks

MODAL_S = 2.5
"""A trigger lives three seconds, and its way to us has taken some of them."""
EXCHANGE_S = 10
TOO_LATE = {"expired_trigger_id", "timeout"}
"""Refusals that the person's next click gets around."""


class SlackRefused(Exception):
    """Slack said no, or nothing in time; the text is its error code."""


@dataclass(frozen=True)
class Granted:
    """What a workspace grants by installing the app."""

    team: str
    app: str
    token: str = field(repr=False)
    is_enterprise: bool
    """The install is a whole organization's, and not a workspace's."""


class SlackApi:
    """Slack's Web API, as far as a trigger, an install or a private answer need it."""

    def __init__(self, http: httpx.AsyncClient, api_url: str) -> None:
        self._http = http
        self._api_url = api_url

    async def open_view(self, token: str, trigger_id: str, view: dict[str, Any]) -> None:
        """views.open; raises SlackRefused. A trigger that was used already has its modal."""
        bearer = {"Authorization": f"Bearer {token}"}
        content = {"trigger_id": trigger_id, "view": view}
        answer = await self._post("views.open", MODAL_S, headers=bearer, json=content)
        if not answer.get("ok") and answer.get("error") != "exchanged_trigger_id":
            raise SlackRefused(str(answer.get("error", "unreadable")))

    async def exchange(self, client_id: str, client_secret: str, code: str, redirect_url: str) -> Granted:
        """oauth.v2.access: the code that the browser brought, for a token; raises SlackRefused."""
        form = {"code": code, "redirect_uri": redirect_url}
        answer = await self._post("oauth.v2.access", EXCHANGE_S, auth=(client_id, client_secret), data=form)
        if not answer.get("ok"):
            raise SlackRefused(str(answer.get("error", "unreadable")))
        try:
            return Granted(
                team=str((answer.get("team") or {}).get("id", "")),
                app=str(answer.get("app_id", "")),
                token=str(answer["access_token"]),
                is_enterprise=bool(answer.get("is_enterprise_install")),
            )
        except (KeyError, AttributeError):
            raise SlackRefused("unreadable") from None

    async def answer_privately(self, response_url: str, text: str) -> None:
        """A sentence that only the person sees; raises SlackRefused."""
        if not is_slacks(response_url, self._api_url):
            raise SlackRefused("foreign_address")
        content = {"response_type": "ephemeral", "replace_original": False, "text": text}
        await self._post(response_url, MODAL_S, json=content)

    def authorize_url(self, **parameters: str) -> str:
        """Where a browser is sent to install the app."""
        return str(httpx.URL(urljoin(self._api_url, "/oauth/v2/authorize"), params=parameters))

    async def _post(self, method: str, within_s: float, **content: Any) -> dict[str, Any]:
        try:
            async with asyncio.timeout(within_s):  # httpx's own is for each step of the call
                answer = await self._http.post(urljoin(self._api_url, method), timeout=within_s, **content)
            found = answer.json() if answer.content[:1] == b"{" else {"ok": answer.is_success}
        except (httpx.TimeoutException, TimeoutError):
            raise SlackRefused("timeout") from None
        except (httpx.HTTPError, ValueError) as error:
            raise SlackRefused(type(error).__name__) from None
        return dict(found)
