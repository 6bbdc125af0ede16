"""Settings that are half there say what is missing, and every channel says whether it is on."""

from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from foundation.accounts import load_accounts
from services.gateway.accounts import slack_accounts, telegram_accounts
from services.gateway.settings import GatewaySettings, channel_lines
from services.gateway.slack_install import SCOPES

TELEGRAM = {"TELEGRAM_BOT_TOKEN": "123:TEST", "TELEGRAM_WEBHOOK_SECRET": "s"}
SLACK = {"SLACK_BOT_TOKEN": "xoxb-test", "SLACK_SIGNING_SECRET": "s"}


@pytest.fixture(autouse=True)
def variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """No channel is configured."""
    for name in (*TELEGRAM, *SLACK, *INSTALL, "TELEGRAM_MODE", "ADMIN_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SECRETS_DIR", str(tmp_path / "secrets"))
    return monkeypatch


@pytest.mark.parametrize("present", sorted({**TELEGRAM, **SLACK}))
def test_half_a_channel_says_what_is_there_and_what_is_missing(
    variables: pytest.MonkeyPatch, present: str
) -> None:
    (pair,) = [pair for pair in (TELEGRAM, SLACK) if present in pair]
    (missing,) = set(pair) - {present}
    variables.setenv(present, pair[present])
    with pytest.raises(ValidationError, match=f"{present} is set, {missing} is missing"):
        GatewaySettings()


INSTALL = {
    "SLACK_CLIENT_ID": "12.34",
    "SLACK_CLIENT_SECRET": "c",
    "SLACK_SIGNING_SECRET": "s",
    "PUBLIC_URL": "https://bots.example",
}


@pytest.mark.parametrize("missing", sorted(INSTALL))
def test_half_an_install_says_what_is_missing(variables: pytest.MonkeyPatch, missing: str) -> None:
    for name in INSTALL.keys() - {missing}:
        variables.setenv(name, INSTALL[name])
    with pytest.raises(ValidationError, match=f"{missing} is missing"):
        GatewaySettings()


def test_an_app_that_workspaces_install_needs_no_token_of_its_own(variables: pytest.MonkeyPatch) -> None:
    for name, value in INSTALL.items():
        variables.setenv(name, value)
    settings = GatewaySettings()
    (line,) = [line for line in channel_lines(settings) if line.startswith("slack")]
    assert line == "slack     on, to be installed at https://bots.example/slack/install"
    assert not slack_accounts(settings, ())["default"].token


def test_a_refusal_shows_no_secret(variables: pytest.MonkeyPatch) -> None:
    variables.setenv("SLACK_BOT_TOKEN", "xoxb-not-to-be-seen")
    with pytest.raises(ValidationError) as refused:
        GatewaySettings()
    assert "not-to-be-seen" not in str(refused.value)


def test_polling_needs_no_webhook_secret(variables: pytest.MonkeyPatch) -> None:
    variables.setenv("TELEGRAM_BOT_TOKEN", "123:TEST")
    variables.setenv("TELEGRAM_MODE", "polling")
    assert "telegram  on (polling)" in channel_lines(GatewaySettings())


def test_a_channel_that_is_off_names_the_settings_that_turn_it_on() -> None:
    lines = "\n".join(channel_lines(GatewaySettings()))
    for name in ("TELEGRAM_BOT_TOKEN", *SLACK, "ADMIN_TOKEN"):
        assert name in lines
    assert "web       on" in lines


def test_every_channel_that_is_configured_is_on(variables: pytest.MonkeyPatch) -> None:
    for name, value in {**TELEGRAM, **SLACK, "ADMIN_TOKEN": "a"}.items():
        variables.setenv(name, value)
    assert not any("off" in line for line in channel_lines(GatewaySettings()))


def list_accounts(variables: pytest.MonkeyPatch, folder: Path, *entries: str) -> GatewaySettings:
    """Settings with a switchboard.yml of these entries."""
    file = folder / "switchboard.yml"
    file.write_text("accounts:\n" + "\n".join(f"  - {{{entry}}}" for entry in entries), "utf-8")
    variables.setenv("SWITCHBOARD_CONFIG", str(file))
    variables.setenv("ONE_TOKEN", "456:TEST")
    variables.setenv("ONE_SECRET", "s")
    return GatewaySettings()


def telegrams(settings: GatewaySettings) -> list[str]:
    """The names of Telegram's bots."""
    listed = load_accounts(settings.switchboard_config, settings.variable)
    return list(telegram_accounts(settings, listed))


def test_a_channel_that_only_the_list_configures_is_on(variables: pytest.MonkeyPatch, tmp_path: Path) -> None:
    entry = "channel: telegram, name: one, token: ONE_TOKEN, secret: ONE_SECRET"
    settings = list_accounts(variables, tmp_path, entry)
    assert telegrams(settings) == ["one"]
    assert "telegram  on (webhook)" in channel_lines(settings)


@pytest.mark.parametrize(
    ("entry", "missing"),
    [
        ("channel: telegram, name: one, token: ONE_TOKEN", "'one' names no secret"),
        ("channel: telegram, name: one, secret: ONE_SECRET", "'one' names no token"),
        ("channel: telegram, name: default, token: ONE_TOKEN, secret: ONE_SECRET", "single variables"),
    ],
)
def test_an_entry_that_is_half_there_or_there_twice_is_refused(
    variables: pytest.MonkeyPatch, tmp_path: Path, entry: str, missing: str
) -> None:
    for name, value in TELEGRAM.items():
        variables.setenv(name, value)
    with pytest.raises(ValueError, match=missing):
        telegrams(list_accounts(variables, tmp_path, entry))


def test_an_entry_without_tokens_only_says_which_bot_answers(
    variables: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = list_accounts(variables, tmp_path, "channel: telegram, name: default, bot: demo")
    assert telegrams(settings) == []
    assert "telegram  off: TELEGRAM_BOT_TOKEN" in channel_lines(settings)


def test_the_cookie_key_is_made_once() -> None:
    assert GatewaySettings().cookie_key() == GatewaySettings().cookie_key()


def test_the_doctor_wants_exactly_the_scopes_of_the_manifest() -> None:
    manifest = Path(__file__).parents[3] / "deploy" / "slack-manifest.yml"
    scopes = yaml.safe_load(manifest.read_text("utf-8"))["oauth_config"]["scopes"]["bot"]
    assert sorted(SCOPES) == sorted(scopes)
