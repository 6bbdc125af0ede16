"""Which bots and workspaces there are: the one of `.env`, and those of `switchboard.yml`."""

from collections.abc import Mapping

from pydantic import SecretStr

from contracts.account import DEFAULT_ACCOUNT
from foundation.accounts import Account
from services.gateway.settings import GatewaySettings


def telegram_accounts(settings: GatewaySettings, listed: tuple[Account, ...]) -> Mapping[str, Account]:
    """Telegram's bots by name."""
    own = _own("telegram", settings.telegram_bot_token, settings.telegram_webhook_secret)
    return {account.name: account for account in (*own, *listed) if account.channel == "telegram"}


def slack_accounts(settings: GatewaySettings, listed: tuple[Account, ...]) -> Mapping[str, Account]:
    """Slack's workspaces by team; "default" stands for every other team."""
    own = _own("slack", settings.slack_bot_token, settings.slack_signing_secret)
    return {account.name: account for account in (*own, *listed) if account.channel == "slack"}


def _own(channel: str, token: SecretStr, secret: SecretStr) -> tuple[Account, ...]:
    if not token:
        return ()
    fields = {"channel": channel, "name": DEFAULT_ACCOUNT, "token": token, "secret": secret}
    return (Account.model_validate(fields),)
