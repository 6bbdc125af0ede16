"""The skill that knows poems, all in the public domain and shipped with the bot."""

from typing import Any

from contracts.reply import Reply
from foundation.words import Language, say
from services.nlp.skills.base import Answer, Asked
from services.nlp.skills.kit import Kit
from services.nlp.skills.markdown import escaped
from services.nlp.skills.shipped import Shipped, Text, found_or_listed, in_language

PARAMETERS = {
    "type": "object",
    "properties": {
        "poem": {"type": "string", "description": "A title, a poet or a word of it; any poem if empty"},
        "number": {"type": "integer", "description": "Chosen from a list"},
    },
}


class Poem:
    """Finds poems by title, poet, or words."""

    name = "poem"
    description = "Recites a Chinese or English poem in the public domain, by title, poet or a word of it."
    parameters = PARAMETERS
    hosts = ()
    reads_sentences = True

    def __init__(self, poems: Shipped) -> None:
        self._poems = poems

    async def run(self, asked: Asked) -> Answer:
        """The poem, or those to choose from; any one where none is named."""
        return found_or_listed(self._poems, asked, "poem", _whole)


def create(kit: Kit) -> Poem:
    """The skill, with the poems of its data folder."""
    return Poem(Shipped(kit.data / "poems.json", lambda row: f"{row['title']} · {row['author']}"))


def _whole(poem: Text, language: Language) -> Answer:
    title, author, text = (in_language(poem.parts[key], language) for key in ("title", "author", "text"))
    lines = "  \n".join(escaped(line) for line in text.split("\n"))
    told = f"**{escaped(title)}**\n{escaped(author)}\n\n{lines}\n\n{say('poem_source', language)}"
    facts: dict[str, Any] = {"title": title, "author": author, "text": text}
    return Answer(Reply(text=told), facts)
