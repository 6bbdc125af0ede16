"""The skill that knows recipes, shipped with the bot."""

import random

from contracts.reply import Reply
from foundation.words import Language, say
from services.nlp.skills.base import Answer, Asked, Choice, SkillProblem
from services.nlp.skills.kit import Kit
from services.nlp.skills.markdown import escaped
from services.nlp.skills.shipped import Shipped, Text, in_language

PARAMETERS = {
    "type": "object",
    "properties": {
        "dish": {"type": "string", "description": "A dish or an ingredient; any recipe if empty"},
        "number": {"type": "integer", "description": "Chosen from a list"},
    },
}


class Recipe:
    """Finds recipes by name or ingredient."""

    name = "recipe"
    description = "A recipe with ingredients and steps, by the name of a dish or an ingredient."
    parameters = PARAMETERS
    hosts = ()
    reads_sentences = True

    def __init__(self, recipes: Shipped) -> None:
        self._recipes = recipes

    async def run(self, asked: Asked) -> Answer:
        """The recipe, or those to choose from; any one where none is named."""
        if chosen := self._recipes.get(asked.args.get("number")):
            return _whole(chosen, asked.language)
        words = asked.text("dish")
        found = self._recipes.found(words, asked.language)
        if not found:
            raise SkillProblem("recipe_unknown")
        if not words or len(found) == 1:
            return _whole(random.choice(found), asked.language)
        choices = tuple(Choice(in_language(r.title, asked.language), {"number": r.id}) for r in found)
        facts = {"recipes": [recipe.title for recipe in found]}
        return Answer(Reply(text=say("recipe_which", asked.language)), facts, choices)


def create(kit: Kit) -> Recipe:
    """The skill, with the recipes of its data folder."""
    return Recipe(Shipped(kit.data / "recipes.json", lambda row: str(row["name"])))


def _whole(recipe: Text, language: Language) -> Answer:
    name = in_language(recipe.title, language)
    ingredients = [in_language(item, language) for item in recipe.parts["ingredients"]]
    steps = [in_language(step, language) for step in recipe.parts["steps"]]
    listed = "\n".join(f"- {escaped(item)}" for item in ingredients)
    numbered = "\n".join(f"{number}. {escaped(step)}" for number, step in enumerate(steps, 1))
    told = f"**{escaped(name)}**\n\n{say('recipe_ingredients', language)}\n\n{listed}\n\n{numbered}"
    return Answer(Reply(text=told), {"name": name, "ingredients": ingredients, "steps": steps})
