"""Every settings class of the project, found by looking, so that no list can go stale."""

import importlib
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic_settings import BaseSettings

from deploy.settings import ROOT, RunSettings
from foundation.settings import RoomSettings


def room_class(room: str) -> type[BaseSettings]:
    """The one settings class that a room defines."""
    module = importlib.import_module(f"services.{room}.settings")
    (found,) = (
        item
        for item in vars(module).values()
        if isinstance(item, type) and issubclass(item, RoomSettings) and item.__module__ == module.__name__
    )
    return found


def variables(settings: type[BaseSettings]) -> dict[str, Any]:
    """Variable -> default; empty for a secret or None."""
    found = {}
    for name, field in settings.model_fields.items():
        alias = field.validation_alias
        default = field.get_default(call_default_factory=True, validated_data={})
        empty = default is None or isinstance(default, SecretStr)
        found[(alias if isinstance(alias, str) else name).upper()] = "" if empty else default
    return found


def room_variables(room: str) -> dict[str, Any]:
    """Variable -> default, for a room."""
    return variables(room_class(room))


def all_variables() -> dict[str, list[Any]]:
    """Variable -> the defaults that it has, for every room and for `make run`."""
    found: dict[str, list[Any]] = {}
    rooms = [room_class(path.parent.name) for path in sorted((ROOT / "services").glob("*/settings.py"))]
    for settings in (*rooms, RunSettings):
        for name, default in variables(settings).items():
            found.setdefault(name, []).append(default)
    return found


def written(default: Any) -> str:
    """A default as one writes it into `.env`."""
    if isinstance(default, tuple | list):
        return "[" + ", ".join(map(str, default)) + "]"
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, Path):
        return default.as_posix()
    return str(default)
