"""A photo: who in the gallery looks most like the face on it."""

from typing import Any

from pydantic import ValidationError

from contracts.event import MessageSent
from contracts.face import Identification, Match
from contracts.reply import LookAlike, Reply
from contracts.turn import CallResult, TurnNeed
from services.nlp.dialogue.responses import respond
from services.nlp.engines.base import Turn

CALL = "face"
_PROBLEMS = {
    "photo_empty": "utter_photo_unreadable",
    "photo_unreadable": "utter_photo_unreadable",
    "photo_unsupported": "utter_photo_unsupported",
    "photo_too_large": "utter_photo_too_large",
    "too_large": "utter_photo_too_large",
    "photo_gone": "utter_photo_gone",
    "busy": "utter_face_busy",
}


def need_of(turn: Turn, gallery: str) -> TurnNeed | None:
    """What a turn with a photo wants first; None when it has no photo, or has its result."""
    event = turn.request.event
    if not isinstance(event, MessageSent) or event.photo is None or CALL in turn.request.results:
        return None
    return TurnNeed(call_id=CALL, kind="face.identify", args={"gallery": gallery})


def reply_to(turn: Turn, gallery: str) -> Reply | None:
    """What is to be said about the photo; None for a turn without one."""
    result = turn.request.results.get(CALL)
    if result is None:
        return None
    found = _identification(result)
    if found is None:
        code = result.problem.code if result.problem else ""
        return _say(turn, _PROBLEMS.get(code, "utter_photo_failed"), {})
    if found.outcome == "no_face":
        return _say(turn, "utter_face_none", {})
    if found.outcome == "gallery_empty" or not found.matches or not found.face:
        return _say(turn, "utter_face_gallery_empty", {})
    return _match_reply(turn, found, found.matches[0], gallery)


def _identification(result: CallResult) -> Identification | None:
    try:
        return Identification.model_validate(result.value)
    except ValidationError:
        return None


def _match_reply(turn: Turn, found: Identification, match: Match, gallery: str) -> Reply:
    person = match.identity
    slots = {"name": person.name, "percent": match.percent, "faces_found": found.faces_found}
    reply = _say(turn, "utter_face_same" if match.same_person else "utter_face_match", slots)
    text = reply.text
    if found.faces_found > 1:
        text = f"{text}\n\n{_say(turn, 'utter_face_several', slots).text}"
    assert found.face
    look_alike = LookAlike(
        identity_id=person.id,
        name=person.name,
        percent=match.percent,
        distance=match.distance,
        same_person=match.same_person,
        photo_url=f"/api/v1/galleries/{gallery}/identities/{person.id}/photo" if person.photo else None,
        photo_size=person.photo,
        photo_box=person.box,
        face=found.face.box,
        image=found.image,
        faces_found=found.faces_found,
    )
    return reply.model_copy(update={"text": text, "look_alike": look_alike})


def _say(turn: Turn, name: str, slots: dict[str, Any]) -> Reply:
    return respond(turn.bot, name, {**turn.tracker.slots, **slots}, turn.channel, turn.chance) or Reply()
