"""Slack messages of one turn: posted, streamed or updated, each in its place of the rate limit."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from slack_sdk.errors import SlackApiError

from contracts.conversation import Conversation
from contracts.event import Event
from contracts.reply import Reply
from foundation.words import Language, language_of
from services.worker.channels.messages import Spot
from services.worker.channels.slack_calls import SlackCalls, delete_message
from services.worker.channels.slack_errors import CONFLICT, DELETED, FORM, GONE, code, failure, translated
from services.worker.channels.slack_orphans import METADATA, SlackOrphans
from services.worker.channels.slack_parts import ROOM, Form, SlackPart, slack_parts
from services.worker.channels.slack_rates import FILES, POST, UPDATE
from services.worker.channels.slack_status import SlackStatus
from services.worker.channels.slack_streams import SlackStreams
from services.worker.channels.slack_upload import UPLOAD_S, upload_picture
from services.worker.errors import ChannelFailed, MessageVanished

log = logging.getLogger(__name__)

T = TypeVar("T")


class SlackMessages:
    """The messages of one turn in one channel, thread or direct message."""

    room = ROOM

    def __init__(
        self,
        calls: SlackCalls,
        event: Event,
        streams: SlackStreams,
        orphans: SlackOrphans,
    ) -> None:
        conversation = Conversation.parse(event.conversation_id)
        self._calls = calls
        self._event = event
        self._streams = streams
        self._orphans = orphans
        self._channel = conversation.chat
        self._thread = conversation.thread
        self._language = language_of(event.user.locale)
        self._status = SlackStatus(calls, conversation, self._language)
        self._growing = False
        self._rated: Language | None = None
        self._files: dict[bytes, str | None] = {}
        """Pictures that were uploaded, by what they show."""
        self._shown: dict[str, SlackPart] = {}
        """What updates and posts have shown."""
        self.dropped = False
        """Whether the limits had no place for what was to be shown last."""

    def grow(self) -> None:
        """From here on `parts` is asked for a reply that is not finished."""
        self._growing, self._rated = True, None

    def end(self, *, rated: bool) -> None:
        """From here on `parts` is asked for finished replies; rated: with the question whether it helped."""
        self._growing = False
        self._rated = self._language if rated else None

    def parts(self, reply: Reply, room: int, picture: bytes | None) -> tuple[SlackPart, ...]:
        stopped = self._language if self._growing else None
        return slack_parts(reply, room, picture, rated=self._rated, stopped=stopped, whole=not self._growing)

    async def greet(self) -> None:
        await self._status.show()

    async def leave(self) -> None:
        """The turn is over: no stream stays open, no status stays shown."""
        await self._streams.stop_all()
        await self._status.clear()

    async def orphan(self, spot: Spot) -> str | None:
        return await self._orphans.find(self._metadata(spot))

    async def post(self, spot: Spot, part: SlackPart, *, patient: bool) -> str | None:
        message_id = None if patient else await self._streams.start(spot, part)
        if message_id is None:
            message_id = await self._post(spot, part, patient)
        self.dropped = message_id is None
        if message_id is not None:
            self._status.cleared()
        return message_id

    async def edit(self, spot: Spot, message_id: str, part: SlackPart, *, patient: bool) -> bool:
        file_id = await self._uploaded(part.picture)
        shown = await self._streams.show(
            message_id, part, self._metadata(spot), part.bottoms(file_id), patient=patient
        )
        if shown is None:
            shown = await self._updated(spot, message_id, part, patient)
        self.dropped = not shown
        return shown

    async def _updated(self, spot: Spot, message_id: str, part: SlackPart, patient: bool) -> bool:
        seen = replace(part, whole=True)
        if self._shown.get(message_id) == seen:
            return True
        done = await self._update(spot, message_id, part, patient)
        if done:
            self._shown[message_id] = seen
        return done

    async def remove(self, message_id: str) -> None:
        await delete_message(self._calls, self._channel, message_id)

    async def _post(self, spot: Spot, part: SlackPart, patient: bool) -> str | None:
        async def act(form: Form) -> str | None:
            async def post() -> str:
                answer = await self._calls.client.chat_postMessage(
                    channel=self._channel, thread_ts=self._thread, metadata=self._metadata(spot), **form
                )
                return str(answer["ts"])

            ask = self._calls.patient if patient else self._calls.now
            return await ask(POST, post, self._channel)

        message_id = await self._plainer(part, act)
        if message_id is not None:
            self._shown[message_id] = replace(part, whole=True)
        return message_id

    async def _update(self, spot: Spot, message_id: str, part: SlackPart, patient: bool) -> bool:
        """Whether the message shows the part now, or can be changed no more."""
        stream = f"{self._event.event_id}:{spot.index}"

        async def act(form: Form) -> bool | None:
            async def update() -> bool:
                await self._calls.client.chat_update(
                    channel=self._channel, ts=message_id, metadata=self._metadata(spot), **form
                )
                return True

            if not patient:
                return await self._calls.shared(UPDATE, update, stream)
            return await self._calls.patient(UPDATE, update)

        try:
            done = bool(await self._plainer(part, lambda form: self._changed(message_id, act, form)))
        finally:
            if patient:
                await self._calls.leave(UPDATE, stream)
        return done

    async def _changed(
        self, message_id: str, act: Callable[[Form], Awaitable[bool | None]], form: Form
    ) -> bool | None:
        try:
            try:
                return await act(form)
            except SlackApiError as error:
                if code(error) != CONFLICT:
                    raise
                await self._streams.stop(message_id)  # begun by a worker that died
                return await act(form)
        except SlackApiError as error:
            if code(error) not in GONE:
                raise
            log.info("worker.slack_message.vanished", extra={"code": code(error)})
            if code(error) == DELETED:
                raise MessageVanished from None
            return True

    async def _plainer(self, part: SlackPart, act: Callable[[Form], Awaitable[T]]) -> T:
        """Act with the part, or with the first plainer form of it that Slack takes."""
        *richer, plainest = part.forms(await self._uploaded(part.picture))
        for form in richer:
            try:
                return await act(form)
            except SlackApiError as error:
                if code(error) not in FORM:
                    raise failure(error) from None
                log.warning("worker.slack_form.refused", extra={"code": code(error)})
        with translated():
            return await act(plainest)

    async def _uploaded(self, picture: bytes | None) -> str | None:
        """The file that shows the picture; None where there is none, or Slack does not take it now."""
        if picture is None:
            return None
        if picture not in self._files:
            self._files[picture] = await self._upload(picture)
        return self._files[picture]

    async def _upload(self, picture: bytes) -> str | None:
        async def act() -> tuple[str | None]:
            return (await upload_picture(self._calls.client, picture),)

        try:
            [file_id] = await self._calls.patient(FILES, act, max_wait_s=UPLOAD_S)
        except ChannelFailed:
            return None
        return file_id

    def _metadata(self, spot: Spot) -> dict[str, object]:
        places = {"index": str(spot.index), "part": str(spot.place)}
        payload = {"event_id": self._event.event_id, **places}
        return {"event_type": METADATA, "event_payload": payload}
