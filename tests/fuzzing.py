"""What tests of parsers feed them: JSON of any shape, and recorded payloads of which a part is another."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.payloads import FOLDER

T = TypeVar("T", bound=Callable[..., None])
Path = tuple[str | int, ...]

ODD = [
    "",
    "/start",
    "@bot",
    "C1",
    "1.1",
    "-1",
    ":",
    "\x00",
    "👍\u200d",
    "\u202e",
    "a" * 5000,
    10**30,
    -1,
    1e308,
]
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(ODD)
JSON = st.recursive(
    LEAVES,
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=8), part, max_size=3),
    max_leaves=6,
)


def fuzzed(test: T, examples: int = 100) -> T:
    """The same hundred examples each time: quick, and a failure is the code's alone."""
    rule = settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    return rule(test)


@st.composite
def mutated(draw: st.DrawFn, prefix: str) -> dict[str, Any]:
    """A recorded payload with a few values left out, or of another kind."""
    payload = draw(st.sampled_from(recorded(prefix)))
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(payload))
        if not places:
            break
        payload = _changed(payload, draw(st.sampled_from(places)), draw(st.none() | JSON.map(_Given)))
    return dict(payload)


def recorded(prefix: str) -> Sequence[dict[str, Any]]:
    """What the platform has posted."""
    return [json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob(f"{prefix}*.json"))]


class _Given:
    def __init__(self, value: Any) -> None:
        self.value = value


def _places(value: Any, before: Path = ()) -> Iterator[Path]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in items:
        yield (*before, key)
        yield from _places(part, (*before, key))


def _changed(value: Any, place: Path, given: _Given | None) -> Any:
    key, *rest = place
    copy = dict(value) if isinstance(value, dict) else list(value)
    if rest:
        copy[key] = _changed(copy[key], tuple(rest), given)
    elif given:
        copy[key] = given.value
    else:
        del copy[key]
    return copy
