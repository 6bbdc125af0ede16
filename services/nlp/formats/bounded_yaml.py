"""Reads YAML that anybody may have written: no code, nothing endless, nothing that grows out of little."""

from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, ComposerError
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import AliasEvent

MOST_DEPTH = 100
MOST_REPEATED = 100_000
"""Values that aliases may repeat, counted as if each were written out."""


class _BoundedComposer(Composer):
    """Counts what each anchor holds, and what its aliases repeat."""

    def __init__(self, loader: Any = None) -> None:
        super().__init__(loader)
        self._count = 0
        self._repeated = 0
        self._sizes: dict[str, int] = {}

    def compose_node(self, parent: Any, index: Any) -> Any:
        """The next value; raises ComposerError where it stands in itself or repeats too much."""
        event = self.parser.peek_event()
        if isinstance(event, AliasEvent):
            self._repeat(event)
            return super().compose_node(parent, index)
        before = self._count
        node = super().compose_node(parent, index)
        self._count += 1
        if event.anchor is not None:
            self._sizes[event.anchor] = self._count - before
        return node

    def _repeat(self, event: AliasEvent) -> None:
        if event.anchor not in self.anchors:
            return  # the library says so
        size = self._sizes.get(event.anchor)
        if size is None:
            raise ComposerError(None, None, "a value that holds itself", event.start_mark)
        self._count += size
        self._repeated += size
        if self._repeated > MOST_REPEATED:
            raise ComposerError(None, None, "aliases that repeat too much", event.start_mark)


def load_yaml(text: str) -> Any:
    """The document with its places; raises YAMLError, and nothing else."""
    reader = YAML(typ="rt")
    reader.Composer = _BoundedComposer
    reader.max_depth = MOST_DEPTH
    try:
        return reader.load(text)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # a number of too many digits, a date that is none, a tag on what it cannot stand at
        raise YAMLError("a value that is not what it says") from error
