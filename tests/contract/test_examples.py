"""Every example of contracts/README.md is what it says it is."""

import re
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from contracts.control import CONTROL
from contracts.event import EVENT
from contracts.face import Identification
from contracts.turn import TURN_ITEM, TurnRequest
from contracts.web import WEB_ENTRY

PAGE = Path("contracts/README.md").read_text("utf-8")
EXAMPLES = re.findall(r"```json (\w+)\n(.*?)```", PAGE, re.S)
ADAPTERS: dict[str, TypeAdapter] = {
    "Event": EVENT,
    "Control": CONTROL,
    "TurnRequest": TypeAdapter(TurnRequest),
    "TurnItem": TURN_ITEM,
    "Identification": TypeAdapter(Identification),
    "WebEntry": WEB_ENTRY,
}


@pytest.mark.parametrize(("name", "text"), EXAMPLES)
def test_an_example_survives_a_round_trip(name: str, text: str) -> None:
    adapter = ADAPTERS[name]
    value = adapter.validate_json(text)
    assert adapter.validate_json(adapter.dump_json(value)) == value


def test_every_kind_of_message_has_an_example() -> None:
    assert {name for name, _ in EXAMPLES} == set(ADAPTERS)
