"""A turn's record in memory, for tests of channels."""

from services.worker.errors import LeaseLost


class MemoryDelivery:
    """A Delivery that can be handed to the next attempt, and can lose its lease."""

    def __init__(self, attempt: int = 1) -> None:
        self.attempt = attempt
        self.lost = False
        self.published: dict[str, str] = {}
        self._sending: set[int] = set()
        self._sent: dict[int, tuple[str, ...]] = {}

    def taken_over(self) -> "MemoryDelivery":
        """The record as the next attempt finds it."""
        later = MemoryDelivery(self.attempt + 1)
        later._sending, later._sent = set(self._sending), dict(self._sent)
        return later

    def sent(self, index: int) -> tuple[str, ...] | None:
        return self._sent.get(index)

    def maybe_sent(self, index: int) -> bool:
        return index in self._sending and index not in self._sent

    async def mark_sending(self, index: int) -> None:
        self._write()
        self._sending.add(index)

    async def mark_sent(self, index: int, message_ids: tuple[str, ...]) -> None:
        self._write()
        self._sent[index] = message_ids

    async def publish(self, entry: str, name: str = "", replaces: tuple[str, ...] = ()) -> str:
        self._write()
        self.published.setdefault(name or f"entry-{len(self.published)}", entry)
        return f"{len(self.published)}-0"

    def _write(self) -> None:
        if self.lost:
            raise LeaseLost
