"""`rasa_sdk.utils`: the few of its functions that bots use."""

import inspect
from typing import Any


class Element(dict[str, Any]):
    """A card of a carousel: only what a card may have is kept."""

    _KEYS = ("title", "item_url", "image_url", "subtitle", "buttons")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{key: value for key, value in kwargs.items() if key in self._KEYS})


class Button(dict[str, Any]):
    """A choice below a message."""


def all_subclasses(cls: Any) -> list[Any]:
    """Every class below this one: its children, then theirs."""
    children: list[Any] = cls.__subclasses__()
    return children + [below for child in children for below in all_subclasses(child)]


async def call_potential_coroutine(value: Any) -> Any:
    """The value itself, or what it is once it has been awaited."""
    return await value if inspect.isawaitable(value) else value


def is_coroutine_action(action: Any) -> bool:
    """Whether a function is async."""
    return inspect.iscoroutinefunction(action)
