"""What OLAMI's modules answer, as replies: each module keeps what people want to read in another place."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from contracts.reply import Button, Reply
from foundation.words import Language, say

NOT_UNDERSTOOD = "ds"
"""The module that answers when no other understood."""
_CONTENT = {"baike": "description", "news": "detail", "joke": "content", "cooking": "content", "kkbox": "url"}
"""Modules whose first object says more than their description, and where it says it."""
LONGEST_LIST = 20


def reply_of(nli: Mapping[str, Any], language: Language) -> Reply | None:
    """The reply to what OLAMI understood; None where it says nothing. Never raises, whatever is missing."""
    module = str(nli.get("type") or "")
    described = nli.get("desc_obj")
    result = _text(described, "result")
    objects = _objects(nli.get("data_obj"))
    if module == "selection":
        return _selection(_text(described, "type"), result, objects, language)
    if module == NOT_UNDERSTOOD:
        return Reply(text="\n".join(filter(None, (result, say("olami_see_help", language)))))
    content = _text(objects[0], _CONTENT[module]) if module in _CONTENT and objects else ""
    text = content or result
    return Reply(text=text) if text else None


def _selection(kind: str, result: str, objects: Sequence[Mapping[str, Any]], language: Language) -> Reply:
    """A numbered list; OLAMI remembers it, so the number that is said next is answered by it."""
    entry = _ENTRIES.get(kind)
    if entry is None:
        return Reply(text=say("olami_not_understood", language))
    titles = [title for found in objects[:LONGEST_LIST] if (title := entry(found, language))]
    lines = [f"{number}. {title}" for number, title in enumerate(titles, 1)]
    numbers = map(str, range(1, len(titles) + 1))
    return Reply(
        text="\n\n".join(filter(None, (result, "\n".join(lines)))),
        buttons=tuple(Button(title=number, payload=number) for number in numbers),
    )


def _poem(found: Mapping[str, Any], language: Language) -> str:
    name, author = _text(found, "poem_name"), _text(found, "author")
    return say("olami_poem", language, name=name, author=author) if author else name


_ENTRIES: dict[str, Callable[[Mapping[str, Any], Language], str]] = {
    "news": lambda found, _: _text(found, "title"),
    "poem": _poem,
    "cooking": lambda found, _: _text(found, "name"),
}


def _objects(found: Any) -> list[Mapping[str, Any]]:
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _text(found: Any, key: str) -> str:
    value = found.get(key) if isinstance(found, Mapping) else None
    return str(value).strip() if isinstance(value, str | int | float) else ""
