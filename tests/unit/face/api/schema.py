"""Checks values against the JSON Schema of OpenAPI 3.1, as far as ours uses it."""

import re
from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
_KNOWN = {
    *("$ref", "type", "properties", "required", "items", "anyOf", "enum", "const", "additionalProperties"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "pattern"),
    *("minItems", "maxItems", "prefixItems", "title", "description", "default", "contentMediaType"),
    *("contentEncoding", "format", "examples"),
}


def mistakes(value: Any, schema: dict[str, Any], document: dict[str, Any], place: str = "$") -> list[str]:
    """What of the value is not as the schema says; a keyword that is not known here is a mistake too."""
    if unknown := schema.keys() - _KNOWN:
        return [f"{place}: the schema has {unknown}"]
    if "$ref" in schema:
        *_, kind, name = schema["$ref"].split("/")
        return mistakes(value, document["components"][kind][name], document, place)
    if "anyOf" in schema:
        tried = [mistakes(value, option, document, place) for option in schema["anyOf"]]
        return [] if [] in tried else [f"{place}: fits none of {tried}"]
    found = _simple(value, schema, place)
    if isinstance(value, dict):
        found += _object(value, schema, document, place)
    if isinstance(value, list):
        for number, one in enumerate(value):
            found += mistakes(one, schema.get("items", {}), document, f"{place}[{number}]")
    return found


def _simple(value: Any, schema: dict[str, Any], place: str) -> list[str]:
    kind = schema.get("type")
    if kind and (not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")):
        return [f"{place}: {value!r} is no {kind}"]
    wrong = [
        "enum" in schema and value not in schema["enum"],
        "const" in schema and value != schema["const"],
        "minimum" in schema and value < schema["minimum"],
        "maximum" in schema and value > schema["maximum"],
        "minItems" in schema and len(value) < schema["minItems"],
        "maxItems" in schema and len(value) > schema["maxItems"],
        "minLength" in schema and len(value) < schema["minLength"],
        "maxLength" in schema and len(value) > schema["maxLength"],
        "pattern" in schema and not re.search(schema["pattern"], value),
    ]
    return [f"{place}: {value!r} against {schema}"] if any(wrong) else []


def _object(value: dict[str, Any], schema: dict[str, Any], document: dict[str, Any], place: str) -> list[str]:
    known = schema.get("properties", {})
    found = [f"{place}: without {name}" for name in schema.get("required", ()) if name not in value]
    rest = schema.get("additionalProperties", not known)
    for name, one in value.items():
        if name in known:
            found += mistakes(one, known[name], document, f"{place}.{name}")
        elif isinstance(rest, dict):
            found += mistakes(one, rest, document, f"{place}.{name}")
        elif not rest:
            found.append(f"{place}: {name} is not in the schema")
    return found
