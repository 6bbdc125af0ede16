"""What a source answered: read and unpacked within a bound, and decoded without trust."""

import codecs
import json
import re
import zlib
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import httpx

MAX_BYTES = 2_000_000
"""Of a body, packed or not."""
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
"""Half of a UTF-16 pair, written as an escape."""
_PROLOG = re.compile(rb"""\s*<\?xml[^>]*?encoding=["']([A-Za-z0-9._-]+)["']""")


class BodyRefused(Exception):
    """No usable body; the text says why and quotes nothing of it."""


@dataclass(frozen=True)
class Body:
    """The bytes, and the charset that their header names; "" where it names none."""

    content: bytes
    charset: str = ""

    def text(self, default: str = "utf-8") -> str:
        """The bytes decoded strictly. Raises BodyRefused."""
        try:
            return self.content.decode(codecs.lookup(self.charset or default).name).removeprefix("\ufeff")
        except (LookupError, UnicodeError, ValueError):
            raise BodyRefused("the answer is not text of its charset") from None


def json_of(content: bytes) -> Any:
    """What the JSON says. Half a character, which nobody could be sent, becomes a question mark.

    Raises ValueError or RecursionError.
    """
    found = json.loads(content)
    if _HALF.search(content):
        found = json.loads(json.dumps(found, ensure_ascii=False).encode("utf-8", "replace"))
    return found


async def body_of(response: httpx.Response, most: int = MAX_BYTES) -> Body:
    """The response's whole body, unpacked no further than `most` bytes. Raises BodyRefused."""
    unpack = _unpacker(response.headers.get("content-encoding", "identity").strip().lower())
    content = bytearray()
    async for piece in response.aiter_raw():
        content += _unpacked(unpack, piece, most + 1 - len(content)) if unpack else piece
        if len(content) > most:
            raise BodyRefused(f"the answer has more than {most // 1_000_000} MB")
    return Body(bytes(content), response.charset_encoding or "")


def element_of(body: Body) -> ElementTree.Element:
    """The root of an XML document without DOCTYPE, in whatever charset it names. Raises BodyRefused."""
    told = _PROLOG.match(body.content[:200])
    text = body.text(told[1].decode("ascii") if told else "utf-8")
    try:
        return ElementTree.fromstring(text, ElementTree.XMLParser(target=_Plain()))
    except (ElementTree.ParseError, ValueError, RecursionError):
        raise BodyRefused("the answer is not XML") from None


class _Plain(ElementTree.TreeBuilder):
    """Entities are defined in a DOCTYPE only: without one no small document becomes a large one."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        """Called for a DOCTYPE, before what it defines is used."""
        raise BodyRefused("the answer has a DOCTYPE")


def _unpacker(encoding: str) -> "zlib._Decompress | None":
    """For servers that pack though they are asked not to."""
    if encoding in ("", "identity"):
        return None
    if encoding in ("gzip", "x-gzip", "deflate"):
        return zlib.decompressobj(47)  # 32 + 15: the header says whether it is gzip or zlib
    raise BodyRefused("the answer is packed in a way that was not asked for")


def _unpacked(unpack: "zlib._Decompress", piece: bytes, most: int) -> bytes:
    try:
        return unpack.decompress(piece, most)
    except zlib.error:
        raise BodyRefused("the answer is packed wrongly") from None
