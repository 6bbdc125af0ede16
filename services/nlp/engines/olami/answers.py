"""What OLAMI's modules answer, as replies: each module keeps what people want to read in another place."""

from collections.abc import Callable, Mapping
from typing import Any

from contracts.reply import Button, Reply
from foundation.words import Language, say
from services.nlp.skills.encyclopedia import plain_text
from services.nlp.skills.feeds import web_address
from services.nlp.skills.markdown import escaped

NOT_UNDERSTOOD = "ds"
"""The module that answers when no other understood."""
_CONTENT = {"baike": "description", "news": "detail", "joke": "content", "cooking": "content"}
"""Modules whose first object says more than their description, and where it says it."""
LONGEST_LIST = 20
LONGEST_TEXT = 6000
LONGEST_TITLE = 120


def reply_of(nli: Mapping[str, Any], language: Language) -> Reply | None:
    """The reply to what OLAMI understood; None where it says nothing. Never raises, whatever is missing."""
    module = str(nli.get("type") or "")
    described = nli.get("desc_obj")
    result = _text(described, "result")
    objects = _objects(nli.get("data_obj"))
    if module == "selection":
        return _selection(_said(described, "type"), result, objects, language)
    if module == NOT_UNDERSTOOD:
        return Reply(text="\n".join(filter(None, (result, say("olami_see_help", language)))))
    first = objects.get(1)
    if module == "kkbox" and (url := web_address(_said(first, "url"))):
        return Reply(text=url)
    content = _text(first, _CONTENT[module]) if module in _CONTENT else ""
    text = content or result
    return Reply(text=text) if text else None


def _selection(kind: str, result: str, objects: Mapping[int, Mapping[str, Any]], language: Language) -> Reply:
    """A list with OLAMI's own numbers: it remembers them, and answers the one that is said next."""
    entry = _ENTRIES.get(kind)
    if entry is None:
        return Reply(text=say("olami_not_understood", language))
    named = {number: entry(found, language) for number, found in objects.items() if number <= LONGEST_LIST}
    titles = {number: plain_text(title, LONGEST_TITLE) for number, title in named.items() if title}
    lines = [f"{number}. {escaped(title)}" for number, title in titles.items()]
    return Reply(
        text="\n\n".join(filter(None, (result, "\n".join(lines)))),
        buttons=tuple(Button(title=str(number), payload=str(number)) for number in titles),
    )


def _poem(found: Mapping[str, Any], language: Language) -> str:
    name, author = _said(found, "poem_name"), _said(found, "author")
    return say("olami_poem", language, name=name, author=author) if author else name


_ENTRIES: dict[str, Callable[[Mapping[str, Any], Language], str]] = {
    "news": lambda found, _: _said(found, "title"),
    "poem": _poem,
    "cooking": lambda found, _: _said(found, "name"),
}


def _objects(found: Any) -> dict[int, Mapping[str, Any]]:
    """By their numbers, from 1; what is none is passed over."""
    items = enumerate(found, 1) if isinstance(found, list) else ()
    return {number: item for number, item in items if isinstance(item, dict)}


def _said(found: Any, key: str) -> str:
    value = found.get(key) if isinstance(found, Mapping) else None
    is_said = isinstance(value, str | int | float) and not isinstance(value, bool)
    return str(value).strip() if is_said else ""


def _text(found: Any, key: str) -> str:
    """What is said there, as text and not as formatting, and within a bound."""
    text = _said(found, key)
    text = text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"
    return "\n".join(map(escaped, text.split("\n")))
