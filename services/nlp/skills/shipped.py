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
from services.nlp.nlu.script import in_script
from services.nlp.skills.base import Answer, Asked, Choice, SkillProblem
from services.nlp.skills.meant import asks_which, is_theme, plain, subject, terms

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
        self._whole = {text.id: plain("\n".join(_strings(text.parts))) for text in self._texts}
        self._titles = {
            text.id: {plain(text.title), plain(str(text.parts.get("title", text.title)))}
            for text in self._texts
        }

    def get(self, number: Any) -> Text | None:
        """The text of this id."""
        return next((text for text in self._texts if text.id == number), None)

    def found(self, words: str, language: Language) -> Sequence[Text]:
        """The texts that the words are about, best first: by title, then by anything in them.

        Without a subject, all in the language of the words, else the person's.
        """
        about, own = subject(words), "zh" if _HAN.search(words) else language.partition("-")[0]
        if about and not is_theme(about) and (named := self._named(plain(words), about)):
            return named
        wanted = terms(about)
        found = [text for text in self._texts if all(term.search(self._whole[text.id]) for term in wanted)]
        return [text for text in found if text.language == own] or found

    def _named(self, said: str, about: str) -> list[Text]:
        """By title, else by a run of characters that stands in them."""
        ways: tuple[Callable[[Text], bool], ...] = (
            lambda text: said in self._titles[text.id],
            lambda text: about in self._titles[text.id],
            lambda text: any(about in title for title in self._titles[text.id]),
            lambda text: about in self._whole[text.id],
        )
        found = ([text for text in self._texts if is_it(text)] for is_it in ways)
        return next(filter(None, found), [])


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
    is_any = not subject(words) and not asks_which(words)
    if is_any or len(found) == 1:
        return whole(random.choice(found), asked.language)
    titles = [in_language(text.title, asked.language) for text in found]
    choices = tuple(Choice(title, {"number": text.id}) for title, text in zip(titles, found, strict=True))
    return Answer(Reply(text=say(f"{name}_which", asked.language)), {"found": titles}, choices)


def in_language(text: str, language: Language) -> str:
    """Chinese in the person's characters; English stays as it is."""
    return text if language == "en" else in_script(text, "hans" if language == "zh-Hans" else "hant")


def _strings(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _strings(inner)
