"""What an RSS or Atom feed says, as plain texts within bounds."""

import calendar
import hashlib
import io
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import feedparser

from services.nlp.skills.bodies import Body
from services.nlp.skills.fetching import Unavailable

MAX_ENTRIES = 20
_LONG_TAG = re.compile(rb"<(?!!)[^<>]{8000}")
"""The parser's time grows with the square of a tag's attributes: minutes for a megabyte of them."""
TITLE_CHARS, SUMMARY_CHARS, LINK_CHARS = 120, 600, 400


@dataclass(frozen=True)
class Item:
    """One entry of a feed."""

    id: str
    """The same for the same article, whenever it is read."""
    title: str
    summary: str
    link: str
    """http(s), or ""."""
    source: str
    """The feed's title."""
    published: float
    """Seconds since the epoch; 0 where the feed does not say."""

    @property
    def day(self) -> str:
        """Date and time in UTC; "" where the feed does not say."""
        when = datetime.fromtimestamp(self.published, UTC) if self.published else None
        return when.strftime("%Y-%m-%d %H:%M UTC") if when else ""


def items_of(body: Body) -> list[Item]:
    """The feed's first entries that have a title. Raises Unavailable for what is no feed.

    The parser is given bytes, never a text: it would fetch one that is an address, or open it as a file.
    """
    if _LONG_TAG.search(body.content):
        raise Unavailable("the feed cannot be read")
    headers = {"content-type": f"application/xml; charset={body.charset}"} if body.charset else {}
    try:
        feed = feedparser.parse(io.BytesIO(body.content), response_headers=headers)
    except Exception:  # a parser of everybody's documents may stumble in any way
        raise Unavailable("the feed cannot be read") from None
    entries = feed.get("entries")
    if not feed.get("version") or not isinstance(entries, list):
        raise Unavailable("the answer is no feed")
    source = plain(feed.get("feed", {}).get("title"), TITLE_CHARS)
    items = [_item(entry, source) for entry in entries[:MAX_ENTRIES]]
    return [item for item in items if item.title]


def plain(html: Any, most: int) -> str:
    """The text of a piece of HTML on one line, at most so long; "" for what is no text."""
    if not isinstance(html, str):
        return ""
    reader = _Text()
    reader.feed(html[: 20 * most])
    reader.close()
    text = " ".join("".join(reader.parts).split())
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def web_address(value: Any) -> str:
    """The value where it is an http(s) address of ordinary length; else ""."""
    if not isinstance(value, str) or len(value) > LINK_CHARS or any(c.isspace() or c in '<>"' for c in value):
        return ""
    return value if value.startswith(("https://", "http://")) else ""


class _Text(HTMLParser):
    """Collects what a reader would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Scripts and styles are not read; whatever else begins is apart from what stands before it."""
        self._hidden += tag in ("script", "style")
        if tag in ("p", "br", "div", "li", "tr", "h1", "h2", "h3"):
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """The reverse."""
        self._hidden -= tag in ("script", "style") and self._hidden > 0

    def handle_data(self, data: str) -> None:
        """Text between tags."""
        if not self._hidden:
            self.parts.append(data)


def _item(entry: Any, source: str) -> Item:
    title, link = plain(entry.get("title"), TITLE_CHARS), web_address(entry.get("link"))
    mark = hashlib.sha256((link or title).encode(errors="replace")).hexdigest()[:12]
    summary = plain(entry.get("summary"), SUMMARY_CHARS)
    when = _seconds(entry.get("published_parsed") or entry.get("updated_parsed"))
    return Item(mark, title, summary, link, source, when)


def _seconds(moment: Any) -> float:
    """Of a time that feedparser has read; years that no clock has are as good as none."""
    try:
        seconds = float(calendar.timegm(moment)) if moment else 0.0
        datetime.fromtimestamp(seconds, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return 0.0
    return max(seconds, 0.0)
