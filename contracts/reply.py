"""Replies: what the bot says, before any channel shapes it."""

import re
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from contracts.face import Box, ImageSize

Act = Literal["regenerate", "continue"]
"""What a button may ask of an answer instead of saying something to the bot."""


_WEB = re.compile(r"https?://[^\s/?#]+[^\s]*", re.IGNORECASE)


def act(name: Act, event_id: str) -> str:
    """The payload of a button that regenerates or continues the answer to an Event."""
    return f"/{name}:{event_id}"


def act_of(payload: str) -> tuple[Act, str] | None:
    """What `act` has put into a payload; None for any other payload, Rasa's intents among them."""
    name, _, event_id = payload.removeprefix("/").partition(":")
    if not payload.startswith("/") or not event_id:
        return None
    if name == "regenerate":
        return "regenerate", event_id
    return ("continue", event_id) if name == "continue" else None


class Button(BaseModel):
    """A choice that the reply offers; pressing it sends the payload back, or opens a page."""

    model_config = ConfigDict(frozen=True)

    title: str
    payload: str
    """A text, `/intent{"entity": "value"}` as Rasa has it, or what `act` makes."""
    url: str | None = None
    """A page that is opened instead; the bot hears nothing of it. Whoever shows it goes by `link`."""

    @property
    def link(self) -> str | None:
        """The page's address where it is one of the web's: no other kind is ever opened."""
        return self.url if self.url and _WEB.fullmatch(self.url) else None


class LookAlike(BaseModel):
    """A photo's best match in a gallery, with what a page needs to draw the two side by side."""

    model_config = ConfigDict(frozen=True)

    identity_id: str
    gallery: str = ""
    """The gallery that the identity is in; empty in replies of earlier versions."""
    name: str
    url: str | None = None
    """The person's page, where the installation has pages of people."""
    percent: int
    """0 to 100: how alike, by the gallery's statistics."""
    distance: float
    same_person: bool
    photo_url: str | None = None
    """Path on the gateway of the enrolled photo; None when there is none."""
    photo_size: ImageSize | None = None
    """Size in pixels of the enrolled photo at photo_url."""
    photo_box: Box | None = None
    """The face in the enrolled photo."""
    face: Box
    """The face in the person's photo, in pixels of `image`."""
    turn: int = 0
    """Degrees clockwise that set the person's face upright: 0, 90, 180 or 270."""
    image: ImageSize
    """Size in pixels of the person's photo as looked at, after EXIF rotation."""
    faces_found: int


class Reply(BaseModel):
    """One message of the bot. Text is Markdown; a channel that cannot show it sends it plain."""

    model_config = ConfigDict(frozen=True)

    text: str = ""
    buttons: tuple[Button, ...] = ()
    image: str | None = None
    """The http(s) address of a picture to show. Whoever shows it goes by `image_link`."""
    look_alike: LookAlike | None = None
    custom: dict[str, Any] | None = None
    """A response's `custom` part, as the bot's author wrote it; channels may ignore it."""
    cut_off: bool = False
    """The text ends where a language model reached its limit: the person may ask for more of it."""

    @property
    def image_link(self) -> str | None:
        """The address where it is one of the web's: a library may take another for a file of ours."""
        return self.image if self.image and _WEB.fullmatch(self.image) else None
