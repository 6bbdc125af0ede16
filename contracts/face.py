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


class Quality(BaseModel):
    """How well a face can be seen."""

    model_config = ConfigDict(frozen=True)

    eye_distance: float
    """Between the eyes' centres, in pixels of the photo."""
    roll: float
    """Degrees that the head leans, positive clockwise, in the picture after the face's `turn`."""
    yaw: float
    """How far the head is turned aside: 0 frontal, about -1 and 1 in half profile. A proxy from landmarks."""
    sharpness: float
    """Variance of the Laplacian over the aligned grey face: under about 20 it is blurred."""
    brightness: float
    """Mean grey of the aligned face, 0 to 255."""


class FoundFace(BaseModel):
    """One face that the detector found."""

    model_config = ConfigDict(frozen=True)

    box: Box
    score: float
    """The detector's own score; above 0, higher is surer, about 0.5 to 3 for frontal faces."""
    turn: int = 0
    """Degrees clockwise that the photo, after EXIF rotation, was turned by to find the face upright: 0, 90,
    180 or 270. The box is of the photo as it was."""
    quality: Quality | None = None


class Detection(BaseModel):
    """All faces of a photo, the main one first: largest area, then nearest the centre, then score."""

    model_config = ConfigDict(frozen=True)

    image: ImageSize
    faces: tuple[FoundFace, ...]


class EmbeddedFace(FoundFace):
    """A found face and its 128 numbers."""

    embedding: tuple[float, ...]
    """128 numbers, compared by Euclidean distance; not of unit length."""


class Embeddings(BaseModel):
    """The faces of a photo as numbers, the main one first."""

    model_config = ConfigDict(frozen=True)

    image: ImageSize
    faces_found: int
    faces: tuple[EmbeddedFace, ...]


class EnrolledPhoto(BaseModel):
    """One photo of an enrolled person; each has its own embedding."""

    model_config = ConfigDict(frozen=True)

    id: str
    size: ImageSize | None = None
    """Size of the kept picture."""
    box: Box | None = None
    """The face in the kept picture."""
    licence: str = ""
    author: str = ""
    source: str = ""
    """Where it comes from."""


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
    photos: tuple[EnrolledPhoto, ...] = ()
    """All photos, the shown one first; `licence`, `source`, `photo` and `box` above are the first one's."""
    found: int = 0
    """How often this person was somebody's nearest look-alike; nothing is known of whose."""


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
    percentile: float = Field(default=0, ge=0, le=100)
    """Closer than this many percent of people are to their nearest of the gallery."""
    percent: int = Field(ge=0, le=100)
    """The percentile as it is shown: a rising map of it, by a setting of the room."""
    same_person: bool
    """Under the distance that strangers reach once in a hundred searches of a gallery of this size."""


class FaceMatches(BaseModel):
    """One face of a photo, and who of the gallery it is most like."""

    model_config = ConfigDict(frozen=True)

    face: FoundFace
    number: int
    """Which face of the photo, counted from the left, from 1."""
    matches: tuple[Match, ...]
    """Nearest first."""


class Identification(BaseModel):
    """Who is this (1:N). A photo without a face and an empty gallery are answers, not errors."""

    model_config = ConfigDict(frozen=True)

    outcome: Literal["matched", "no_face", "gallery_empty"]
    image: ImageSize
    faces_found: int
    face: FoundFace | None = None
    """The main face."""
    number: int | None = None
    """Which face of the photo it is, counted from the left, from 1."""
    people: int = 0
    """How many people the gallery has."""
    matches: tuple[Match, ...] = ()
    """Of the main face, nearest first."""
    others: tuple[FaceMatches, ...] = ()
    """The other faces of the photo, where all were asked for."""


class Verification(BaseModel):
    """Is this them (1:1)."""

    model_config = ConfigDict(frozen=True)

    outcome: Literal["compared", "no_face"]
    distance: float | None = None
    same_person: bool | None = None
    threshold: float | None = None
    """The distance below which two faces are one person's."""
