"""The shapes of CompreFace's recognition API, and how our numbers become its numbers.

Held against docs/Rest-API-description.md of exadel-inc/CompreFace (version 1.2).
"""

import uuid
from math import exp
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, RootModel, StringConstraints

from contracts.face import FoundFace, ImageSize
from services.face.bodies import RawPhoto

SubjectName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]

PLUGINS = {"detector": "dlib.FrontalFaceDetector", "calculator": "dlib.FaceRecognitionResnetV1"}
"""What `plugins_versions` says."""


class FileBody(BaseModel):
    """One image; other fields are ignored, as CompreFace does."""

    file: RawPhoto


class Subject(BaseModel):
    """A subject by name: what is asked for and what is answered."""

    subject: SubjectName


class SubjectNames(BaseModel):
    """Every subject."""

    subjects: list[str]


class Renamed(BaseModel):
    """Whether the name is another one now."""

    updated: bool


class Deleted(BaseModel):
    """How many subjects, or faces, are gone."""

    deleted: int


class Example(BaseModel):
    """One saved face of a subject."""

    image_id: str
    subject: str


class ExamplePage(BaseModel):
    """One page of the saved faces."""

    faces: list[Example]
    page_number: int
    page_size: int
    total_pages: int
    total_elements: int


class ImageIds(RootModel[list[str]]):
    """The saved faces to delete."""

    root: list[str] = Field(max_length=1000)


class FaceBox(BaseModel):
    """Where a face is, in pixels inside the image."""

    probability: float
    x_max: int
    y_max: int
    x_min: int
    y_min: int


class Likeness(BaseModel):
    """A subject, and how alike it is."""

    subject: str
    similarity: float


class _Face(BaseModel):
    model_config = ConfigDict(extra="forbid")

    box: FaceBox
    embedding: list[float] | None = None
    """With the plugin `calculator`."""
    execution_time: dict[str, float] | None = None
    """With `status`: the milliseconds of the whole image."""


class RecognizedFace(_Face):
    """One face, and whom it is like, the most alike first."""

    subjects: list[Likeness]


class Recognition(BaseModel):
    """The faces of an image, the largest first."""

    result: list[RecognizedFace]
    plugins_versions: dict[str, str] | None = None
    """With `status`."""


class VerifiedFace(_Face):
    """One face, and how alike it is to the saved one."""

    similarity: float


class Comparison(BaseModel):
    """The faces of an image, the largest first."""

    result: list[VerifiedFace]
    plugins_versions: dict[str, str] | None = None
    """With `status`."""


class ErrorBody(BaseModel):
    """What CompreFace says of an error."""

    message: str
    code: int


def similarity(distance: float) -> float:
    """From 1 for the same picture to 0; 0.5 at a distance of 0.6, where dlib's authors draw the line.

    CompreFace promises that most right guesses are above 0.5 and most wrong ones below. Photos of one
    person (0.33 apart on the average) come to 0.98, of two people (0.9) to 0.01.
    """
    return round(1 / (1 + exp(15 * (distance - 0.6))), 5)


def probability(score: float) -> float:
    """That this is a face, from the detector's score: 0.5 at 0, 0.88 at 0.5, 0.98 at 1."""
    return round(1 / (1 + exp(-4 * score)), 5)


def face_box(face: FoundFace, image: ImageSize) -> FaceBox:
    """The box, cut at the image's edges."""
    box = face.box
    return FaceBox(
        probability=probability(face.score),
        x_min=max(0, box.left),
        y_min=max(0, box.top),
        x_max=min(image.width, box.left + box.width),
        y_max=min(image.height, box.top + box.height),
    )


def image_id(photo_id: str) -> str:
    """A photo's id as the UUID that CompreFace's clients expect."""
    try:
        return str(uuid.UUID(hex=photo_id))
    except ValueError:
        return photo_id


def photo_id(image_id: str) -> str:
    """And back."""
    try:
        return uuid.UUID(image_id).hex
    except ValueError:
        return image_id
