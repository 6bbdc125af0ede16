"""A photo: who in the gallery looks most like the face on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from contracts.event import MessageSent
from contracts.face import Identification, Identity, Match, Quality
from contracts.reply import LookAlike, Reply
from contracts.turn import CallResult, TurnNeed
from foundation.words import say
from services.nlp.engines.base import Turn
from services.nlp.skills.base import Answer, Asked
from services.nlp.skills.kit import Kit
from services.nlp.skills.markdown import address, bold, escaped

CALL = "face"
SHOWN = 3
"""The match and its runners-up."""
_PROBLEMS = {
    "photo_empty": "utter_photo_unreadable",
    "photo_unreadable": "utter_photo_unreadable",
    "photo_unsupported": "utter_photo_unsupported",
    "photo_too_large": "utter_photo_too_large",
    "too_large": "utter_photo_too_large",
    "photo_gone": "utter_photo_gone",
    "busy": "utter_face_busy",
}
_LIKENESS = (
    (95, "utter_likeness_striking"),
    (80, "utter_likeness_strong"),
    (50, "utter_likeness_clear"),
    (20, "utter_likeness_some"),
    (0, "utter_likeness_faint"),
)
"""From which percentile on which words; half of all people get one of the first three."""
SMALL_EYES = 20
"""Pixels between the eyes under which the descriptor sees more of the enlarging than of the face."""
DARK = 40
"""Mean grey at which features drown in the noise; dark skin in ordinary light is well above it."""
BLURRED = 20
"""Sharpness under which contracts/face.py calls a face blurred."""


@dataclass(frozen=True)
class LookAlikes:
    """What is asked about a photo, and what is said about it."""

    gallery: str
    identity_url: str = ""
    """An address with `{alias}` in it: the page of a person; empty: people have no pages."""

    def need_of(self, turn: Turn) -> TurnNeed | None:
        """What a turn with a photo wants first; None when it has no photo, or has its result."""
        event = turn.request.event
        if not isinstance(event, MessageSent) or event.photo is None or CALL in turn.request.results:
            return None
        args = {"gallery": self.gallery, "limit": SHOWN}
        return TurnNeed(call_id=CALL, kind="face.identify", args=args)

    def reply_to(self, turn: Turn) -> Reply | None:
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
        return self._match_reply(turn, found, found.matches[0])

    def _match_reply(self, turn: Turn, found: Identification, match: Match) -> Reply:
        slots = self._slots(turn, found, match)
        reply = _say(turn, "utter_face_same" if match.same_person else "utter_face_match", slots)
        more = [_say(turn, name, slots).text for name in _remarks(found)]
        text = "\n\n".join(filter(None, (reply.text, *more)))
        return reply.model_copy(update={"text": text, "look_alike": self._look_alike(found, match)})

    def _slots(self, turn: Turn, found: Identification, match: Match) -> dict[str, Any]:
        others = [_say(turn, "utter_face_other", self._about(other)).text for other in found.matches[1:SHOWN]]
        return {
            **self._about(match),
            "likeness": _say(turn, likeness(match.percentile), {}).text,
            "others": ("、" if turn.bot.is_chinese or turn.stage.language != "en" else ", ").join(others),
            "faces_found": found.faces_found,
            "number": found.number,
            "ordinal": ordinal(found.number or 1),
        }

    def _about(self, match: Match) -> dict[str, Any]:
        person = match.identity
        return {
            "name": escaped(person.name),
            "person": bold(person.name, self._url(person)),
            "role": escaped(person.role),
            "percent": match.percent,
            "percentile": round(match.percentile),
        }

    def _look_alike(self, found: Identification, match: Match) -> LookAlike:
        assert found.face
        person, gallery = match.identity, self.gallery
        return LookAlike(
            identity_id=person.id,
            gallery=gallery,
            name=person.name,
            url=self._url(person),
            percent=match.percent,
            distance=match.distance,
            same_person=match.same_person,
            photo_url=f"/api/v1/galleries/{gallery}/identities/{person.id}/photo" if person.photo else None,
            photo_size=person.photo,
            photo_box=person.box,
            face=found.face.box,
            turn=found.face.turn,
            image=found.image,
            faces_found=found.faces_found,
        )

    def _url(self, person: Identity) -> str | None:
        return address(self.identity_url, person.alias)


class LookAlikeSkill:
    """Asks for the photo. One that comes is looked at before any skill is: `LookAlikes`, or its tool."""

    name = "look_alike"
    description = "Asks for a photo with a face, to tell whom in the gallery it resembles."
    parameters: Mapping[str, Any] = {"type": "object", "properties": {}}
    hosts = ()

    async def run(self, asked: Asked) -> Answer:
        """How to be told."""
        return Answer(Reply(text=say("look_alike_send_photo", asked.language)), {"needs": "a photo"})


def create(kit: Kit) -> LookAlikeSkill:
    """The skill, which needs nothing."""
    return LookAlikeSkill()


def likeness(percentile: float) -> str:
    """The response that says in words how alike."""
    return next(name for least, name in _LIKENESS if percentile >= least)


def flaw(quality: Quality | None) -> str | None:
    """The response about what makes the face hard to see; None where it is seen well."""
    if quality is None:
        return None
    if quality.eye_distance < SMALL_EYES:
        return "utter_face_small"
    if quality.brightness < DARK:
        return "utter_face_dark"
    return "utter_face_blurred" if quality.sharpness < BLURRED else None


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, 21st …"""
    endings = {1: "st", 2: "nd", 3: "rd"}
    return f"{number}{'th' if number % 100 in (11, 12, 13) else endings.get(number % 10, 'th')}"


def _remarks(found: Identification) -> list[str]:
    """The responses behind the first one, in their order."""
    assert found.face
    several = "utter_face_several" if found.number is None else "utter_face_which"
    remarks = (
        "utter_face_others" if len(found.matches) > 1 else None,
        several if found.faces_found > 1 else None,
        flaw(found.face.quality),
    )
    return [name for name in remarks if name]


def _identification(result: CallResult) -> Identification | None:
    try:
        return Identification.model_validate(result.value)
    except ValidationError:
        return None


def _say(turn: Turn, name: str, slots: dict[str, Any]) -> Reply:
    return turn.stage.respond(name, slots) or Reply()
