"""What several commands take, and what is in an address, checked."""

import re
from typing import Annotated

import typer

GALLERY_NAME = r"[a-z0-9-]{1,40}"
_IDENTITY_ID = r"[A-Za-z0-9_-]{1,64}"


def _gallery_name(name: str) -> str:
    if not re.fullmatch(GALLERY_NAME, name):
        raise typer.BadParameter("a gallery's name is made of small letters, digits and -, at most 40")
    return name


def _identity_id(shown: str) -> str:
    # Part of an address, where ".." instead of an id would name the whole gallery.
    if not re.fullmatch(_IDENTITY_ID, shown):
        raise typer.BadParameter("an id is made of letters, digits, - and _, at most 64")
    return shown


GalleryOption = Annotated[str, typer.Option("--gallery", callback=_gallery_name, help="The gallery's name.")]
IdentityArgument = Annotated[str, typer.Argument(callback=_identity_id, help="The id that `list` shows.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the room's answer as JSON.")]
