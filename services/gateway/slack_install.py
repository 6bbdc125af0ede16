"""Installing the Slack app: what is asked for, the state that binds it to one browser, the page."""

import hashlib
import hmac
import html
import secrets

from redis.asyncio import Redis

from foundation.words import Language, language_of, say

SCOPES = (
    "app_mentions:read",
    "assistant:write",
    "channels:history",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "im:history",
    "im:read",
    "im:write",
    "mpim:history",
    "users:read",
)
"""What the bot may do in a workspace, the same as in deploy/slack-manifest.yml; docs/slack.md says why."""
COOKIE = "switchboard_install"
STATE_S = 600
REDIRECT_PATH = "/slack/oauth_redirect"
PAGE = """<!DOCTYPE html>
<html lang="{language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<link rel="stylesheet" href="/static/base.css">
<h1>{title}</h1>
<p role="status">{text}</p>
<p><a href="{link}">{link_text}</a></p>
</html>
"""


class InstallStates:
    """States that were handed to a browser: each counts once, in that browser, for ten minutes."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def begin(self) -> tuple[str, str]:
        """A state for the address, and the mark that the browser keeps as a cookie."""
        state, mark = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        await self._redis.set(_key(state), _digest(mark), ex=STATE_S)
        return state, mark

    async def end(self, state: str, mark: str) -> bool:
        """Whether the state was handed to the browser with this mark; from now on it counts no more."""
        kept = await self._redis.getdel(_key(state))
        return kept is not None and hmac.compare_digest(str(kept), _digest(mark))


def page(key: str, language: Language, link: str, link_key: str) -> str:
    """A page that says one sentence and leads on; the keys are those of foundation/words."""
    return PAGE.format(
        language=language,
        title=html.escape(say("slack_install_title", language)),
        text=html.escape(say(key, language)),
        link=html.escape(link),
        link_text=html.escape(say(link_key, language)),
    )


def page_language(accepted: str) -> Language:
    """The language that a browser's Accept-Language header names first."""
    return language_of(accepted.split(",")[0].split(";")[0].strip())


def _key(state: str) -> str:
    return f"install_state:{_digest(state)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
