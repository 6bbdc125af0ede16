"""Options that several commands have."""

import re
from typing import Annotated

import typer

GALLERY_NAME = r"[a-z0-9-]{1,40}"


def _plain(name: str) -> str:
    if not re.fullmatch(GALLERY_NAME, name):
        raise typer.BadParameter("a gallery's name is made of small letters, digits and -, at most 40")
    return name


GalleryOption = Annotated[str, typer.Option("--gallery", callback=_plain, help="The gallery's name.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the room's answer as JSON.")]
