"""A YAML file whose every complaint names file, line and key."""

from pathlib import Path
from typing import Any

from ruamel.yaml.error import MarkedYAMLError, YAMLError

from services.nlp.formats.bounded_yaml import load_yaml
from services.nlp.formats.text_file import near


class Source:
    """One file, and the mistakes that were found in it so far."""

    def __init__(
        self, path: Path, root: Path, mistakes: list[str], warnings: list[str] | None = None
    ) -> None:
        self.name = str(path.relative_to(root) if path.is_relative_to(root) else path.name)
        self.root = root
        self._path = path
        self._mistakes = mistakes
        self._warnings = [] if warnings is None else warnings
        self.content: Any = self._load(path)

    def wrong(self, found: str, allowed: str, parent: Any = None, key: Any = None) -> None:
        """Note a mistake at parent[key]."""
        self.wrong_at(self.line(parent, key), found, allowed, key if isinstance(key, str) else "")

    def wrong_at(self, line: int, found: str, allowed: str, key: str = "") -> None:
        """Note a mistake in a line of its own."""
        place = f" {key}:" if key else ""
        self._mistakes.append(f"{self.name}:{line}:{place} {found}; allowed: {allowed}")

    def warn(self, text: str, parent: Any = None, key: Any = None) -> None:
        """Note what is accepted and yet worth a word."""
        self._warnings.append(f"{self.name}:{self.line(parent, key)}: {text}")

    def lines_of(self, name: str, parent: Any, key: Any) -> list[str]:
        """The lines of a file that this one names, beside it or below the bot's folder."""
        for place in (self._path.parent, self.root):
            if (path := near(self.root, place, name)) and path.is_file():
                text = path.read_text("utf-8", "replace")
                return [line.strip() for line in text.splitlines() if line.strip()]
        self.wrong(f"the file {name!r}, which is not there", "a file of one word a line", parent, key)
        return []

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
            content = load_yaml(path.read_text("utf-8"))
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            self._mistakes.append(f"{self.name}:{line}: {error.problem or 'broken'}; allowed: valid YAML")
            return {}
        except YAMLError:
            self._mistakes.append(
                f"{self.name}:1: an unprintable character, or a tag, number or date that is none; "
                "allowed: valid YAML"
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
    def line(parent: Any, key: Any) -> int:
        """The line of parent[key], counted from 1; 1 where it cannot be told."""
        places = getattr(parent, "lc", None)
        if places is None:
            return 1
        if key is None or not places.data or key not in places.data:
            return int(places.line) + 1
        return int(places.data[key][0]) + 1


def plain(value: Any) -> Any:
    """The value in Python's own types, without what the YAML reader knows of its place."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    kind = next((kind for kind in (bool, int, float, str) if isinstance(value, kind)), None)
    return kind(value) if kind else value


def _kind(value: Any) -> str:
    names = {dict: "mapping", list: "list", str: "text", bool: "truth value", int: "number", float: "number"}
    return next((name for kind, name in names.items() if isinstance(value, kind)), type(value).__name__)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:37]}…"
