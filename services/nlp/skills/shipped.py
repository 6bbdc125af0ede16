"""Texts that come with the bot, searched by what a person says: poems, recipes, jokes."""

import json
import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts.reply import Reply
from foundation.words import Language, say
from services.nlp.nlu.script import in_script, simplified
from services.nlp.skills.base import Answer, Asked, Choice, SkillProblem

_FILLERS = re.compile(
    r"古诗|唐诗|关于|来首|背|教我做菜|我想|我要|想要|想|请|给我|告诉我|念|读|讲|来|找|有没有|有什么|怎么做|怎么煮|做法|食谱|一首|一个|一道|的|诗|詩|笑话|呢|吗|[?？!。]"
    r"|\b(?:please|a|an|the|of|by|for|me|give|tell|read|show|find|poems?|recipes?|how|to|make|cook"
    r"|recite|hear|know|something|some|about|with|would|like|can|what|do|you|i)\b",
    re.IGNORECASE,
)
_HAN = re.compile("[\u3400-\u9fff]")


@dataclass(frozen=True)
class Text:
    """One of them."""

    id: int
    title: str
    language: str
    """zh or en."""
    parts: dict[str, Any]
    """As its file has it."""


class Shipped:
    """All texts of one file."""

    def __init__(self, file: Path, title: Callable[[dict[str, Any]], str]) -> None:
        """A list of objects with a `language`; `title` is what a person is shown of one."""
        rows: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))
        self._texts = [Text(number, title(row), row["language"], row) for number, row in enumerate(rows)]
        self._words = {text.id: [_plain(word) for word in _strings(text.parts)] for text in self._texts}

    def get(self, number: Any) -> Text | None:
        """The text of this id."""
        return next((text for text in self._texts if text.id == number), None)

    def found(self, words: str, language: Language) -> Sequence[Text]:
        """The texts that the words are about, best first: by title, then by anything in them.

        Without words, all in the person's language.
        """
        wanted = _plain(_FILLERS.sub(" ", simplified(words)))
        if not wanted:
            return [text for text in self._texts if text.language == _short(language, words)]
        exact = [text for text in self._texts if _plain(text.title) == wanted]
        titled = [text for text in self._texts if wanted in _plain(text.title)]
        inside = [text for text in self._texts if any(wanted in word for word in self._words[text.id])]
        return list({text.id: text for text in (exact or titled or inside)}.values())


def found_or_listed(
    texts: Shipped, asked: Asked, name: str, whole: Callable[[Text, Language], Answer]
) -> Answer:
    """The text that was chosen, or the only one found, else those to choose from; any where none is named.

    The argument is called as the skill. Raises SkillProblem where there is no such text.
    """
    if chosen := texts.get(asked.args.get("number")):
        return whole(chosen, asked.language)
    words = asked.text(name)
    found = texts.found(words, asked.language)
    if not found:
        raise SkillProblem(f"{name}_unknown")
    if not words or len(found) == 1:
        return whole(random.choice(found), asked.language)
    titles = [in_language(text.title, asked.language) for text in found]
    choices = tuple(Choice(title, {"number": text.id}) for title, text in zip(titles, found, strict=True))
    return Answer(Reply(text=say(f"{name}_which", asked.language)), {"found": titles}, choices)


def in_language(text: str, language: Language) -> str:
    """Chinese in the person's characters; English stays as it is."""
    return text if language == "en" else in_script(text, "hans" if language == "zh-Hans" else "hant")


def _short(language: Language, words: str) -> str:
    return "zh" if _HAN.search(words) else language.partition("-")[0]


def _plain(text: str) -> str:
    return " ".join(simplified(text).lower().split())


def _strings(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _strings(inner)
