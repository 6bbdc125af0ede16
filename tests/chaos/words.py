"""What people write, what they must read, and which message a text answers."""

import re

from tests.chaos.history import APOLOGY, STOPPED, Asked

APOLOGIES = ("Sorry, something went wrong with this message", "Something went wrong here")
WORDS = {"stream": 20, "tale": 100}
"""How long the model's stories are, by the kind of what it is asked."""
_BROKEN_OFF = re.compile(r"\s*_?Stopped\._?$")
"""The line behind an answer that was stopped, as it stands on Telegram or in Slack's Markdown."""


def line(mark: str, kind: str) -> str:
    """What a person writes."""
    return f"{mark} {kind}"


def story(mark: str, kind: str) -> list[str]:
    """The pieces that the model says, one after the other: many of a story, one of a line said back."""
    if kind not in WORDS:
        return [line(mark, kind)]
    return [mark, "is", *(f"word{number}" for number in range(WORDS[kind])), "the end."]


def answer_to(mark: str, kind: str) -> str:
    """What a person must read: their line said back, or what the model tells about it."""
    return " ".join(story(mark, kind))


def is_whole(asked: Asked, text: str) -> bool:
    """Whether it is the answer; anything that is said answers a photo."""
    return bool(text) if asked.kind == "photo" else text == answer_to(asked.mark, asked.kind)


def is_beginning(asked: Asked, text: str) -> bool:
    """Whether it is the answer as far as it was written when it was stopped."""
    return answer_to(asked.mark, asked.kind).startswith(_BROKEN_OFF.sub("", text))


def says_stopped(asked: Asked, text: str) -> bool:
    """Whether a line behind it says that it was stopped; on the web the page draws that by itself."""
    return asked.channel == "web" or bool(_BROKEN_OFF.search(text))


def mark_of(text: str) -> str:
    """The mark that a text begins with; another's name where it answers nothing; else nothing."""
    if any(apology in text for apology in APOLOGIES):
        return APOLOGY
    if _BROKEN_OFF.fullmatch(text):
        return STOPPED
    first = text.split()[0] if text.split() else ""
    return first if first.endswith("e") and any(letter.isdigit() for letter in first) else ""


def author_of(mark: str) -> str:
    """Whose message it is."""
    return mark.rpartition("n")[0]
