"""A slot's value: what it is kept as, and what policies see of it."""

from typing import Any

from services.nlp.formats.bot import Slot

OTHER = "__other__"
_TRUE = ("true", "1", "yes")
_FALSE = ("false", "0", "no")


def coerced(slot: Slot, value: Any) -> Any:
    """The value as the slot keeps it: a list slot wraps what is none."""
    if slot.kind == "list" and value is not None and not isinstance(value, list):
        return [value]
    return value


def features(slot: Slot, value: Any) -> tuple[float, ...]:
    """What policies see: numbers from 0 to 1; () where the slot is unset or of no influence."""
    if value is None or not slot.influences:
        return ()
    return _FEATURES[slot.kind](slot, value)


def _text(slot: Slot, value: Any) -> tuple[float, ...]:
    return (1.0,)


def _bool(slot: Slot, value: Any) -> tuple[float, ...]:
    text = str(value).lower()
    if text in _TRUE or text in _FALSE:
        return (1.0, float(text in _TRUE))
    try:
        return (1.0, float(bool(float(text))))
    except ValueError:
        return ()


def _categorical(slot: Slot, value: Any) -> tuple[float, ...]:
    names = (*(name for name in slot.values if name != OTHER), OTHER)
    name = str(value).lower()
    return tuple(float(known == (name if name in names else OTHER)) for known in names)


def _float(slot: Slot, value: Any) -> tuple[float, ...]:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return ()
    width = slot.max_value - slot.min_value
    capped = max(slot.min_value, min(slot.max_value, number))
    return (1.0, (capped - slot.min_value) / width if width else 0.0)


def _list(slot: Slot, value: Any) -> tuple[float, ...]:
    return (1.0,) if isinstance(value, list) and value else ()


_FEATURES = {"text": _text, "bool": _bool, "categorical": _categorical, "float": _float, "list": _list}
_FEATURES["any"] = lambda slot, value: ()
