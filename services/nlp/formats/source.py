"""A YAML file whose every complaint names file, line and key."""

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError


class Source:
    """One file, and the mistakes that were found in it so far."""

    def __init__(self, path: Path, root: Path, mistakes: list[str]) -> None:
        self.name = str(path.relative_to(root))
        self._mistakes = mistakes
        self.content: Any = self._load(path)

    def wrong(self, found: str, allowed: str, parent: Any = None, key: Any = None) -> None:
        """Note a mistake at parent[key]."""
        place = f" {key}:" if isinstance(key, str) else ""
        self._mistakes.append(f"{self.name}:{self._line(parent, key)}:{place} {found}; allowed: {allowed}")

    def mapping(self, value: Any, parent: Any, key: Any) -> dict[str, Any]:
        """The value as a mapping; {} and a mistake where it is none. Nothing at all is an empty one."""
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.wrong(f"a {_kind(value)} ({_short(value)})", "a mapping of names to values", parent, key)
            return {}
        return value

    def sequence(self, value: Any, parent: Any, key: Any) -> list[Any]:
        """The value as a list; [] and a mistake where it is none. Nothing at all is an empty one."""
        if value is None:
            return []
        if not isinstance(value, list):
            self.wrong(f"a {_kind(value)} ({_short(value)})", "a list, each item behind a dash", parent, key)
            return []
        return value

    def mappings(self, value: Any, parent: Any, key: Any) -> list[dict[str, Any]]:
        """The value as a list of mappings; items that are none are mistakes and left out."""
        items = self.sequence(value, parent, key)
        return [found for place, item in enumerate(items) if (found := self.mapping(item, items, place))]

    def text(self, value: Any, parent: Any, key: Any) -> str:
        """The value as a text; "" and a mistake where it is a list or a mapping."""
        if isinstance(value, dict | list):
            self.wrong(f"a {_kind(value)} ({_short(value)})", "a text", parent, key)
            return ""
        return "" if value is None else str(value)

    def share(self, value: Any, parent: Any, key: Any) -> float | None:
        """The value as a number from 0 to 1; None and a mistake where it is none."""
        if isinstance(value, int | float) and 0 <= value <= 1:
            return float(value)
        self.wrong(f"a {_kind(value)} ({_short(value)})", "a number from 0 to 1", parent, key)
        return None

    def _load(self, path: Path) -> Any:
        try:
            content = YAML(typ="rt").load(path.read_text("utf-8"))
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            self._mistakes.append(f"{self.name}:{line}: {error.problem or 'broken'}; allowed: valid YAML")
            return {}
        except YAMLError:
            self._mistakes.append(
                f"{self.name}:1: an unprintable character or a broken tag; allowed: valid YAML"
            )
            return {}
        except UnicodeDecodeError:
            self._mistakes.append(f"{self.name}:1: not UTF-8; allowed: text in UTF-8")
            return {}
        if content is not None and not isinstance(content, dict):
            self._mistakes.append(f"{self.name}:1: a {_kind(content)}; allowed: keys such as nlu: or rules:")
            return {}
        return content or {}

    @staticmethod
    def _line(parent: Any, key: Any) -> int:
        places = getattr(parent, "lc", None)
        if places is None:
            return 1
        if key is None or not places.data or key not in places.data:
            return int(places.line) + 1
        return int(places.data[key][0]) + 1


def _kind(value: Any) -> str:
    names = {dict: "mapping", list: "list", str: "text", bool: "truth value", int: "number", float: "number"}
    return next((name for kind, name in names.items() if isinstance(value, kind)), type(value).__name__)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:37]}…"
