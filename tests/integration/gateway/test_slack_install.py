"""Workspaces install the Slack app by themselves: bound to one browser, once, sealed, until they part."""

import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from redis.asyncio import Redis

from contracts.inbox import DUE
from contracts.install import INSTALLS, SlackInstall
from foundation.installs import open_install, seal_install
from tests.fakes.slack_server import SlackServer
from tests.integration.gateway.room import GatewayRoom
from tests.integration.gateway.slack_end import interact
from tests.payloads import payload, post_slack_event, slack_headers
from tests.redis_process import RedisProcess

TOKEN = "xoxb-token-of-seven"
CODE = "code-of-seven"
SECRET = "client-secret-of-ours"
REDIRECT = "https://bots.example/slack/oauth_redirect"


@pytest.fixture(scope="module")
def slack() -> Iterator[SlackServer]:
    server = SlackServer()
    server.oauth_clients = {"12.34": SECRET}
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def room_process(
    slack: SlackServer, redis_process: RedisProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GatewayRoom]:
    """A gateway whose only Slack workspaces are those that install the app."""
    settings = {
        "SLACK_API_URL": slack.api_url,
        "SLACK_BOT_TOKEN": "",
        "SLACK_CLIENT_ID": "12.34",
        "SLACK_CLIENT_SECRET": SECRET,
        "PUBLIC_URL": "https://bots.example/",
    }
    room = GatewayRoom(tmp_path_factory.mktemp("slack_install"), redis_process.url, **settings)
    try:
        room.start()
        yield room
    finally:
        room.close()


@pytest.fixture
def room(room_process: GatewayRoom, redis_client: Redis, slack: SlackServer) -> GatewayRoom:
    """The gateway in front of an empty Redis; team T7 will give one code."""
    slack.reset()
    slack.used_triggers.clear()
    team = {"id": "T7", "name": "Seven"}
    slack.oauth_codes = {CODE: {"access_token": TOKEN, "team": team, "is_enterprise_install": False}}
    return room_process


class Browser:
    """Goes to Slack and comes back, with its own cookie."""

    def __init__(self, room: GatewayRoom) -> None:
        self.room = room
        answer = room.client.get("/slack/install")
        assert answer.status_code == 302
        self.cookie = answer.headers["set-cookie"]
        self.sent_to = urlsplit(answer.headers["location"])
        self.asked = {name: values[0] for name, values in parse_qs(self.sent_to.query).items()}
        room.client.cookies.clear()

    def come_back(self, cookie: str | None = None, **parameters: str) -> httpx.Response:
        """Slack sends it back with a code; parameters and cookie change what it brings."""
        brought = {"state": self.asked["state"], "code": CODE} | parameters
        mark = self.cookie.split(";")[0] if cookie is None else cookie
        return httpx.get(
            f"{self.room.url}/slack/oauth_redirect",
            params=brought,
            headers={"Cookie": mark, "Accept-Language": "zh-TW,zh;q=0.9,en;q=0.8"},
        )


def secret_of(room: GatewayRoom) -> str:
    """The key of the sealed installs."""
    return (room.folder / "secrets" / "install_key").read_text("utf-8").strip()


async def installed(redis: Redis, room: GatewayRoom, team: str = "T7") -> SlackInstall | None:
    """What is kept of the team."""
    sealed = await redis.hget(INSTALLS, team)
    return open_install(sealed, secret_of(room), team) if sealed else None


def from_team(**changes: Any) -> dict[str, Any]:
    return payload("slack-dm") | {"team_id": "T7"} | changes


def test_the_browser_is_sent_to_slack_with_what_the_manifest_asks_for(
    room: GatewayRoom, slack: SlackServer
) -> None:
    browser = Browser(room)
    assert f"{browser.sent_to.scheme}://{browser.sent_to.netloc}" == slack.url
    assert browser.sent_to.path == "/oauth/v2/authorize"
    assert (browser.asked["client_id"], browser.asked["redirect_uri"]) == ("12.34", REDIRECT)
    assert "chat:write" in browser.asked["scope"].split(",")
    for part in ("HttpOnly", "Secure", "SameSite=lax", "Max-Age=600", "Path=/slack"):
        assert part in browser.cookie


async def test_an_install_keeps_the_token_sealed_and_says_so(
    redis_client: Redis, room: GatewayRoom, slack: SlackServer
) -> None:
    done = Browser(room).come_back()
    assert done.status_code == 200
    assert "已安裝" in done.text
    assert "app=A0APP&amp;team=T7" in done.text
    install = await installed(redis_client, room)
    assert install
    assert install.token == TOKEN
    (call,) = slack.called("oauth.v2.access")
    assert call["redirect_uri"] == REDIRECT


async def test_no_token_code_or_secret_lies_in_redis_the_log_or_a_page(
    redis_client: Redis, room: GatewayRoom
) -> None:
    browser = Browser(room)
    shown = browser.come_back().text + browser.come_back().text
    kept = str(await redis_client.hgetall(INSTALLS)) + " ".join(await redis_client.keys("*"))
    for secret in (TOKEN, CODE, SECRET, browser.asked["state"]):
        assert secret not in kept
        assert secret not in room.log
        assert secret not in shown


async def test_an_installed_team_is_heard_and_an_unknown_one_is_not(
    redis_client: Redis, room: GatewayRoom
) -> None:
    post_slack_event(room.url, from_team())
    assert await redis_client.zcard(DUE) == 0
    Browser(room).come_back()
    post_slack_event(room.url, from_team())
    post_slack_event(room.url, from_team(team_id="T8"))
    assert await redis_client.zrange(DUE, 0, -1) == ["slack:T7:D1"]


async def test_a_modal_in_an_installed_team_is_opened_with_its_token(
    room: GatewayRoom, slack: SlackServer
) -> None:
    Browser(room).come_back()
    assert interact(room.url, payload("slack-shortcut") | {"team": {"id": "T7"}}).status_code == 200
    assert [call.token for call in slack.calls if call.method == "views.open"] == [TOKEN]


async def test_a_state_counts_once(redis_client: Redis, room: GatewayRoom, slack: SlackServer) -> None:
    browser = Browser(room)
    assert browser.come_back(code="", error="access_denied").status_code == 400
    again = browser.come_back()
    assert again.status_code == 400
    assert "連結" in again.text
    assert slack.called("oauth.v2.access") == []
    assert await installed(redis_client, room) is None


@pytest.mark.parametrize("cookie", ["", "switchboard_install=another"])
async def test_a_state_counts_in_the_browser_that_it_was_given_to(
    redis_client: Redis, room: GatewayRoom, slack: SlackServer, cookie: str
) -> None:
    assert Browser(room).come_back(cookie=cookie).status_code == 400
    assert slack.called("oauth.v2.access") == []
    assert await installed(redis_client, room) is None


async def test_a_state_that_nobody_was_given_or_another_browsers_is_refused(
    redis_client: Redis, room: GatewayRoom
) -> None:
    browser, other = Browser(room), Browser(room)
    for state in ("", "made-up", other.asked["state"], "\u00fc"):
        assert browser.come_back(state=state).status_code == 400
    assert await installed(redis_client, room) is None


async def test_a_state_is_kept_for_ten_minutes(redis_client: Redis, room: GatewayRoom) -> None:
    Browser(room)
    (key,) = await redis_client.keys("install_state:*")
    assert 590 < await redis_client.ttl(key) <= 600


async def test_who_tells_slack_no_installs_nothing_and_is_shown_no_words_of_the_address(
    redis_client: Redis, room: GatewayRoom
) -> None:
    refused = Browser(room).come_back(code="", error="<script>alert(1)</script>")
    assert refused.status_code == 400
    assert "script" not in refused.text
    assert "default-src 'self'" in refused.headers["content-security-policy"]
    assert await installed(redis_client, room) is None


@pytest.mark.parametrize("trouble", ["a code that is none", "a broken answer", "no connection"])
async def test_an_install_that_slack_does_not_complete_keeps_nothing(
    redis_client: Redis, room: GatewayRoom, slack: SlackServer, trouble: str
) -> None:
    if trouble == "a broken answer":
        slack.fail("oauth.v2.access", status=200, body={"ok": True, "team": None})
    if trouble == "no connection":
        slack.fail("oauth.v2.access", drop=True)
    code = "another" if trouble == "a code that is none" else CODE
    assert Browser(room).come_back(code=code).status_code == 502
    assert await installed(redis_client, room) is None


async def test_an_install_of_a_whole_organization_is_refused_with_a_sentence(
    redis_client: Redis, room: GatewayRoom, slack: SlackServer
) -> None:
    granted = {"ok": True, "access_token": TOKEN, "team": None, "enterprise": {"id": "E1"}}
    slack.fail("oauth.v2.access", status=200, body=granted | {"is_enterprise_install": True})
    refused = Browser(room).come_back()
    assert refused.status_code == 400
    assert "組織" in refused.text
    assert await redis_client.hlen(INSTALLS) == 0


@pytest.mark.parametrize(
    "event",
    [{"type": "app_uninstalled"}, {"type": "tokens_revoked", "tokens": {"bot": ["U0BOT"], "oauth": []}}],
)
async def test_a_team_that_parts_is_forgotten_however_often_it_is_said(
    redis_client: Redis, room: GatewayRoom, event: dict[str, Any]
) -> None:
    Browser(room).come_back()
    parted = from_team(event=event, event_time=int(time.time()))
    for _ in range(2):
        assert post_slack_event(room.url, parted).status_code == 200
    assert await installed(redis_client, room) is None
    post_slack_event(room.url, from_team())
    assert await redis_client.zcard(DUE) == 0


async def test_an_old_parting_that_is_told_again_leaves_a_new_install_alone(
    redis_client: Redis, room: GatewayRoom
) -> None:
    Browser(room).come_back()
    parted = from_team(event={"type": "app_uninstalled"}, event_time=int(time.time()) - 300)
    assert post_slack_event(room.url, parted).status_code == 200
    assert await installed(redis_client, room) is not None


async def test_a_parting_that_another_secret_signs_is_refused(redis_client: Redis, room: GatewayRoom) -> None:
    install = seal_install(SlackInstall(token=TOKEN, at=1), secret_of(room), "T7")
    await redis_client.hset(INSTALLS, "T7", install)
    parted = from_team(event={"type": "app_uninstalled"}, event_time=int(time.time()))
    body = json.dumps(parted).encode()
    headers = slack_headers(body, secret="another")
    answer = room.client.post("/webhooks/slack/events", content=body, headers=headers)
    assert answer.status_code == 401
    assert await installed(redis_client, room) is not None


def test_without_a_client_id_there_is_nothing_to_install(gateway: GatewayRoom) -> None:
    for path in ("/slack/install", "/slack/oauth_redirect?code=a&state=b"):
        answer = gateway.client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "install_off")
