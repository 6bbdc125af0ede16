"""Which bots and workspaces there are: the one of `.env`, and those of `switchboard.yml`."""

from collections.abc import Collection, Mapping, Sequence

from pydantic import SecretStr

from contracts.account import DEFAULT_ACCOUNT
from foundation.accounts import Account
from services.gateway.settings import GatewaySettings


def telegram_accounts(settings: GatewaySettings, listed: tuple[Account, ...]) -> Mapping[str, Account]:
    """Telegram's bots by name; raises ValueError where one is half configured."""
    own = _own("telegram", settings.telegram_bot_token, settings.telegram_webhook_secret)
    needs = ("token", "secret") if settings.telegram_mode == "webhook" else ("token",)
    return _by_name([account for account in (*own, *listed) if account.channel == "telegram"], needs)


def slack_accounts(settings: GatewaySettings, listed: tuple[Account, ...]) -> Mapping[str, Account]:
    """Slack's workspaces by team; raises ValueError where one is half there.

    "default" is every other team; without a token, those that installed the app by themselves.
    """
    own = _own("slack", settings.slack_bot_token, settings.slack_signing_secret)
    needs = ("token", "secret")
    found = _by_name([account for account in (*own, *listed) if account.channel == "slack"], needs)
    if not settings.slack_client_id or DEFAULT_ACCOUNT in found:
        return found
    app = Account(channel="slack", name=DEFAULT_ACCOUNT, secret=settings.slack_signing_secret)
    return {**found, DEFAULT_ACCOUNT: app}


def _by_name(accounts: Sequence[Account], needs: Collection[str]) -> Mapping[str, Account]:
    found: dict[str, Account] = {}
    for account in accounts:
        if not account.token and not account.secret:
            continue  # it only says which bot answers
        missing = [field for field in needs if not getattr(account, field)]
        if missing:
            raise ValueError(f"{account.channel} account {account.name!r} names no {missing[0]}")
        if account.name in found:
            raise ValueError(f"{account.channel} account {account.name!r} is also set by single variables")
        found[account.name] = account
    return found


def _own(channel: str, token: SecretStr, secret: SecretStr) -> tuple[Account, ...]:
    if not token:
        return ()
    fields = {"channel": channel, "name": DEFAULT_ACCOUNT, "token": token, "secret": secret}
    return (Account.model_validate(fields),)
