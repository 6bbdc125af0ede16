"""The page's API: what a person does with what was said, from another answer to a rating."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, Field

from contracts.control import DeleteRequested, FeedbackGiven
from contracts.event import ContinuationRequested, MessageEdited, RegenerationRequested
from contracts.web import AnswerAsked, BotReplied, PersonSaid, ReplyRated
from services.gateway.errors import NoMessage
from services.gateway.routes.asking import ASKING
from services.gateway.routes.problems import ACTING, DELETING
from services.gateway.routes.web import CLIENT_ID, MESSAGE_BYTES, Own, Taken, Text, facts, take
from services.gateway.routes.wiring import Here, KnownPerson

router = APIRouter(
    prefix="/api/v1/conversations/{conversation}", max_body_size=MESSAGE_BYTES, dependencies=ASKING
)


class NewRequest(BaseModel):
    """Something to be done once, however often it is sent."""

    client_id: str = Field(pattern=CLIENT_ID)


class NewWording(NewRequest):
    """A message as it should have been."""

    text: Text = Field(min_length=1, max_length=4000, pattern=r"\S")


class NewRating(NewRequest):
    """What the person thinks of a reply."""

    helpful: bool


def own_message(conversation_id: Own, event_id: str) -> str:
    """The event_id, where it is of this conversation; raises NoMessage."""
    if not event_id.startswith(f"{conversation_id}:"):
        raise NoMessage
    return event_id


async def own_reply(
    conversation_id: Own,
    here: Here,
    reply: Annotated[str, Path(pattern=r"^\d{1,15}-\d{1,10}$", description="The reply's entry id")],
) -> tuple[str, BotReplied]:
    """The reply and its entry id; raises NoMessage."""
    found = await here.stream.reply(conversation_id, reply)
    if found is None:
        raise NoMessage
    return reply, found


Message = Annotated[str, Depends(own_message)]
OwnReply = Annotated[tuple[str, BotReplied], Depends(own_reply)]


@router.post("/messages/{event_id}/regenerate", status_code=202, responses=ACTING)
async def regenerate(
    body: NewRequest, target: Message, conversation_id: Own, person: KnownPerson, here: Here, request: Request
) -> Taken:
    """Another answer to the message; what came after it is put aside."""
    event = RegenerationRequested(**facts(body.client_id, conversation_id, person, request), target=target)
    line = AnswerAsked(event_id=event.event_id, how="regenerate", target=target, at=event.at)
    return await take(here, event, line)


@router.post("/messages/{event_id}/continue", status_code=202, responses=ACTING)
async def go_on(
    body: NewRequest, target: Message, conversation_id: Own, person: KnownPerson, here: Here, request: Request
) -> Taken:
    """More of the answer, which was stopped or cut off."""
    event = ContinuationRequested(**facts(body.client_id, conversation_id, person, request), target=target)
    line = AnswerAsked(event_id=event.event_id, how="continue", target=target, at=event.at)
    return await take(here, event, line)


@router.post("/messages/{event_id}/edit", status_code=202, responses=ACTING)
async def edit(
    body: NewWording, target: Message, conversation_id: Own, person: KnownPerson, here: Here, request: Request
) -> Taken:
    """Say it otherwise: the conversation goes on from there, on a branch of its own."""
    known = facts(body.client_id, conversation_id, person, request)
    event = MessageEdited(**known, target=target, text=body.text)
    line = PersonSaid(event_id=event.event_id, text=body.text, at=event.at, replaces=target)
    return await take(here, event, line)


@router.delete("/replies/{reply}", status_code=202, responses=DELETING)
async def delete(
    found: OwnReply, conversation_id: Own, person: KnownPerson, here: Here, request: Request
) -> Taken:
    """Delete one of the bot's replies for good. Who listens hears of it by a `deleted` entry."""
    entry_id, reply = found
    known = facts(f"delete-{entry_id}", conversation_id, person, request)
    return await take(here, DeleteRequested(**known, message_id=entry_id, answered=reply.event_id))


@router.post("/replies/{reply}/feedback", status_code=202, responses=ACTING)
async def rate(
    body: NewRating, found: OwnReply, conversation_id: Own, person: KnownPerson, here: Here, request: Request
) -> Taken:
    """Say whether a reply was helpful; the newest verdict counts."""
    entry_id, reply = found
    known = facts(body.client_id, conversation_id, person, request)
    event = FeedbackGiven(**known, message_id=entry_id, helpful=body.helpful)
    line = ReplyRated(event_id=reply.event_id, index=reply.index, helpful=body.helpful)
    return await take(here, event, line)
