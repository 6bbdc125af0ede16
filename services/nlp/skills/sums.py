"""The value of a sum that a person wrote: numbers, brackets, a few functions, and nothing that could run."""

import ast
import math
import operator
from collections.abc import Callable
from typing import Any

from simpleeval import InvalidExpression, SimpleEval

MAX_BITS = 12_000
"""A whole number of more bits (3,600 digits) is not calculated."""
MAX_CHARS = 200
MAX_PLACES = 4000
"""Nothing is rounded to more places, before the point or behind it."""
DIGITS = 12
"""As many digits of a fraction are shown: floating point is exact to about 15."""

Number = int | float


class NoSum(Exception):
    """The text is no sum; the message says what of it, for logs of ours alone."""


class DividedByZero(NoSum):
    """There is no such number."""


class TooLarge(NoSum):
    """The value has more digits than anybody would read."""


def value_of(expression: str) -> Number:
    """The value of an expression in Python's arithmetic. Raises NoSum, DividedByZero or TooLarge."""
    if len(expression) > MAX_CHARS:
        raise TooLarge
    try:
        _check(expression)
        value = SimpleEval(operators=_OPERATORS, functions=_FUNCTIONS, names=_NAMES).eval(expression)
    except ZeroDivisionError:
        raise DividedByZero from None
    except OverflowError:
        raise TooLarge from None
    except (InvalidExpression, SyntaxError, ValueError, TypeError, RecursionError, MemoryError) as error:
        raise NoSum(type(error).__name__) from None
    return _checked(value)


def shown(value: Number) -> str:
    """The value as people write it: whole numbers exactly, others to 12 digits."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**DIGITS:
        value = int(value)
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.{DIGITS}g}"


def _check(expression: str) -> None:
    """Only numbers: a text could be multiplied, and formatted, to any length."""
    for node in ast.walk(ast.parse(expression, mode="eval")):
        known = isinstance(node, _NODES)
        if not known or (isinstance(node, ast.Constant) and type(node.value) not in (int, float)):
            raise NoSum(type(node).__name__)


def _checked(value: Any) -> Number:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NoSum("not a number")
    if isinstance(value, float) and not math.isfinite(value):
        raise TooLarge
    return value


def _power(base: Number, exponent: Number) -> Number:
    whole = isinstance(base, int) and isinstance(exponent, int)
    if whole and int(base).bit_length() * abs(exponent) > MAX_BITS:
        raise TooLarge
    result = base**exponent
    if isinstance(result, complex):
        raise ValueError("no real number")
    return result


def _product(one: Number, other: Number) -> Number:
    if isinstance(one, int) and isinstance(other, int) and one.bit_length() + other.bit_length() > MAX_BITS:
        raise TooLarge
    return one * other


def _rounded(number: Number, places: int = 0) -> Number:
    if abs(places) > MAX_PLACES:  # Python works out ten to the power of them
        raise TooLarge
    return round(number, places) if places else round(number)


def _factorial(number: Number) -> int:
    if number > 1000:
        raise TooLarge
    return math.factorial(int(number)) if number == int(number) else math.factorial(-1)


_OPERATORS: dict[type[ast.AST], Callable[..., Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: _product,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: _power,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_NODES = (
    *(ast.Expression, ast.BinOp, ast.UnaryOp, ast.Call, ast.Name, ast.Load, ast.Constant),
    *_OPERATORS,
)
_FUNCTIONS: dict[str, Callable[..., Number]] = {
    **{name: getattr(math, name) for name in ("sqrt", "exp", "sin", "cos", "tan", "asin", "acos", "atan")},
    **{name: getattr(math, name) for name in ("floor", "ceil", "log10", "log2", "degrees", "radians", "gcd")},
    "ln": math.log,
    "log": math.log10,
    "abs": abs,
    "round": _rounded,
    "min": min,
    "max": max,
    "factorial": _factorial,
}
_NAMES = {"pi": math.pi, "e": math.e}
