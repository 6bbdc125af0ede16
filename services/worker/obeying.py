"""Control Events of a conversation: obeyed at once, or put off until that can be."""

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from contracts.control import Control, NewerControl
from services.worker.errors import ChannelFailed
from services.worker.inbox import Inbox, Lease, Waiting
from services.worker.settings import WorkerSettings

log = logging.getLogger(__name__)

PUT_OFF_ATTEMPT = 2
"""What is put off waits like an Event after this attempt: what a person says next stands behind it."""

Obey = Callable[[Control], Awaitable[str | None]]
"""Does what a control Event asks for; gives the Event whose answer it has deleted, if any.

Raises ChannelFailed where it may be done later.
"""


@dataclass(frozen=True)
class Obeying:
    """Deals with what waits in the list of control Events, under the conversation's lease."""

    inbox: Inbox
    obey: Obey
    settings: WorkerSettings

    async def alone(self, lease: Lease) -> bool:
        """Obey where no turn runs; what has to wait is due like an Event that failed.

        False when the lease was given back for that.
        """
        put_off: set[str] = set()
        await self.all(lease, await self.inbox.controls(lease.conversation_id), put_off)
        if put_off:
            await self.inbox.release(lease, self.settings.retry_s(PUT_OFF_ATTEMPT))
        return not put_off

    async def all(self, lease: Lease, controls: tuple[Waiting, ...], put_off: set[str]) -> set[str | None]:
        """Obey what we know and remove it; gives the Events whose answers are deleted.

        `put_off` are the ids of control Events that wait for a later time, or for a newer worker; those that
        have to are added.
        """
        deleted: set[str | None] = set()
        known = [control for control in controls if control]
        for control in known:
            if control.event_id not in put_off:
                deleted.add(await self._obey_or_put_off(control, put_off))
        later = [control for control in known if control.event_id in put_off]
        await self.inbox.settle(lease, len(controls), later)
        return deleted

    async def _obey_or_put_off(self, control: Control | NewerControl, put_off: set[str]) -> str | None:
        if isinstance(control, NewerControl):
            self._put_off(control, "version_newer", put_off)
            return None
        try:
            deleted = await self.obey(control)
        except ChannelFailed as error:
            self._put_off(control, error.code, put_off)
            return None
        log.info("worker.control.obeyed", extra={"kind": control.kind})
        return deleted

    def _put_off(self, control: Control | NewerControl, code: str, put_off: set[str]) -> None:
        known = {"kind": control.kind, "code": code}
        if time.time() - control.at / 1000 > self.settings.worker_give_up_s:
            log.error("worker.control.dropped", extra=known)
        else:
            log.warning("worker.control.postponed", extra=known)
            put_off.add(control.event_id)
