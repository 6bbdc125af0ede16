"""Buttons that ask something of an answer."""

import pytest

from contracts.reply import Act, act, act_of


@pytest.mark.parametrize("name", ["regenerate", "continue"])
def test_what_a_button_asks_of_which_answer_is_read_from_its_payload(name: Act) -> None:
    assert act_of(act(name, "slack:T1:C1:1790000000.000100")) == (name, "slack:T1:C1:1790000000.000100")


@pytest.mark.parametrize(
    "payload",
    ["", "/", "yes", "/affirm", '/regenerate{"a": "b:c"}', "/regenerate:", "regenerate:x", "/stop:x"],
)
def test_what_a_bot_puts_into_its_buttons_is_no_act(payload: str) -> None:
    assert act_of(payload) is None


def test_an_act_on_telegram_fits_into_its_callback_data() -> None:
    longest = f"telegram:{'a' * 30}:{2**31 - 1}"
    assert len(act("regenerate", longest).encode()) <= 64
