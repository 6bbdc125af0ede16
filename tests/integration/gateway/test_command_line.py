"""`switchboard token`, `webhook`, `send` and the gateway's part of `doctor`, against fake platforms."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from redis.asyncio import Redis
from typer.testing import CliRunner

from services.gateway.owner import Owners
from services.gateway.settings import GatewaySettings
from switchboard.check import Check
from switchboard.gateway import app, checks
from tests.fakes.slack_server import SCOPES, SlackServer
from tests.fakes.telegram_server import TelegramServer
from tests.payloads import SLACK_SECRET, SLACK_TOKEN, TELEGRAM_SECRET, TELEGRAM_TOKEN
from tests.redis_process import RedisProcess, free_port


@pytest.fixture(scope="module")
def telegram_process() -> Iterator[TelegramServer]:
    server = TelegramServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def slack_process() -> Iterator[SlackServer]:
    server = SlackServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def telegram(telegram_process: TelegramServer) -> TelegramServer:
    """A bot without a webhook or commands."""
    telegram_process.reset()
    telegram_process.webhook, telegram_process.commands = {}, {}
    return telegram_process


@pytest.fixture
def slack(slack_process: SlackServer) -> SlackServer:
    """A workspace that gives every scope."""
    slack_process.reset()
    slack_process.scopes = SCOPES
    return slack_process


@pytest.fixture(autouse=True)
def variables(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    redis_process: RedisProcess,
    telegram: TelegramServer,
    slack: SlackServer,
) -> pytest.MonkeyPatch:
    """Every channel is on, and delivers to an https address."""
    for name, value in {
        "SECRETS_DIR": str(tmp_path / "secrets"),
        "REDIS_URL": redis_process.url,
        "PUBLIC_URL": "https://bots.example",
        "TELEGRAM_API_URL": telegram.url,
        "TELEGRAM_BOT_TOKEN": TELEGRAM_TOKEN,
        "TELEGRAM_WEBHOOK_SECRET": TELEGRAM_SECRET,
        "SLACK_API_URL": slack.api_url,
        "SLACK_BOT_TOKEN": SLACK_TOKEN,
        "SLACK_SIGNING_SECRET": SLACK_SECRET,
        "ADMIN_TOKEN": "admin-for-tests",
    }.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


async def check(name: str) -> Check:
    """The doctor's finding of this name."""
    (found,) = [found for found in await checks() if found.name == name]
    return found


def test_a_token_is_one_that_the_gateway_knows() -> None:
    printed = run("token", "reports")
    assert printed.exit_code == 0
    assert Owners(GatewaySettings().cookie_key()).person(printed.stdout.strip()) == "t-reports"


def test_the_webhook_is_set_with_its_secret_and_every_kind_of_update(telegram: TelegramServer) -> None:
    done = run("webhook", "telegram", "set")
    assert done.exit_code == 0, done.output
    assert telegram.webhook["url"] == "https://bots.example/webhooks/telegram"
    assert telegram.webhook["secret_token"] == TELEGRAM_SECRET
    kinds = {"message", "callback_query", "stopped_message_generation"}
    assert set(telegram.webhook["allowed_updates"]) == kinds
    assert 1 <= int(telegram.webhook["max_connections"]) <= 100
    assert "https://t.me/test_bot" in done.stdout


def test_commands_are_named_in_each_language(telegram: TelegramServer) -> None:
    run("webhook", "telegram", "set")
    assert set(telegram.commands) == {"", "en", "zh"}
    for commands in telegram.commands.values():
        names = [command["command"] for command in commands]
        assert names == ["start", "help", "new", "stop", "delete", "persona"]
    assert telegram.commands["zh"][3]["description"] == "停止回答"
    assert telegram.commands["en"] == telegram.commands[""]


def test_skills_are_offered_as_commands(telegram: TelegramServer) -> None:
    run("webhook", "telegram", "set", "--skill", "weather", "--skill", "joke")
    added = {code: [c["description"] for c in listed[-2:]] for code, listed in telegram.commands.items()}
    assert added["zh"] == ["查天氣", "講個笑話"]
    assert added["en"] == added[""] == ["the weather", "a joke"]
    assert run("webhook", "telegram", "set", "--skill", "wether").exit_code == 1


def test_an_account_of_the_file_has_a_path_of_its_own(
    telegram: TelegramServer, variables: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "switchboard.yml"
    entry = "{channel: telegram, name: second, token: SECOND_TOKEN, secret: SECOND_SECRET}"
    file.write_text(f"accounts: [{entry}]")
    telegram.tokens.add("456:TEST")
    variables.setenv("SWITCHBOARD_CONFIG", str(file))
    variables.setenv("SECOND_TOKEN", "456:TEST")
    variables.setenv("SECOND_SECRET", "another-secret")
    assert run("webhook", "telegram", "set", "--account", "second").exit_code == 0
    assert telegram.webhook["url"] == "https://bots.example/webhooks/telegram/second"
    assert telegram.webhook["secret_token"] == "another-secret"


def test_an_unknown_account_is_told_which_there_are() -> None:
    refused = run("webhook", "telegram", "set", "--account", "third")
    assert refused.exit_code == 1
    assert "'third'" in refused.output
    assert "default" in refused.output


@pytest.mark.parametrize("address", ["", "http://bots.example"])
def test_without_an_https_address_nothing_is_set(
    variables: pytest.MonkeyPatch, telegram: TelegramServer, address: str
) -> None:
    variables.setenv("PUBLIC_URL", address)
    refused = run("webhook", "telegram", "set")
    assert refused.exit_code == 1
    assert "PUBLIC_URL" in refused.output
    assert not telegram.calls


def test_without_a_token_the_setting_is_named(variables: pytest.MonkeyPatch) -> None:
    variables.setenv("TELEGRAM_BOT_TOKEN", "")
    variables.setenv("TELEGRAM_WEBHOOK_SECRET", "")
    refused = run("webhook", "telegram", "show")
    assert refused.exit_code == 1
    assert "TELEGRAM_BOT_TOKEN" in refused.output


def test_settings_that_are_half_there_are_said_in_one_line(variables: pytest.MonkeyPatch) -> None:
    variables.setenv("TELEGRAM_BOT_TOKEN", "")
    refused = run("webhook", "telegram", "show")
    assert refused.exit_code == 1
    assert "TELEGRAM_BOT_TOKEN is missing" in refused.output
    assert "Traceback" not in refused.output


def test_a_token_that_telegram_refuses_is_said_and_not_shown(variables: pytest.MonkeyPatch) -> None:
    variables.setenv("TELEGRAM_BOT_TOKEN", "999:TEST")
    refused = run("webhook", "telegram", "show")
    assert refused.exit_code == 1
    assert "Telegram refused" in refused.output
    assert "999:TEST" not in refused.output


def test_a_deleted_webhook_is_shown_as_none(telegram: TelegramServer) -> None:
    run("webhook", "telegram", "set")
    assert "https://bots.example/webhooks/telegram" in run("webhook", "telegram", "show").stdout
    assert run("webhook", "telegram", "delete").exit_code == 0
    assert telegram.webhook == {}
    assert "none" in run("webhook", "telegram", "show").stdout


def test_the_commands_are_part_of_switchboard() -> None:
    command = [sys.executable, "-m", "switchboard", "webhook", "telegram", "show"]
    shown = subprocess.run(command, env=dict(os.environ), capture_output=True, text=True, timeout=60)
    assert shown.returncode == 0, shown.stderr
    assert "address  none" in shown.stdout


async def test_the_doctor_finds_everything_well_after_the_webhook_is_set(
    telegram: TelegramServer,
) -> None:
    telegram.webhook = {"url": "https://bots.example/webhooks/telegram"}
    assert {found.name: found.state for found in await checks()} == {
        "Redis": "ok",
        "PUBLIC_URL": "ok",
        "admin pages": "ok",
        "Telegram default": "ok",
        "Slack default": "ok",
    }


@pytest.mark.parametrize(
    "address", ["", "https://other.example/webhooks/telegram", "https://bots.example/webhooks/telegram/old"]
)
async def test_the_doctor_finds_a_webhook_that_is_elsewhere(telegram: TelegramServer, address: str) -> None:
    telegram.webhook = {"url": address}
    found = await check("Telegram default")
    assert (found.state, found.remedy) == ("failed", "switchboard webhook telegram set")


async def test_the_doctor_passes_on_telegrams_last_error(telegram: TelegramServer) -> None:
    said = {"url": "https://bots.example/webhooks/telegram", "last_error_message": "Connection refused"}
    answer = {"ok": True, "result": said | {"has_custom_certificate": False, "pending_update_count": 3}}
    telegram.fail("getWebhookInfo", status=200, body=answer)
    found = await check("Telegram default")
    assert (found.state, found.detail) == ("failed", "Connection refused")


async def test_the_doctor_names_the_scopes_that_slack_has_not_given(slack: SlackServer) -> None:
    slack.scopes = "chat:write,im:history,im:read,im:write,app_mentions:read"
    found = await check("Slack default")
    assert found.state == "failed"
    assert "commands, files:read" in found.detail


async def test_the_doctor_finds_a_slack_token_that_is_refused(variables: pytest.MonkeyPatch) -> None:
    variables.setenv("SLACK_BOT_TOKEN", "xoxb-other")
    found = await check("Slack default")
    assert found.state == "failed"
    assert "SLACK_BOT_TOKEN" in found.remedy


async def test_the_doctor_finds_a_redis_that_is_away(variables: pytest.MonkeyPatch) -> None:
    variables.setenv("REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    found = await check("Redis")
    assert found.state == "failed"
    assert "REDIS_URL" in found.remedy


async def test_the_doctor_finds_a_redis_that_may_forget(redis_client: Redis) -> None:
    await redis_client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        found = await check("Redis")
    finally:
        await redis_client.config_set("maxmemory-policy", "noeviction")
    assert (found.state, found.detail) == ("failed", "maxmemory-policy allkeys-lru")


async def test_what_is_not_configured_is_off_and_says_which_setting_turns_it_on(
    variables: pytest.MonkeyPatch,
) -> None:
    for name in ("TELEGRAM_BOT_TOKEN", "TELEGRAM_WEBHOOK_SECRET", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"):
        variables.setenv(name, "")
    variables.setenv("ADMIN_TOKEN", "")
    variables.setenv("PUBLIC_URL", "")
    off = {found.name: found.remedy for found in await checks() if found.state == "off"}
    assert set(off) == {"Telegram", "Slack", "admin pages", "PUBLIC_URL"}
    assert "TELEGRAM_BOT_TOKEN" in off["Telegram"]
    assert "ADMIN_TOKEN" in off["admin pages"]
