"""JSON whose objects know where in the text they begin."""

import json
import re
from typing import Any

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\r\n]*")


class Placed(dict[str, Any]):
    """A JSON object, and where in the text it begins."""

    start = 0


def read_placed(text: str) -> Any:
    """The value, its objects being Placed; raises ValueError (JSONDecodeError knows its line)."""
    try:
        json.loads(text)
        return _value(text, _skip(text, 0))[0]
    except RecursionError:
        raise ValueError("too deep") from None


def _value(text: str, start: int) -> tuple[Any, int]:
    # the text has been read once already: it is known to be well-formed
    if text[start] == "{":
        return _object(text, start)
    if text[start] == "[":
        return _array(text, start)
    return _DECODER.raw_decode(text, start)


def _object(text: str, start: int) -> tuple[Placed, int]:
    found = Placed()
    found.start = start
    place = _skip(text, start + 1)
    while text[place] != "}":
        name, place = _DECODER.raw_decode(text, place)
        found[name], place = _value(text, _skip(text, _skip(text, place) + 1))
        place = _next(text, place)
    return found, place + 1


def _array(text: str, start: int) -> tuple[list[Any], int]:
    found = []
    place = _skip(text, start + 1)
    while text[place] != "]":
        item, place = _value(text, place)
        found.append(item)
        place = _next(text, place)
    return found, place + 1


def _next(text: str, place: int) -> int:
    """Behind the comma, or at the closing bracket."""
    place = _skip(text, place)
    return _skip(text, place + 1) if text[place] == "," else place


def _skip(text: str, place: int) -> int:
    space = _SPACE.match(text, place)
    return space.end() if space else place
