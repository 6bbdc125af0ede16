"""Whether arguments fit the JSON Schema of a tool."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.nlp.engines.llm.tools.schema import misfit

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "minLength": 1, "maxLength": 9},
        "days": {"type": "integer", "minimum": 1, "maximum": 7},
        "unit": {"enum": ["C", "F"]},
        "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 2},
        "note": {"type": ["string", "null"]},
        "share": {"type": "number"},
        "kind": {"const": "city"},
        "more": {"type": "object", "properties": {"deep": {"type": "boolean"}}, "required": ["deep"]},
    },
    "required": ["city"],
    "additionalProperties": False,
}
NAMES = st.sampled_from(list(SCHEMA["properties"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner),
    max_leaves=8,
)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"days": 7, "unit": "C", "tags": ["a", "b"], "note": None, "kind": "city"},
        {"days": 2.0, "share": 1, "note": "x", "more": {"deep": True, "other": 1}},
    ],
)
def test_what_fits_is_let_through(more: dict[str, Any]) -> None:
    assert misfit(SCHEMA, {"city": "Taipei", **more}) == ""


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ({}, "arguments lacks city"),
        ({"city": ""}, "city must be at least 1"),
        ({"city": "x" * 10}, "city must be at most 9"),
        ({"city": 1}, "city must be of type string"),
        ({"city": "x", "days": 0}, "days must be at least 1"),
        ({"city": "x", "days": 8}, "days must be at most 7"),
        ({"city": "x", "days": 1.5}, "days must be of type integer"),
        ({"city": "x", "days": True}, "days must be of type integer"),
        ({"city": "x", "unit": "K"}, "unit must be one of C, F"),
        ({"city": "x", "tags": ["a", 1]}, "tags[1] must be of type string"),
        ({"city": "x", "tags": ["a", "b", "c"]}, "tags must be at most 2"),
        ({"city": "x", "note": 1}, "note must be of type string or null"),
        ({"city": "x", "share": float("inf"), "kind": "town"}, "kind must be city"),
        ({"city": "x", "more": {}}, "more lacks deep"),
        ({"city": "x", "more": {"deep": 1}}, "deep must be of type boolean"),
        ({"city": "x", "moon": 1}, "arguments has nothing of the name moon"),
    ],
)
def test_what_does_not_fit_is_named(args: dict[str, Any], told: str) -> None:
    assert misfit(SCHEMA, args) == told


@given(JSON)
def test_no_json_makes_it_raise(value: Any) -> None:
    assert isinstance(misfit(SCHEMA, value), str)


def test_keywords_that_it_does_not_know_are_left_to_the_tool() -> None:
    assert misfit({"type": "object", "oneOf": [], "properties": {"a": {"format": "date"}}}, {"a": 1}) == ""
