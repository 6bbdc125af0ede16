"""When each group is answered, as `switchboard.yml` says."""

from collections.abc import Iterable, Mapping

from contracts.account import DEFAULT_ACCOUNT, GroupMode
from contracts.conversation import Channel
from foundation.accounts import Account


class Groups:
    """The modes of all accounts' groups; an account that names none follows its channel's "default"."""

    def __init__(self, accounts: Iterable[Account] = ()) -> None:
        self._modes = {(account.channel, account.name): account.groups for account in accounts}

    def of(self, channel: Channel, account: str) -> Mapping[str, GroupMode]:
        """Group id -> mode; empty where nothing is said."""
        own = self._modes.get((channel, account))
        return own or self._modes.get((channel, DEFAULT_ACCOUNT), {})
