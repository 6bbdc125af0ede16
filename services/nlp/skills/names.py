"""Which skills there are: files with a `create`, among ours and in a bot's own folder."""

import re
from pathlib import Path

FOLDER = "skills"
SHIPPED = Path(__file__).parent
"""Where ours are."""
SKILL_PREFIX = "skill_"
"""What turns a skill's name into that of an action."""
LIST, SHOWN, QUESTION = "skill_list", "skill_page", "skill_question"
OF_SKILLS = (LIST, SHOWN, QUESTION)
"""The slots: the open list, the page of it that is shown, from 0, and the argument that a skill has asked
for, answered by the next message or not at all. They end with the session."""
_COMMANDS = ("start", "new", "help", "stop", "delete", "persona")
_INTENTS = ("restart", "back", "session_start", "out_of_scope", "nlu_fallback")
RESERVED = frozenset({*_COMMANDS, *_INTENTS, "list", "page", "question"})
"""Commands and intents that mean something else."""
_NAME = re.compile("[a-z][a-z0-9_]{0,31}")
_CREATE = re.compile(r"^def create\(", re.MULTILINE)


def is_name(name: str) -> bool:
    """Whether a skill may be called so: a command of every platform."""
    return bool(_NAME.fullmatch(name)) and name not in RESERVED


def known(bot: Path) -> list[str]:
    """The skills that a bot of this folder may turn on, its own among them, in alphabetical order."""
    return sorted({*_in(SHIPPED), *_in(bot / FOLDER)})


def is_own(bot: Path, name: str) -> bool:
    """Whether the bot's folder has it; it comes before ours of the same name."""
    return name in _in(bot / FOLDER)


def _in(folder: Path) -> set[str]:
    files = folder.glob("*.py") if folder.is_dir() else ()
    return {f.stem for f in files if is_name(f.stem) and _CREATE.search(f.read_text("utf-8", "replace"))}
