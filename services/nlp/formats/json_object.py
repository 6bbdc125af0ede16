"""One JSON object inside a line of text, as the formats before YAML embed them."""

import json
from typing import Any


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse)


def object_at(text: str, start: int) -> tuple[dict[str, Any], int]:
    """The object that begins at text[start], and where it ends; raises ValueError.

    Numbers without end and half characters are refused: they could not be written back.
    """
    try:
        content, end = _DECODER.raw_decode(text, start)
        json.dumps(content, ensure_ascii=False, allow_nan=False).encode()
    except RecursionError:
        raise ValueError("too deep") from None
    if not isinstance(content, dict):
        raise ValueError("no object")
    return content, end


def short(text: str) -> str:
    """The text, cut for a message to the bot's author."""
    return text if len(text) <= 40 else f"{text[:37]}…"
