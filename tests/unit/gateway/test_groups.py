"""When groups are answered, as the settings say."""

import pytest
from pydantic import ValidationError

from contracts.account import AccountEntry, GroupMode
from foundation.accounts import Account
from services.gateway.channels.addressing import is_answered, mode_of
from services.gateway.groups import Groups


@pytest.mark.parametrize(
    ("mode", "is_addressed", "answered"),
    [
        ("mention", True, True), ("mention", False, False),
        ("always", True, True), ("always", False, True),
        ("never", True, False), ("never", False, False),
    ],
)  # fmt: skip
def test_a_mode_says_whether_a_message_is_answered(
    mode: GroupMode, is_addressed: bool, answered: bool
) -> None:
    assert is_answered(mode, is_addressed=is_addressed) is answered


def test_a_group_that_nobody_named_is_answered_where_it_mentions_the_bot() -> None:
    assert mode_of({"-1": "never"}, "-2", "7") == "mention"


def test_an_account_has_its_own_groups_and_else_the_default_ones() -> None:
    groups = Groups(
        [
            Account(channel="slack", name="default", groups={"C1": "always"}),
            Account(channel="slack", name="T1", groups={"C1": "never"}),
            Account(channel="telegram", name="second", groups={"-1": "always"}),
        ]
    )
    assert groups.of("slack", "T1") == {"C1": "never"}
    assert groups.of("slack", "T2") == {"C1": "always"}
    assert groups.of("telegram", "default") == {}


def test_a_mode_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValidationError):
        AccountEntry.model_validate({"channel": "telegram", "name": "a", "groups": {"-1": "sometimes"}})
