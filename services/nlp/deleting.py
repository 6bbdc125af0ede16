"""Answers that people have deleted: what the bot said in them is shown to no model any more."""

from collections.abc import Collection

from contracts.turn import AnswerDeleted
from services.nlp.actions.base import TrackerEvent
from services.nlp.engines.llm.memory import Memory
from services.nlp.store import Store


class Deletions:
    """Takes the words of deleted answers out of what is remembered."""

    def __init__(self, store: Store, memory: Memory) -> None:
        self._store = store
        self._memory = memory

    async def obey(self, deleted: AnswerDeleted) -> None:
        """Note it, and drop a summary that may tell of it. A turn that runs meanwhile is not disturbed.

        Raises StoreDown.
        """
        conversation, event_id = deleted.conversation_id, deleted.event_id
        if not await self._store.forget(conversation, event_id):
            return
        stored = await self._store.read(conversation, event_id)
        await self._memory.forget(conversation, _said_at(event_id, stored.events))


def _said_at(event_id: str, events: Collection[TrackerEvent]) -> float:
    """When the person said what was answered, in Unix seconds; 0 where that is not known any more."""
    times = (e["timestamp"] for e in events if e["event"] == "user" and e.get("message_id") == event_id)
    return float(next(times, 0.0))
