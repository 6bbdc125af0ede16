"""The gateway's settings: the only place where it reads the environment."""

import secrets
from typing import Literal

from pydantic import SecretStr, model_validator

from foundation.accounts import load_accounts
from foundation.settings import RoomSettings, generated_secret, secret


class GatewaySettings(RoomSettings):
    """Where it listens, what it may trust, and which channels are on."""

    gateway_host: str = "127.0.0.1"
    gateway_port: int = 8000
    redis_url: str = "redis://127.0.0.1:6379/0"
    face_url: str = "http://127.0.0.1:8002"
    public_url: str = ""
    """The address under which the world reaches us, https://…"""
    admin_token: SecretStr = secret()

    telegram_bot_token: SecretStr = secret()
    telegram_webhook_secret: SecretStr = secret()
    telegram_api_url: str = "https://api.telegram.org"
    telegram_mode: Literal["webhook", "polling"] = "webhook"
    slack_bot_token: SecretStr = secret()
    slack_signing_secret: SecretStr = secret()
    slack_url_token: SecretStr = secret()
    """Besides the signature: what Slack's request URLs must carry as ?token=."""
    slack_api_url: str = "https://slack.com/api/"
    slack_client_id: str = ""
    """With the secret: other workspaces may install the app by themselves, at /slack/install."""
    slack_client_secret: SecretStr = secret()
    admins: str = ""
    """As the worker's: who may stop and delete what others asked for. On Slack they are asked first."""
    slack_locale: str = "en"
    """The language of modals and of answers to commands on Slack: en, zh-TW, zh-CN."""

    face_gallery: str = "default"
    gateway_for: str = ""
    """Whom the bots answer (foundation/allowing.py says how they are named); empty: everybody."""
    gateway_person_rate: int = 60
    """Messages that one person may send a minute, over all channels."""
    gateway_address_rate: int = 600
    """Requests for the page, its API, or with a wrong signature, of one address a minute; 0: any number."""
    gateway_proxies: str = "127.0.0.1"
    """Proxies in front of us, whose X-Forwarded-For says who asks: addresses and networks, or *."""
    gateway_wake_s: float = 3
    """When the sweep may wake a conversation whose wake was lost."""

    @model_validator(mode="after")
    def _channels_are_whole(self) -> "GatewaySettings":
        needs_secret = self.telegram_mode == "webhook"
        if self.telegram_bot_token and needs_secret and not self.telegram_webhook_secret:
            raise ValueError(
                "TELEGRAM_BOT_TOKEN is set, TELEGRAM_WEBHOOK_SECRET is missing "
                "(any 1-256 of A-Z a-z 0-9 _ -), or say TELEGRAM_MODE=polling"
            )
        if self.telegram_webhook_secret and not self.telegram_bot_token:
            raise ValueError("TELEGRAM_WEBHOOK_SECRET is set, TELEGRAM_BOT_TOKEN is missing")
        if self.slack_bot_token and not self.slack_signing_secret:
            raise ValueError("SLACK_BOT_TOKEN is set, SLACK_SIGNING_SECRET is missing")
        installs = self.slack_client_id or self.slack_client_secret
        if self.slack_signing_secret and not (self.slack_bot_token or installs):
            raise ValueError("SLACK_SIGNING_SECRET is set, SLACK_BOT_TOKEN is missing")
        return self

    @model_validator(mode="after")
    def _installs_are_whole(self) -> "GatewaySettings":
        needed = {
            "SLACK_CLIENT_ID": self.slack_client_id,
            "SLACK_CLIENT_SECRET": self.slack_client_secret,
            "SLACK_SIGNING_SECRET": self.slack_signing_secret,
            "PUBLIC_URL": self.public_url,
        }
        missing = [name for name, value in needed.items() if not value]
        if (self.slack_client_id or self.slack_client_secret) and missing:
            raise ValueError(f"Slack's install needs {' and '.join(needed)}; {missing[0]} is missing")
        return self

    def cookie_key(self) -> str:
        """What identities and tokens are signed with; generated once."""
        return generated_secret(self.secrets_dir, "cookie_key", lambda: secrets.token_hex(32))


def channel_lines(settings: GatewaySettings) -> list[str]:
    """One line for each channel: on, or off and which setting turns it on."""
    accounts = load_accounts(settings.switchboard_config, settings.variable)
    listed = {account.channel for account in accounts if account.token}
    has_telegram = settings.telegram_bot_token or "telegram" in listed
    has_slack = settings.slack_bot_token or "slack" in listed
    telegram = f"on ({settings.telegram_mode})" if has_telegram else "off: TELEGRAM_BOT_TOKEN"
    slack = "on" if has_slack else "off: SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET"
    if settings.slack_client_id:
        slack = f"on, to be installed at {settings.public_url.rstrip('/')}/slack/install"
    admin = "on, at /admin" if settings.admin_token else "off: ADMIN_TOKEN"
    return ["web       on", f"telegram  {telegram}", f"slack     {slack}", f"admin     {admin}"]
