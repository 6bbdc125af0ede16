"""Whether arguments fit a JSON Schema: the part of it that tools are described with."""

from collections.abc import Callable, Mapping
from typing import Any


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_KINDS: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": _is_number,
    "integer": lambda value: _is_number(value) and (isinstance(value, int) or value.is_integer()),
}


def misfit(schema: Mapping[str, Any], value: Any, place: str = "arguments") -> str:
    """What of the value does not fit, for the model to read; "" where all does.

    Looks at type, enum, const, properties, required, additionalProperties, items, minimum, maximum,
    minLength, maxLength, minItems and maxItems; other keywords are left to the tool itself.
    """
    kinds = schema.get("type")
    wanted = [kinds] if isinstance(kinds, str) else list(kinds or ())
    if wanted and not any(_KINDS.get(kind, _anything)(value) for kind in wanted):
        return f"{place} must be of type {' or '.join(wanted)}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{place} must be one of {', '.join(map(str, schema['enum']))}"
    if "const" in schema and value != schema["const"]:
        return f"{place} must be {schema['const']}"
    if isinstance(value, dict):
        return _misfit_of_object(schema, value, place)
    if isinstance(value, list):
        return _out_of(schema, "Items", len(value), place) or _misfit_of_items(schema, value, place)
    if isinstance(value, str):
        return _out_of(schema, "Length", len(value), place)
    return _out_of(schema, "imum", value, place) if _is_number(value) else ""


def _misfit_of_object(schema: Mapping[str, Any], value: dict[str, Any], place: str) -> str:
    properties = schema.get("properties") or {}
    if missing := [name for name in schema.get("required") or () if name not in value]:
        return f"{place} lacks {', '.join(missing)}"
    if schema.get("additionalProperties") is False and (more := [n for n in value if n not in properties]):
        return f"{place} has nothing of the name {', '.join(more)}"
    found = (misfit(properties[name], part, name) for name, part in value.items() if name in properties)
    return next(filter(None, found), "")


def _misfit_of_items(schema: Mapping[str, Any], value: list[Any], place: str) -> str:
    items = schema.get("items")
    if not isinstance(items, Mapping):
        return ""
    found = (misfit(items, part, f"{place}[{number}]") for number, part in enumerate(value))
    return next(filter(None, found), "")


def _out_of(schema: Mapping[str, Any], what: str, value: float, place: str) -> str:
    least, most = schema.get(f"min{what}"), schema.get(f"max{what}")
    if least is not None and value < least:
        return f"{place} must be at least {least}"
    return f"{place} must be at most {most}" if most is not None and value > most else ""


def _anything(value: Any) -> bool:
    return True
