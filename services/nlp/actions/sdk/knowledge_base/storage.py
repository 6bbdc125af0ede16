"""`rasa_sdk.knowledge_base.storage`: what a bot knows of objects, by type."""

import json
import random
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from services.nlp.actions.modules import at_home
from services.nlp.actions.sdk.knowledge_base.utils import Ordinals
from services.nlp.actions.sdk.utils import call_potential_coroutine

Thing = dict[str, Any]


class KnowledgeBase:
    """Knows objects; subclasses say where from. Their methods may be async or not."""

    def __init__(self) -> None:
        self.ordinal_mention_mapping: Ordinals = {
            **{str(place + 1): _nth(place) for place in range(10)},
            "ANY": random.choice,
            "LAST": _nth(-1),
        }
        self.key_attribute: dict[str, str] = defaultdict(lambda: "id")
        self.representation_function: dict[str, Callable[[Thing], Any]] = defaultdict(lambda: _name)

    def set_ordinal_mention_mapping(self, mapping: Ordinals) -> None:
        """Other words for "the first one"."""
        self.ordinal_mention_mapping = mapping

    async def get_attributes_of_object(self, object_type: str) -> list[str]:
        """The names of what is known of objects of this type."""
        raise NotImplementedError("a knowledge base of your own has to implement this")

    async def get_key_attribute_of_object(self, object_type: str) -> str:
        """The attribute that tells objects of this type apart."""
        return self.key_attribute[object_type]

    async def get_representation_function_of_object(self, object_type: str) -> Callable[[Thing], Any]:
        """What an object of this type is called."""
        return self.representation_function[object_type]

    async def get_objects(self, object_type: str, attributes: list[Thing], limit: int = 5) -> list[Thing]:
        """Objects of this type, at most so many, whose attributes are {name, value}."""
        raise NotImplementedError("a knowledge base of your own has to implement this")

    async def get_object(self, object_type: str, object_identifier: str) -> Thing | None:
        """The one object of this type that has this key, or is called so; None where that is not clear."""
        raise NotImplementedError("a knowledge base of your own has to implement this")


class InMemoryKnowledgeBase(KnowledgeBase):
    """Objects of a JSON file: {type: [object, …]}. Its path counts from the bot's folder."""

    def __init__(self, data_file: str) -> None:
        super().__init__()
        self.data_file = data_file
        self.data: dict[str, list[Thing]] = {}
        self.load()

    def load(self) -> None:
        """Read the file again; raises ValueError where it is not there, or is no JSON."""
        try:
            self.data = json.loads(at_home(self.data_file).read_text("utf-8"))
        except OSError:
            raise ValueError(f"File '{self.data_file}' does not exist.") from None
        except ValueError as error:
            raise ValueError(f"Failed to read json from '{self.data_file}'. Error: {error}") from None

    def set_representation_function_of_object(
        self, object_type: str, representation_function: Callable[[Thing], Any]
    ) -> None:
        """How objects of this type are called."""
        self.representation_function[object_type] = representation_function

    def set_key_attribute_of_object(self, object_type: str, key_attribute: str) -> None:
        """What tells objects of this type apart."""
        self.key_attribute[object_type] = key_attribute

    async def get_attributes_of_object(self, object_type: str) -> list[str]:
        """Those of the first object."""
        return list(next(iter(self.data.get(object_type) or []), {}))

    async def get_objects(self, object_type: str, attributes: list[Thing], limit: int = 5) -> list[Thing]:
        """In the order of chance, as Rasa gives them."""
        fitting = [
            found
            for found in self.data.get(object_type) or []
            if all(found.get(wanted["name"]) == wanted["value"] for wanted in attributes)
        ]
        return random.sample(fitting, min(limit, len(fitting)))

    async def get_object(self, object_type: str, object_identifier: str) -> Thing | None:
        """By its key, else by a part of what it is called; case is no matter."""
        objects = self.data.get(object_type) or []
        key = await call_potential_coroutine(self.get_key_attribute_of_object(object_type))
        wanted = str(object_identifier).lower()
        found = [thing for thing in objects if str(thing.get(key)).lower() == wanted]
        if not found:
            shown = await call_potential_coroutine(self.get_representation_function_of_object(object_type))
            found = [thing for thing in objects if wanted in str(shown(thing)).lower()]
        return found[0] if len(found) == 1 else None


def _nth(place: int) -> Callable[[list[Any]], Any]:
    return lambda listed: listed[place]


def _name(thing: Thing) -> Any:
    return thing["name"]
