"""Who shall be in a gallery, and where their photos are: a folder, or a CSV or JSON catalogue."""

import csv
import hashlib
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from switchboard.gallery.plain import plain

PICTURES = frozenset(
    (".jpg", ".jpeg", ".png", ".webp", ".avif", ".heic", ".heif", ".gif", ".tif", ".tiff", ".bmp")
)
_PHOTO_COLUMNS = ("photo", "photos", "url", "urls", "image", "images")
LONGEST = 400
"""What the room takes of a field."""


class CatalogueUnreadable(ValueError):
    """What was given is no catalogue; the message says where it is wrong."""


@dataclass(frozen=True)
class PhotoPlace:
    """Where a photo is, and whose it is."""

    place: str
    """A file's path or an http address."""
    licence: str = ""
    author: str = ""
    source: str = ""
    """The page that tells of the photo; else its address."""

    @property
    def is_remote(self) -> bool:
        """Whether it has to be downloaded."""
        return self.place.startswith(("http://", "https://"))


@dataclass(frozen=True)
class Person:
    """Somebody who shall be enrolled. Without photos, they are looked for on Wikidata."""

    name: str
    alias: str
    role: str = ""
    n_movies: int | None = None
    wikidata: str = ""
    """Their Wikidata id, such as Q42, where it is known."""
    photos: tuple[PhotoPlace, ...] = ()

    @property
    def key(self) -> str:
        """What makes them the same person from one build to the next."""
        return self.alias

    @property
    def fingerprint(self) -> str:
        """Another one as soon as the catalogue says something else of them."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]


def read_source(source: Path) -> list[Person]:
    """Everybody in a folder (`Name.jpg`, `Name/*.jpg`) or a catalogue (`.csv`, `.tsv`, `.json`).

    Entries of one alias, or without one of one name, are one person. Raises CatalogueUnreadable.
    """
    if source.is_dir():
        return _merged(_folder(source))
    try:
        text = source.read_text("utf-8-sig")
        rows = _json_rows(text) if source.suffix.lower() == ".json" else _csv_rows(text)
    except (UnicodeDecodeError, json.JSONDecodeError, csv.Error) as error:
        raise CatalogueUnreadable(f"{source}: {error}") from error
    people = []
    for number, row in enumerate(rows, 1):
        try:
            people.append(_person(row, source.parent))
        except ValueError as error:
            raise CatalogueUnreadable(f"{source}, entry {number}: {error}") from error
    return _merged(people)


def strangers_in(source: Path) -> list[Path]:
    """What lies in a folder of photos and is none, but for hidden files; nothing for a catalogue."""
    if not source.is_dir():
        return []
    top = sorted(source.iterdir())
    inside = [each for folder in top if folder.is_dir() for each in sorted(folder.iterdir())]
    entries = [path for path in top if not path.is_dir()] + inside
    hidden = {path for path in entries if path.name.startswith(".") or path.parent.name.startswith(".")}
    return [path for path in entries if path not in hidden and not _is_picture(path)]


def slug(name: str) -> str:
    """A name as it stands in an address: "Tilda Swinton" is "tilda-swinton"."""
    return re.sub("-+", "-", "".join(map(_in_address, name.casefold()))).strip("-") or name


def _in_address(letter: str) -> str:
    """Letters and numbers, and the marks that make other letters of them: in many scripts, the vowels."""
    return letter if letter.isalnum() or unicodedata.category(letter).startswith("M") else "-"


def _folder(folder: Path) -> Iterable[Person]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir():
            photos = sorted(each for each in path.iterdir() if _is_picture(each))
            yield _from_files(path.name, photos)
        elif _is_picture(path):
            yield _from_files(path.stem, [path])


def _from_files(title: str, files: list[Path]) -> Person:
    name = _readable(title.replace("_", " ").strip())
    return Person(name, slug(name), photos=tuple(PhotoPlace(str(path)) for path in files))


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in PICTURES and not path.name.startswith(".") and path.is_file()


def _csv_rows(text: str) -> list[dict[str, Any]]:
    head = text.partition("\n")[0]
    separator = max(",;\t", key=head.count)
    return list(csv.DictReader(io.StringIO(text), delimiter=separator))


def _json_rows(text: str) -> list[dict[str, Any]]:
    content = json.loads(text)
    if isinstance(content, dict):
        content = next((content[key] for key in ("people", "identities") if key in content), None)
    if not isinstance(content, list) or not all(isinstance(row, dict) for row in content):
        raise CatalogueUnreadable("a JSON catalogue is a list of objects, or an object with a list `people`")
    return content


def _person(row: Mapping[str, Any], folder: Path) -> Person:
    fields = {str(key).strip().lower(): value for key, value in row.items() if key is not None}
    name = _text(fields, "name")
    if not name:
        raise ValueError("there is no name")
    films = _text(fields, "n_movies")
    if films and not films.isdecimal():
        raise ValueError(f"n_movies is {films!r}, which is no number")
    return Person(
        name=name,
        alias=_text(fields, "alias") or slug(name),
        role=_text(fields, "role"),
        n_movies=int(films) if films else None,
        wikidata=_text(fields, "wikidata"),
        photos=tuple(_places(fields, folder)),
    )


def _places(fields: Mapping[str, Any], folder: Path) -> Iterable[PhotoPlace]:
    for column in _PHOTO_COLUMNS:
        value = fields.get(column) or []
        for entry in value if isinstance(value, list) else [value]:
            own = entry if isinstance(entry, dict) else {}
            place = str(own.get("url") or own.get("photo") or "") if own else str(entry).strip()
            if place:
                yield _place(place, {**fields, **own}, folder)


def _place(place: str, fields: Mapping[str, Any], folder: Path) -> PhotoPlace:
    scheme = place.partition("://")[0].lower() if "://" in place else ""
    if scheme not in ("", "http", "https"):
        raise ValueError(f"{scheme} is no way to a photo: give an http address or a file")
    if scheme and not urlsplit(place).hostname:
        raise ValueError(f"{place!r} names no host")
    return PhotoPlace(
        place=plain(place) if scheme else str(folder / place),
        licence=_text(fields, "licence") or _text(fields, "license"),
        author=_text(fields, "author"),
        source=_text(fields, "source"),
    )


def _text(fields: Mapping[str, Any], column: str) -> str:
    value = fields.get(column)
    return "" if value is None else _readable(str(value).strip())[:LONGEST]


def _readable(text: str) -> str:
    """A letter with an accent is one character, whatever system wrote it."""
    return unicodedata.normalize("NFC", plain(text))


def _merged(people: Iterable[Person]) -> list[Person]:
    found: dict[str, Person] = {}
    for person in people:
        known = found.get(person.key)
        photos = (*known.photos, *person.photos) if known else person.photos
        # Two rows of one address are one photo, however the rest is written.
        unique = tuple({photo.place: photo for photo in reversed(photos)}.values())[::-1]
        found[person.key] = replace(known or person, photos=unique)
    return list(found.values())
