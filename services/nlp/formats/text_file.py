"""A text file of Rasa 1 as numbered lines without comments, whose every complaint names file and line."""

import re
from pathlib import Path

_COMMENT = re.compile(r"<!--.*?--!*>", re.DOTALL)
_COMMENT_END = re.compile(r"--!*>")
_END = re.compile(r"\r\n|\r|\n")


def near(root: Path, place: Path, name: str) -> Path | None:
    """What has this name at the place, if it is inside the root's parent; None for all else.

    A bot may share files with its neighbours, and name no others of the machine's.
    """
    try:
        path, whole = place / name, (place / name).resolve()
        return path if whole.is_relative_to(root.resolve().parent) and whole.exists() else None
    except (OSError, ValueError):
        return None


class TextFile:
    """One file, and the mistakes and warnings that were found in it so far."""

    def __init__(self, path: Path, root: Path, mistakes: list[str], warnings: list[str]) -> None:
        self.name = str(path.relative_to(root) if path.is_relative_to(root) else path.name)
        self._places = (path.parent, root)
        self._root = root
        self._mistakes = mistakes
        self._warnings = warnings
        self.text = self._load(path)
        bare = _without_comments(self.text)
        self.lines = list(enumerate(map(str.strip, _END.split(bare)), start=1))
        """Number, counted from 1, and text."""

    def drop_code(self) -> None:
        """Empty the lines between fences, which only show how something is written."""
        is_code = False
        for place, (number, text) in enumerate(self.lines):
            is_fence = text.startswith(("```", "~~~"))
            is_code = is_code != is_fence
            if is_code or is_fence:
                self.lines[place] = (number, "")

    def wrong(self, line: int, key: str, found: str, allowed: str) -> None:
        """Note a mistake."""
        self._mistakes.append(f"{self.name}:{line}: {key}: {found}; allowed: {allowed}")

    def warn(self, line: int, text: str) -> None:
        """Note what Rasa accepts and yet is worth a word."""
        self._warnings.append(f"{self.name}:{line}: {text}")

    def words_of(self, name: str, number: int) -> list[str]:
        """The lines of a file that this one names, beside it or below the bot's folder."""
        for place in self._places:
            try:
                path = near(self._root, place, name)
                content = path.read_bytes() if path and path.is_file() else None
            except (OSError, ValueError):
                content = None
            if content is not None:
                lines = content.decode("utf-8-sig", "replace").splitlines()
                return [word for line in lines if (word := line.strip())]
        self.wrong(number, "lookup", f"the file {name[:40]!r} is nowhere", "a file of one word a line")
        return []

    def _load(self, path: Path) -> str:
        try:
            return path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError:
            self._mistakes.append(f"{self.name}:1: not UTF-8; allowed: text in UTF-8")
        except OSError:
            self._mistakes.append(f"{self.name}:1: cannot be read; allowed: a file that can")
        return ""


def _without_comments(text: str) -> str:
    """The text with as many lines as before; what begins and never ends is no comment."""
    last = max((end.end() for end in _COMMENT_END.finditer(text)), default=0)
    return _COMMENT.sub(lambda comment: "\n" * len(_END.findall(comment[0])), text[:last]) + text[last:]
