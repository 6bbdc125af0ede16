"""Reads `switchboard.yml` and the secrets that it names."""

from collections.abc import Callable
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from contracts.account import AccountEntry, AccountFile, GroupMode
from contracts.conversation import Channel


class Account(BaseModel):
    """An entry of the file with its secrets at hand; empty where the entry names none."""

    model_config = ConfigDict(frozen=True)

    channel: Channel
    name: str
    token: SecretStr = SecretStr("")
    secret: SecretStr = SecretStr("")
    bot: str | None = None
    chats: dict[str, str] = {}
    groups: dict[str, GroupMode] = {}


def load_accounts(path: Path | None, variable: Callable[[str], SecretStr]) -> tuple[Account, ...]:
    """The accounts of the file; none without a file.

    `variable` gives a variable's value (RoomSettings.variable). Raises ValueError with the file,
    the entry and the field where something is wrong.
    """
    if path is None:
        return ()
    entries = _entries(path)
    names = [(entry.channel, entry.name) for entry in entries]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{path}: {name[0]} account {name[1]!r} is there twice")
    return tuple(_account(path, entry, variable) for entry in entries)


def _entries(path: Path) -> tuple[AccountEntry, ...]:
    try:
        return AccountFile.model_validate(yaml.safe_load(path.read_text("utf-8")) or {}).accounts
    except yaml.YAMLError as error:
        raise ValueError(f"{path}: {error}") from None
    except ValidationError as error:
        mistakes = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
        raise ValueError(f"{path}: {'; '.join(mistakes)}") from None


def _account(path: Path, entry: AccountEntry, variable: Callable[[str], SecretStr]) -> Account:
    found = {}
    for field, name in (("token", entry.token), ("secret", entry.secret)):
        if name is None:
            continue
        found[field] = variable(name)
        if not found[field].get_secret_value():
            raise ValueError(f"{path}: account {entry.name!r}: {field}: {name} is not set")
    return Account.model_validate(entry.model_dump(exclude={"token", "secret"}) | found)
