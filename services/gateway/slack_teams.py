"""Which Slack workspaces are ours: who may sign for them, and with which token they are spoken to."""

from collections.abc import Collection, Mapping

from contracts.account import DEFAULT_ACCOUNT
from foundation.accounts import Account
from services.gateway.channels.slack import authenticate
from services.gateway.errors import BadSignature
from services.gateway.slack_installs import SlackInstalls


class SlackTeams:
    """The accounts of the settings by team id, and the teams that installed the app by themselves.

    The account "default" has the app's signing secret. Where it has a token, too, it stands for every
    team that nothing else names; without one, only for those that installed the app.
    """

    def __init__(self, accounts: Mapping[str, Account], installs: SlackInstalls) -> None:
        self._accounts = accounts
        self._installs = installs

    def signers(self, body: bytes, headers: Mapping[str, str]) -> Collection[str]:
        """The accounts that have signed the body; raises BadSignature where none has."""
        found = [name for name, account in self._accounts.items() if _is_signed(body, headers, account)]
        if not found:
            raise BadSignature
        return found

    async def are_ours(self, team: str, signers: Collection[str]) -> bool:
        """Whether these signers may speak for the team: one app's secret does not for another's people."""
        if team in self._accounts:
            return team in signers
        if DEFAULT_ACCOUNT not in signers:
            return False
        return bool(self._default_token()) or await self._installs.get(team) is not None

    async def token(self, team: str) -> str | None:
        """The bot's token in that workspace; None where there is none."""
        if team in self._accounts:
            return self._accounts[team].token.get_secret_value()
        if install := await self._installs.get(team):
            return install.token
        return self._default_token() or None

    def _default_token(self) -> str:
        default = self._accounts.get(DEFAULT_ACCOUNT)
        return default.token.get_secret_value() if default else ""


def _is_signed(body: bytes, headers: Mapping[str, str], account: Account) -> bool:
    try:
        authenticate(body, headers, account.secret.get_secret_value())
    except BadSignature:
        return False
    return True
