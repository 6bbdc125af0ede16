"""The skill that tells jokes, shipped with the bot."""

import json
import random

from contracts.reply import Reply
from services.nlp.skills.base import Answer, Asked
from services.nlp.skills.kit import Kit
from services.nlp.skills.markdown import escaped
from services.nlp.skills.shipped import in_language


class Joke:
    """Harmless ones."""

    name = "joke"
    description = "Tells a short, harmless joke."
    parameters = {"type": "object", "properties": {}}  # noqa: RUF012 - the Protocol's own form
    hosts = ()

    def __init__(self, jokes: dict[str, list[str]]) -> None:
        """By language: zh, en."""
        self._jokes = jokes

    async def run(self, asked: Asked) -> Answer:
        """Any one in the person's language."""
        told = in_language(random.choice(self._jokes[asked.language.partition("-")[0]]), asked.language)
        return Answer(Reply(text="  \n".join(map(escaped, told.split("\n")))), {"joke": told})


def create(kit: Kit) -> Joke:
    """The skill, with the jokes of its data folder."""
    return Joke(json.loads((kit.data / "jokes.json").read_text("utf-8")))
