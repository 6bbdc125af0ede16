"""The manifest that a person pastes at Slack asks for what the guide explains."""

from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[4]


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
    assert manifest["settings"]["event_subscriptions"]["bot_events"] == ["message.im", "app_mention"]
