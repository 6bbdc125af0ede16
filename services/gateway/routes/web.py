"""The page's API: conversations, messages, photos, events as they come."""

import re
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import AfterValidator, BaseModel, Field, model_validator

from contracts.control import Control, StopRequested
from contracts.event import ButtonPressed, CommandGiven, Event, MessageSent, Person, PhotoRef
from contracts.inbox import PHOTO_TTL_S, Accepted, Arrival, photo_key
from contracts.web import PersonSaid, WebEntry
from foundation.http import Closing
from foundation.sealing import seal
from services.gateway.errors import NoConversation
from services.gateway.owner import COOKIE, COOKIE_AGE_S
from services.gateway.routes.asking import ASKING
from services.gateway.routes.problems import OPENING, READING, SENDING
from services.gateway.routes.wiring import Gateway, Here, KnownPerson
from services.gateway.web_stream import Line

PHOTO_BYTES = 10_000_000
MESSAGE_BYTES = 100_000
CLIENT_ID = r"^[A-Za-z0-9_-]{8,64}$"
_COMMAND = re.compile(r"/(?P<name>start|help|new|persona)(?:\s+(?P<text>.*))?", re.DOTALL | re.IGNORECASE)
"""What is written on the page as it is elsewhere; any other slash is the bot's to read."""
EntryId = Annotated[str, Query(pattern=r"^\d{1,15}-\d{1,10}$")]
router = APIRouter(prefix="/api/v1/conversations", max_body_size=MESSAGE_BYTES, dependencies=ASKING)


class NewConversation(BaseModel):
    """A fresh conversation."""

    id: uuid.UUID


class StoredEntry(BaseModel):
    """An entry of the conversation's stream."""

    id: str
    entry: WebEntry


class History(BaseModel):
    """What was said so far, and where to listen on."""

    entries: list[StoredEntry]
    last_id: str


def _is_text(text: str) -> str:
    text.encode()  # half a surrogate pair is JSON but no text; the ValueError makes it a 422
    return text


Text = Annotated[str, AfterValidator(_is_text)]


class NewMessage(BaseModel):
    """A line, a pressed button, or a photo that was uploaded before."""

    client_id: str = Field(pattern=CLIENT_ID)
    """Names the message: sent again with the same one, it counts once."""
    text: Text = Field("", max_length=4000)
    payload: Text | None = Field(None, max_length=4000)
    title: Text = Field("", max_length=200)
    photo_id: str | None = Field(None, pattern=r"^[0-9a-f]{32}$")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.text.strip() and self.payload is None and self.photo_id is None:
            raise ValueError("a message needs a text, a payload or a photo_id")
        return self


class NewStop(BaseModel):
    """The person wants no more of the running answer."""

    client_id: str = Field(pattern=CLIENT_ID)
    target: str | None = Field(default=None, max_length=200)
    """The event_id that the only answer meant is given to; None for whichever is being given."""


class Taken(BaseModel):
    """What became of a message."""

    event_id: str
    outcome: str
    """accepted, duplicate or dropped."""


class UploadedPhoto(BaseModel):
    """A photo that waits, sealed, for the message that names it."""

    photo_id: str


@router.post("", status_code=201, responses=OPENING)
async def open_conversation(request: Request, response: Response, here: Here) -> NewConversation:
    """Begin a conversation; who has no identity gets one, in a cookie."""
    person = signed_in(request, response, here)
    return NewConversation(id=here.owners.new_conversation(person))


def own_conversation(conversation: uuid.UUID, person: KnownPerson, here: Here) -> str:
    """The conversation's id in contracts; raises NoConversation where it is another's."""
    if not here.owners.owns(person, conversation):
        raise NoConversation
    return f"web:{conversation}"


Own = Annotated[str, Depends(own_conversation)]


@router.get("/{conversation}/messages", responses=READING)
async def read_messages(conversation_id: Own, here: Here) -> History:
    """The conversation so far."""
    entries, last_id = await here.stream.history(conversation_id)
    return History(entries=[StoredEntry(id=i, entry=e) for i, e in entries], last_id=last_id)


@router.post("/{conversation}/messages", status_code=202, responses=SENDING)
async def send_message(
    message: NewMessage, conversation_id: Own, person: KnownPerson, here: Here, request: Request
) -> Taken:
    """Say something. Send it again with the same client_id until there is an answer."""
    event = _event(message, facts(message.client_id, conversation_id, person, request))
    line = PersonSaid(
        event_id=event.event_id,
        text=message.title or message.text or message.payload or "",
        has_photo=message.photo_id is not None,
        at=event.at,
    )
    return await take(here, event, line)


@router.post("/{conversation}/photos", status_code=201, max_body_size=PHOTO_BYTES, responses=SENDING)
async def upload_photo(
    request: Request, conversation_id: Own, person: KnownPerson, here: Here
) -> UploadedPhoto:
    """A photo as raw bytes; it is kept sealed, for ten minutes at most."""
    here.intake.count("web", person)
    photo_id = uuid.uuid4().hex
    sealed = seal(await request.body(), here.photo_secret, conversation_id)
    async with here.pressure.storing:
        await here.intake.look_for_room()  # photos are large: many may come between two looks
        here.pressure.check_photo(len(sealed))
        await here.bytes_redis.set(photo_key(photo_id), sealed, ex=PHOTO_TTL_S)
    return UploadedPhoto(photo_id=photo_id)


@router.post("/{conversation}/stop", status_code=202, responses=SENDING)
async def stop(
    body: NewStop, conversation_id: Own, person: KnownPerson, here: Here, request: Request
) -> Taken:
    """End the running turn, or the one that is named, if it runs."""
    known = facts(body.client_id, conversation_id, person, request)
    return await take(here, StopRequested(**known, target=body.target))


@router.get("/{conversation}/events", response_class=EventSourceResponse, responses=READING)
async def listen(
    conversation_id: Own,
    here: Here,
    closing: Closing,
    after: EntryId = "0-0",
    last_event_id: Annotated[str | None, Header(pattern=r"^\d{1,15}-\d{1,10}$")] = None,
) -> AsyncIterator[ServerSentEvent]:
    """Entries as they come, from behind Last-Event-ID or `after`."""
    entries = here.stream.follow(conversation_id, last_event_id or after)
    async for entry_id, entry in await closing.enter_async_context(aclosing(entries)):
        yield ServerSentEvent(id=entry_id, raw_data=entry)


def signed_in(request: Request, response: Response, here: Gateway) -> str:
    """The person who asks; a stranger becomes one, and gets the cookie."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and (person := here.owners.person(token)):
        return person
    person = here.owners.person(request.cookies.get(COOKIE, "")) or here.owners.new_person()
    response.set_cookie(
        COOKIE,
        here.owners.sign(person),
        max_age=COOKIE_AGE_S,
        httponly=True,
        samesite="lax",
        secure=here.settings.public_url.startswith("https:"),
    )
    return person


def facts(client_id: str, conversation_id: str, person: str, request: Request) -> dict[str, Any]:
    """What every Event of the page answers; the client_id makes it one, however often it is sent."""
    return {
        "event_id": f"{conversation_id}:{client_id}",
        "conversation_id": conversation_id,
        "at": int(time.time() * 1000),
        "user": Person(id=person, locale=_locale(request)),
    }


def _event(message: NewMessage, known: dict[str, Any]) -> Event:
    if message.payload is not None:
        return ButtonPressed(**known, payload=message.payload, title=message.title)
    if not message.photo_id and (command := _COMMAND.fullmatch(message.text.strip())):
        return CommandGiven(**known, name=command["name"].lower(), text=(command["text"] or "").strip())
    photo = PhotoRef(source="upload", id=message.photo_id) if message.photo_id else None
    return MessageSent(**known, text=message.text, photo=photo)


async def take(here: Gateway, event: Event | Control, line: Line | None = None) -> Taken:
    """Accept an Event of the page's, and show its line; raises QueueDown, TooFast or NotAllowed."""
    # The line goes first, so that no reply can stand before it; both happen once, so a resend after a
    # crash between the two completes the message and doubles nothing.
    here.intake.check_room()
    here.intake.admit(event)
    here.intake.count("web", event.user.id)
    if line:
        await here.stream.say(event.conversation_id, event.event_id, line)
    [answer] = await here.intake.accept([Arrival(event=event, claims=(event.event_id,))])
    return Taken(event_id=event.event_id, outcome=_outcome(answer))


def _outcome(answer: Accepted) -> str:
    if answer in (Accepted.IDLE, Accepted.QUEUED):
        return "accepted"
    return "duplicate" if answer is Accepted.DUPLICATE else "dropped"


def _locale(request: Request) -> str | None:
    first = request.headers.get("accept-language", "").split(",")[0].split(";")[0].strip()
    return first[:35] or None
