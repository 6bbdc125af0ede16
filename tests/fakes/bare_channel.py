"""A channel of which nothing is asked, for tests that ask one thing of it."""

from collections.abc import Sequence

from contracts.control import ChatOpened, DeleteRequested
from contracts.event import Event, Fact, PhotoRef
from contracts.turn import Capabilities
from services.worker.channels.base import Delivery, Said, Sink


class BareChannel:
    """Fails where it is asked; a test's own channel says what it is asked for."""

    capabilities = Capabilities()
    sends_comparisons = False

    def sink(self, event: Event, delivery: Delivery) -> Sink:
        raise AssertionError("nothing is to be shown")

    async def fetch(self, event: Event, photo: PhotoRef) -> bytes:
        raise AssertionError("no photo is to be fetched")

    async def replies(self, event: Event, limit: int) -> Sequence[Said]:
        raise AssertionError("no thread is to be read")

    async def delete(self, request: DeleteRequested) -> None:
        raise AssertionError("nothing is to be deleted")

    async def welcome(self, opened: ChatOpened) -> None:
        raise AssertionError("nobody is to be welcomed")

    async def locale(self, fact: Fact) -> str | None:
        """As the Event says it."""
        return fact.user.locale

    async def aclose(self) -> None:
        raise AssertionError("it is not to be closed")
