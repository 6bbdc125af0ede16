"""What the face room answers: faces, identities, matches."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Box(BaseModel):
    """A rectangle in pixels; left and top may lie outside the picture."""

    model_config = ConfigDict(frozen=True)

    left: int
    top: int
    width: int
    height: int


class ImageSize(BaseModel):
    """Width and height in pixels, after EXIF rotation."""

    model_config = ConfigDict(frozen=True)

    width: int
    height: int


class FoundFace(BaseModel):
    """One face that the detector found."""

    model_config = ConfigDict(frozen=True)

    box: Box
    score: float
    """The detector's own score; above 0, higher is surer, about 0.5 to 3 for frontal faces."""


class Detection(BaseModel):
    """All faces of a photo, the main one first: largest area, then nearest the centre, then score."""

    model_config = ConfigDict(frozen=True)

    image: ImageSize
    faces: tuple[FoundFace, ...]


class Identity(BaseModel):
    """One enrolled person of a gallery."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    alias: str = ""
    """A short name for addresses, such as "tilda-swinton"."""
    role: str = ""
    n_movies: int | None = None
    licence: str = ""
    source: str = ""
    """Where the photo comes from."""
    photo: ImageSize | None = None
    """Size of the stored photo; None when none is stored."""
    box: Box | None = None
    """The face in the stored photo."""


class Enrollment(BaseModel):
    """What enrolling answers: the identity, and how many faces the photo had."""

    model_config = ConfigDict(frozen=True)

    identity: Identity
    faces_found: int


class IdentityList(BaseModel):
    """The people of one gallery, by name."""

    model_config = ConfigDict(frozen=True)

    identities: tuple[Identity, ...]


class Match(BaseModel):
    """An identity and its distance from the probe."""

    model_config = ConfigDict(frozen=True)

    identity: Identity
    distance: float
    """Euclidean, between dlib descriptors: 0 is the same picture, about 0.6 another person."""
    percent: int = Field(ge=0, le=100)
    same_person: bool


class Identification(BaseModel):
    """Who is this (1:N). A photo without a face and an empty gallery are answers, not errors."""

    model_config = ConfigDict(frozen=True)

    outcome: Literal["matched", "no_face", "gallery_empty"]
    image: ImageSize
    faces_found: int
    face: FoundFace | None = None
    matches: tuple[Match, ...] = ()
    """Nearest first."""


class Verification(BaseModel):
    """Is this them (1:1)."""

    model_config = ConfigDict(frozen=True)

    outcome: Literal["compared", "no_face"]
    distance: float | None = None
    same_person: bool | None = None
