"""Examples for OpenAPI, built from the types that are answered, so that they stay true."""

from typing import TypeVar

from pydantic import BaseModel

from contracts.face import (
    Box,
    Detection,
    EmbeddedFace,
    Embeddings,
    EnrolledPhoto,
    Enrollment,
    FoundFace,
    Identification,
    Identity,
    IdentityList,
    ImageSize,
    Match,
    Quality,
    Verification,
)
from foundation.http import problem_of
from services.face.answers import Answer, Answers, GalleryList, GallerySummary, PhotoList
from services.face.errors import PhotoUnreadable

V = TypeVar("V", bound=BaseModel)

BASE64 = "/9j/4AAQSkZJRgABAQAAAQABAAD…"

_SIZE = ImageSize(width=1080, height=1350)
_QUALITY = Quality(eye_distance=92.4, roll=-2.1, yaw=0.04, sharpness=310.5, brightness=128.0)
FACE = FoundFace(box=Box(left=312, top=204, width=268, height=268), score=1.87, quality=_QUALITY)
DETECTION = Detection(image=_SIZE, faces=(FACE,))
EMBEDDINGS = Embeddings(
    image=_SIZE,
    faces_found=1,
    faces=(EmbeddedFace(**dict(FACE), embedding=tuple(round(-0.12 + n / 512, 4) for n in range(128))),),
)
VERIFICATION = Verification(outcome="compared", distance=0.3412, same_person=True, threshold=0.6)

_PORTRAIT = ImageSize(width=512, height=640)
_BOX = Box(left=148, top=97, width=127, height=127)
_ID = "7d1f0c5e9a6b4d0c8f3f2f4f0a9b1c2d"
PHOTO = EnrolledPhoto(
    id=_ID,
    size=_PORTRAIT,
    box=_BOX,
    licence="CC BY-SA 4.0",
    author="A. Photographer",
    source="Wikimedia Commons",
)
IDENTITY = Identity(
    id=_ID,
    name="Tilda Swinton",
    alias="tilda-swinton",
    role="actress",
    n_movies=96,
    licence=PHOTO.licence,
    source=PHOTO.source,
    photo=_PORTRAIT,
    box=_BOX,
    photos=(PHOTO,),
    found=12,
)
ENROLLMENT = Enrollment(identity=IDENTITY, faces_found=1)
IDENTITIES = IdentityList(identities=(IDENTITY,))
PHOTOS = PhotoList(photos=(PHOTO,))
GALLERIES = GalleryList(galleries=(GallerySummary(name="default", people=12_041, photos=12_873),))
IDENTIFICATION = Identification(
    outcome="matched",
    image=_SIZE,
    faces_found=1,
    face=FACE,
    number=1,
    people=12_041,
    matches=(Match(identity=IDENTITY, distance=0.6127, percentile=83.2, percent=92, same_person=False),),
)


def answers(value: V) -> Answers[V]:
    """Two photos' answers: one went well, one did not."""
    return Answers[V](answers=(Answer(value=value), Answer(problem=problem_of(PhotoUnreadable()))))
