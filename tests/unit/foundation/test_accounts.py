"""`switchboard.yml`: several bots, and mistakes that are named with their file, entry and field."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from foundation.accounts import Account, load_accounts

VARIABLES = {"ONE": "123:TEST", "TWO": "456:TEST", "SECRET": "s"}


def load(tmp_path: Path, *entries: str) -> tuple[Account, ...]:
    file = tmp_path / "switchboard.yml"
    file.write_text("accounts:\n" + "\n".join(f"  - {{{entry}}}" for entry in entries), "utf-8")
    return load_accounts(file, lambda name: SecretStr(VARIABLES.get(name, "")))


def test_without_a_file_there_are_none() -> None:
    assert load_accounts(None, lambda name: SecretStr("")) == ()


def test_an_empty_file_has_none(tmp_path: Path) -> None:
    (tmp_path / "switchboard.yml").touch()
    assert load_accounts(tmp_path / "switchboard.yml", lambda name: SecretStr("")) == ()


def test_tokens_come_from_the_variables_that_are_named(tmp_path: Path) -> None:
    first, second = load(
        tmp_path,
        "channel: telegram, name: a, token: ONE, secret: SECRET, bot: moods",
        "channel: slack, name: T1, token: TWO, chats: {C1: moods}",
    )
    assert first.token.get_secret_value() == "123:TEST"
    assert (first.secret.get_secret_value(), first.bot) == ("s", "moods")
    assert (second.token.get_secret_value(), second.chats) == ("456:TEST", {"C1": "moods"})


def test_no_token_is_in_an_accounts_text(tmp_path: Path) -> None:
    (account,) = load(tmp_path, "channel: telegram, name: a, token: ONE")
    assert "123:TEST" not in repr(account)


def test_a_variable_that_is_not_set_is_named_with_file_entry_and_field(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"switchboard\.yml: account 'a': token: MISSING is not set"):
        load(tmp_path, "channel: telegram, name: a, token: MISSING")


def test_an_account_that_is_there_twice_is_named(tmp_path: Path) -> None:
    twice = "channel: telegram, name: a, token: ONE"
    with pytest.raises(ValueError, match=r"switchboard\.yml: telegram account 'a' is there twice"):
        load(tmp_path, twice, twice)


def test_two_channels_may_use_one_name(tmp_path: Path) -> None:
    found = load(tmp_path, "channel: telegram, name: a, token: ONE", "channel: slack, name: a, token: TWO")
    assert [account.channel for account in found] == ["telegram", "slack"]


@pytest.mark.parametrize(
    ("entry", "place"),
    [
        ("channel: fax, name: a", "accounts.0.channel"),
        ("channel: slack", "accounts.0.name"),
        ('channel: telegram, name: "shop:eu", token: ONE', "accounts.0.name"),
        ("channel: telegram, name: 機器人, token: ONE", "accounts.0.name"),
        ("channel: slack, name: a, tokn: ONE", "accounts.0.tokn"),
    ],
)
def test_a_mistake_is_named_with_file_and_place(tmp_path: Path, entry: str, place: str) -> None:
    with pytest.raises(ValueError, match="accounts") as refused:
        load(tmp_path, entry)
    assert "switchboard.yml" in str(refused.value)
    assert place in str(refused.value)


def test_a_file_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    file = tmp_path / "switchboard.yml"
    file.write_text("accounts: [")
    with pytest.raises(ValueError, match=r"switchboard\.yml"):
        load_accounts(file, lambda name: SecretStr(""))
