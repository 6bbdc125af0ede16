"""The skill that tells jokes, shipped with the bot."""

import json
import random

from contracts.reply import Reply
from foundation.words import say
from services.nlp.skills.base import Answer, Asked
from services.nlp.skills.kit import Kit
from services.nlp.skills.markdown import escaped
from services.nlp.skills.meant import plain, subject, terms
from services.nlp.skills.shipped import in_language

PARAMETERS = {
    "type": "object",
    "properties": {"joke": {"type": "string", "description": "What it should be about; anything if empty"}},
}


class Joke:
    """Harmless ones."""

    name = "joke"
    description = "Tells a short, harmless joke, about something if wanted."
    parameters = PARAMETERS
    hosts = ()
    reads_sentences = True

    def __init__(self, jokes: dict[str, list[str]]) -> None:
        """By language: zh, en."""
        self._jokes = jokes

    async def run(self, asked: Asked) -> Answer:
        """One about what is wanted; any in the person's language where there is none, and then it says so."""
        about = subject(asked.text("joke"))
        known = self._jokes[asked.language.partition("-")[0]]
        wanted = terms(about)
        fitting = [joke for joke in known if all(term.search(plain(joke)) for term in wanted)]
        told = in_language(random.choice(fitting or known), asked.language)
        text = "  \n".join(map(escaped, told.split("\n")))
        if fitting:
            return Answer(Reply(text=text), {"joke": told})
        other = say("joke_other", asked.language)
        return Answer(Reply(text=f"{other}\n\n{text}"), {"joke": told, "note": other})


def create(kit: Kit) -> Joke:
    """The skill, with the jokes of its data folder."""
    return Joke(json.loads((kit.data / "jokes.json").read_text("utf-8")))
