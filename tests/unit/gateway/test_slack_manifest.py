"""The manifest that a person pastes at Slack asks for what the guide explains."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from services.gateway.channels.slack_asked import SHORTCUTS
from services.gateway.slack_install import REDIRECT_PATH

ROOT = Path(__file__).parents[3]


@pytest.fixture
def manifest() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "deploy/slack-manifest.yml").read_text("utf-8")))


def test_every_scope_is_explained(manifest: dict[str, Any]) -> None:
    guide = (ROOT / "docs/slack.md").read_text("utf-8")
    rows = "\n".join(line.split("|")[1] for line in guide.splitlines() if line.startswith("| `"))
    assert [scope for scope in manifest["oauth_config"]["scopes"]["bot"] if f"`{scope}`" not in rows] == []


def test_people_can_write_to_the_bot_and_the_bot_can_hear_them(manifest: dict[str, Any]) -> None:
    home = manifest["features"]["app_home"]
    assert (home["messages_tab_enabled"], home["messages_tab_read_only_enabled"]) == (True, False)
    assert manifest["features"]["bot_user"]["always_online"]


def test_the_bot_hears_what_is_meant_for_it_and_that_it_was_removed(manifest: dict[str, Any]) -> None:
    heard = set(manifest["settings"]["event_subscriptions"]["bot_events"])
    said = {"app_mention", "message.im", "message.channels", "message.groups", "message.mpim"}
    assert heard == said | {"app_home_opened", "app_uninstalled", "tokens_revoked"}


def test_every_event_has_the_scope_without_which_it_does_not_arrive(manifest: dict[str, Any]) -> None:
    scopes = set(manifest["oauth_config"]["scopes"]["bot"])
    needed = {"message.im": "im:history", "message.channels": "channels:history"}
    needed |= {"message.groups": "groups:history", "message.mpim": "mpim:history"}
    needed |= {"app_mention": "app_mentions:read"}
    heard = manifest["settings"]["event_subscriptions"]["bot_events"]
    assert [event for event in heard if event in needed and needed[event] not in scopes] == []


def test_the_shortcuts_and_commands_are_those_that_the_gateway_knows(manifest: dict[str, Any]) -> None:
    shortcuts = manifest["features"]["shortcuts"]
    assert {shortcut["callback_id"] for shortcut in shortcuts} == set(SHORTCUTS)
    assert {shortcut["type"] for shortcut in shortcuts} == {"message"}
    commands = {command["command"] for command in manifest["features"]["slash_commands"]}
    assert commands == {"/switchboard", "/stop", "/new", "/persona"}


def test_a_browser_comes_back_to_where_the_gateway_waits_for_it(manifest: dict[str, Any]) -> None:
    (address,) = manifest["oauth_config"]["redirect_urls"]
    assert address == f"https://YOUR-HOST{REDIRECT_PATH}"
