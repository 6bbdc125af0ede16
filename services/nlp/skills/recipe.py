"""The skill that knows recipes, shipped with the bot."""

from contracts.reply import Reply
from foundation.words import Language, say
from services.nlp.skills.base import Answer, Asked
from services.nlp.skills.kit import Kit
from services.nlp.skills.markdown import escaped
from services.nlp.skills.shipped import Shipped, Text, found_or_listed, in_language

PARAMETERS = {
    "type": "object",
    "properties": {
        "recipe": {"type": "string", "description": "A dish or an ingredient; any recipe if empty"},
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
        return found_or_listed(self._recipes, asked, "recipe", _whole)


def create(kit: Kit) -> Recipe:
    """The skill, with the recipes of its data folder."""
    return Recipe(Shipped(kit.data / "recipes.json", lambda row: str(row["name"])))


def _whole(recipe: Text, language: Language) -> Answer:
    name = in_language(recipe.title, language)
    ingredients = [in_language(item, language) for item in recipe.parts["ingredients"]]
    steps = [in_language(step, language) for step in recipe.parts["steps"]]
    listed = "\n".join(f"- {escaped(item)}" for item in ingredients)
    numbered = "\n".join(f"{number}. {escaped(step)}" for number, step in enumerate(steps, 1))
    told = "\n\n".join(
        (
            f"**{escaped(name)}**",
            say("recipe_ingredients", language),
            listed,
            numbered,
            say("recipe_source", language),
        )
    )
    return Answer(Reply(text=told), {"name": name, "ingredients": ingredients, "steps": steps})
