"""What nlp may need a worker to do, one function a kind."""

from collections.abc import Mapping

from contracts.conversation import Conversation
from contracts.event import Event, MessageSent
from contracts.problem import Problem
from contracts.turn import CallResult, TurnNeed
from services.worker.channels.base import Channel
from services.worker.clients.face import FaceClient
from services.worker.errors import PhotoError, TurnFailed


class Acts:
    """Everything that nlp may need, with the clients that it takes."""

    def __init__(self, channels: Mapping[str, Channel], face: FaceClient) -> None:
        self._channels = channels
        self._face = face

    async def act(self, event: Event, need: TurnNeed) -> CallResult:
        """Do it; a photo that cannot be had is a result, not an error."""
        if need.kind != "face.identify" or not isinstance(event, MessageSent) or not event.photo:
            raise TurnFailed(f"cannot do {need.kind} for this Event", code="need_unknown")
        channel = self._channels[Conversation.parse(event.conversation_id).channel]
        try:
            photo = await channel.fetch(event, event.photo)
        except PhotoError as error:
            return CallResult(problem=Problem(title=str(error), status=410, code=error.code))
        return await self._face.identify(str(need.args["gallery"]), photo)
