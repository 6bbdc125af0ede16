"""What a turn may need the worker to do, one function a kind."""

import logging
from dataclasses import dataclass, field

from contracts.event import Event, MessageSent
from contracts.problem import Problem
from contracts.reply import Reply
from contracts.turn import CallResult, TurnNeed
from services.worker.channels.base import Channel
from services.worker.clients.face import FaceClient
from services.worker.errors import ChannelFailed, PhotoError, TurnFailed
from services.worker.views import view_of

log = logging.getLogger(__name__)


@dataclass
class Acts:
    """What one turn may need. A photo that was fetched stays in hand, in memory, until the turn is over."""

    event: Event
    channel: Channel
    face: FaceClient
    _photo: bytes | None = field(default=None, repr=False)

    async def act(self, need: TurnNeed) -> CallResult:
        """Do it; a photo that cannot be had is a result, not an error."""
        if need.kind not in ("face.identify", "photo"):
            raise TurnFailed(f"cannot do {need.kind}", code="need_unknown")
        try:
            photo = await self._fetched()
        except PhotoError as error:
            return CallResult(problem=Problem(title=str(error), status=410, code=error.code))
        if need.kind == "photo":
            return view_of(photo)
        limit = int(need.args.get("limit", 1))
        return await self.face.identify(str(need.args["gallery"]), photo, limit)

    async def picture(self, reply: Reply) -> bytes | None:
        """The look-alike beside the person, a JPEG, where the channel sends it; None where there is none."""
        found = reply.look_alike
        if not (self.channel.sends_comparisons and found and found.gallery and found.photo_url):
            return None
        try:
            photo = await self._fetched()
        except (PhotoError, ChannelFailed) as error:
            log.warning("worker.comparison.missed", extra={"code": error.code})
            return None
        return await self.face.compare(found, photo)

    async def _fetched(self) -> bytes:
        if self._photo is None:
            if not isinstance(self.event, MessageSent) or self.event.photo is None:
                raise TurnFailed("this Event has no photo", code="need_unknown")
            self._photo = await self.channel.fetch(self.event, self.event.photo)
        return self._photo
