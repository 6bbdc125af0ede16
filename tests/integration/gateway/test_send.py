"""`switchboard send` signs what was recorded, and the gateway takes it."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from redis.asyncio import Redis
from typer.testing import CliRunner

from contracts.event import EVENT
from contracts.inbox import inbox_key
from switchboard.gateway import app
from tests.integration.gateway.room import GatewayRoom
from tests.payloads import (
    FOLDER,
    SLACK_SECRET,
    SLACK_TOKEN,
    TELEGRAM_SECRET,
    TELEGRAM_TOKEN,
)
from tests.redis_process import free_port


@pytest.fixture(autouse=True)
def variables(monkeypatch: pytest.MonkeyPatch, gateway: GatewayRoom) -> pytest.MonkeyPatch:
    """The settings of the gateway that the command finds."""
    monkeypatch.setenv("GATEWAY_PORT", str(gateway.port))
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TELEGRAM_TOKEN)
    monkeypatch.setenv("TELEGRAM_WEBHOOK_SECRET", TELEGRAM_SECRET)
    monkeypatch.setenv("SLACK_BOT_TOKEN", SLACK_TOKEN)
    monkeypatch.setenv("SLACK_SIGNING_SECRET", SLACK_SECRET)
    return monkeypatch


def send(file: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["send", str(file), *options])


@pytest.mark.parametrize(
    ("name", "conversation", "kind"),
    [
        ("telegram-text", "telegram:default:1001", "message_sent"),
        ("slack-dm", "slack:T1:D1", "message_sent"),
        ("slack-button", "slack:T1:D1", "button_pressed"),
        ("slack-command", "slack:T1:D1", "message_sent"),
    ],
)
async def test_each_recorded_shape_comes_into_its_inbox(
    redis_client: Redis, name: str, conversation: str, kind: str
) -> None:
    done = send(FOLDER / f"{name}.json")
    assert done.exit_code == 0, done.output
    assert ": 200, taken" in done.stdout
    (stored,) = await redis_client.lrange(inbox_key(conversation), 0, -1)
    assert EVENT.validate_json(stored).kind == kind


def test_other_secrets_are_refused_with_exit_code_1(variables: pytest.MonkeyPatch) -> None:
    variables.setenv("TELEGRAM_WEBHOOK_SECRET", "another-secret")
    refused = send(FOLDER / "telegram-text.json")
    assert refused.exit_code == 1
    assert ": 401, refused: the secrets" in refused.stdout


def test_a_gateway_that_is_away_is_said() -> None:
    refused = send(FOLDER / "telegram-text.json", "--url", f"http://127.0.0.1:{free_port()}")
    assert refused.exit_code == 1
    assert "does not answer" in refused.output


@pytest.mark.parametrize("content", ["{", "[]", '"update_id"', json.dumps({"type": "view_closed"})])
def test_a_file_that_is_no_delivery_is_said_in_one_line(tmp_path: Path, content: str) -> None:
    file = tmp_path / "odd.json"
    file.write_text(content)
    refused = send(file)
    assert refused.exit_code == 1
    assert refused.output.startswith(str(file))
