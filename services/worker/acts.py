"""What a turn may need the worker to do, one function a kind."""

import logging
from dataclasses import asdict, dataclass, field

from contracts.event import Event, MessageSent, PhotoRef
from contracts.problem import Problem
from contracts.reply import Reply
from contracts.turn import CallResult, TurnNeed
from services.worker.channels.base import Channel
from services.worker.clients.face import FaceClient
from services.worker.errors import ChannelFailed, PhotoError, TurnFailed
from services.worker.views import view_of

log = logging.getLogger(__name__)

REPLIES = 50
"""So many messages of a thread are read where nlp does not say how many."""


@dataclass
class Acts:
    """What one turn may need. A photo that was fetched stays in hand, in memory, until the turn is over."""

    event: Event
    channel: Channel
    face: FaceClient
    _photo: bytes | None = field(default=None, repr=False)

    async def fulfil(self, need: TurnNeed) -> CallResult:
        """Do it; a photo that cannot be had is a result, not an error."""
        if need.kind == "slack.replies":
            return await self._replies(int(need.args.get("limit", REPLIES)))
        if need.kind not in ("face.identify", "photo"):
            raise TurnFailed(f"cannot do {need.kind}", code="need_unknown")
        try:
            photo = await self._fetched(need.args.get("photo"))
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
        if self._photo is None and not isinstance(self.event, MessageSent):
            return None  # an earlier message's photo, which nlp has named to another attempt
        try:
            photo = await self._fetched()
        except (PhotoError, ChannelFailed) as error:
            log.warning("worker.comparison.missed", extra={"code": error.code})
            return None
        return await self.face.compare(found, photo)

    async def _replies(self, limit: int) -> CallResult:
        try:
            said = await self.channel.replies(self.event, limit)
        except ChannelFailed as error:
            problem = Problem(title="the thread cannot be read", status=502, code=error.code)
            return CallResult(problem=problem)
        return CallResult(value={"messages": [asdict(message) for message in said]})

    async def _fetched(self, earlier: object = None) -> bytes:
        """The Event's photo, or the one of an earlier message that nlp names."""
        if self._photo is None:
            photo = PhotoRef.model_validate(earlier) if earlier else self._own_photo()
            self._photo = await self.channel.fetch(self.event, photo)
        return self._photo

    def _own_photo(self) -> PhotoRef:
        if not isinstance(self.event, MessageSent) or self.event.photo is None:
            raise TurnFailed("this Event has no photo", code="need_unknown")
        return self.event.photo
