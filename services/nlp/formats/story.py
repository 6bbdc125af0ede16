"""Stories and rules as plain data: what happens in a conversation, step by step."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import product
from typing import Any


class AnyValue(Enum):
    """The value of a `slot_was_set` that names a slot only: any value will do."""

    ANY = "any"


@dataclass(frozen=True)
class StoryEntity:
    """An entity of a person's message; value None: any."""

    entity: str
    value: Any = None
    role: str = ""
    group: str = ""


@dataclass(frozen=True)
class UserStep:
    """The person says something: an intent, or in an end-to-end story a text (or both, in a test)."""

    intent: str = ""
    entities: tuple[StoryEntity, ...] = ()
    text: str = ""
    line: int = 0


@dataclass(frozen=True)
class ActionStep:
    """The bot does something; `text`: an end-to-end story's `bot:`, in place of a name."""

    action: str = ""
    text: str = ""
    line: int = 0


@dataclass(frozen=True)
class SlotStep:
    """A slot is set; None: unset; ANY: to anything."""

    slot: str
    value: Any = AnyValue.ANY


@dataclass(frozen=True)
class LoopStep:
    """A form begins; None: it ends."""

    form: str | None


@dataclass(frozen=True)
class CheckpointStep:
    """Where stories are joined; the slots are conditions for going on from here (Markdown only)."""

    name: str
    slots: tuple[SlotStep, ...] = ()


Step = UserStep | ActionStep | SlotStep | LoopStep | CheckpointStep


@dataclass(frozen=True)
class OrStep:
    """One of these; each alternative may be several steps long (two slots set at once)."""

    alternatives: tuple[tuple[Step, ...], ...]


@dataclass(frozen=True)
class Story:
    """One conversation as it should go; a rule is a piece of one that always goes so."""

    name: str
    steps: tuple[Step | OrStep, ...]
    is_rule: bool = False
    condition: tuple[SlotStep | LoopStep, ...] = ()
    """Of a rule: what holds before it begins."""
    at_start: bool = False
    """Of a rule: `conversation_start`."""
    listens: bool = True
    """Of a rule: `wait_for_user_input`; False: the policies go on deciding behind its last action."""
    file: str = ""
    line: int = 0

    def expanded(self) -> Iterator[tuple[Step, ...]]:
        """Its steps once for every combination of its alternatives."""
        parts = [step.alternatives if isinstance(step, OrStep) else ((step,),) for step in self.steps]
        for choice in product(*parts):
            yield tuple(step for part in choice for step in part)
