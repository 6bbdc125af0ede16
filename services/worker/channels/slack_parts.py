"""A reply as Slack messages: Markdown blocks, a picture, buttons."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from contracts.reply import Button, Reply
from services.worker.channels.rich_text import rich_text
from services.worker.channels.split import Rich, split, utf16_units

log = logging.getLogger(__name__)

ROOM = 11_000
"""A Markdown block takes 12,000 characters, all blocks of a message about 13,200 (slackapi/bolt-js#2509)."""
TEXT_CHARACTERS = 3000
"""What a notification and a screen reader get; longer texts have been refused on update."""
TITLE_CHARACTERS = 75
VALUE_CHARACTERS = 2000
BUTTONS_A_ROW = 25
"""Elements of an actions block (docs.slack.dev, actions block)."""
ROWS = 20
"""A message takes 50 blocks; nobody reads so many buttons."""
ALT_CHARACTERS = 2000
NO_TEXT = "…"
_BROADCAST = re.compile(r"<!(?=channel|here|everyone|subteam)")

Form = dict[str, Any]
"""The arguments of a call that say what a message shows."""


@dataclass(frozen=True)
class SlackPart:
    """One message."""

    markdown: str
    buttons: tuple[Button, ...] = ()
    image: str | None = None
    """The address of a picture."""
    picture: bytes | None = None
    """A picture of ours, to be uploaded first."""

    def forms(self, file_id: str | None = None) -> tuple[Form, ...]:
        """The part and, each plainer than the one before, what to send where it is refused.

        file_id is the uploaded picture; without one the text is shown alone.
        """
        linked = replace(self, markdown="\n\n".join(filter(None, (self.markdown, self.image))), image=None)
        text = linked.plain()
        shown = (self.blocks(file_id), self.blocks(), linked.blocks())
        forms = [
            {"text": text, "blocks": blocks}
            for number, blocks in enumerate(shown)
            if blocks not in shown[:number]
        ]
        return (*forms, {"text": text, "blocks": []})

    def plain(self) -> str:
        """The text without formatting, as Slack wants it escaped."""
        text = rich_text(self.markdown).text[:TEXT_CHARACTERS] or NO_TEXT
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    def blocks(self, file_id: str | None = None) -> list[dict[str, Any]]:
        """The message's blocks; file_id is the uploaded picture."""
        blocks: list[dict[str, Any]] = []
        if self.markdown:
            blocks.append({"type": "markdown", "text": _BROADCAST.sub("<\u200b!", self.markdown)})
        alt = rich_text(self.markdown).text[:ALT_CHARACTERS] or self.image or NO_TEXT
        if file_id:
            blocks.append({"type": "image", "slack_file": {"id": file_id}, "alt_text": alt})
        elif self.image:
            blocks.append({"type": "image", "image_url": self.image, "alt_text": alt})
        return blocks + list(_actions(self.buttons))


def slack_parts(reply: Reply, room: int = ROOM, picture: bytes | None = None) -> tuple[SlackPart, ...]:
    """The messages that show the reply; picture and buttons are in the last one."""
    parts = [SlackPart(text) for text in split_markdown(reply.text, room)]
    if picture or reply.image or reply.buttons:
        parts = parts or [SlackPart("")]
        parts[-1] = replace(parts[-1], image=reply.image, picture=picture, buttons=reply.buttons)
    return tuple(parts)


def split_markdown(text: str, room: int) -> tuple[str, ...]:
    """Pieces of at most `room` characters that are whole Markdown: cut between blocks where that is possible.

    A program that is cut gets its fence in both pieces.
    """
    pieces: list[list[str]] = []
    left = -1
    for block in _blocks(text, room):
        units = utf16_units(block)
        if units + 2 <= left:
            pieces[-1].append(block)
            left -= units + 2
        else:
            pieces.append([block])
            left = room - units
    return tuple("\n\n".join(piece) for piece in pieces)


def _blocks(text: str, room: int) -> Iterator[str]:
    text = text.replace("\r\n", "\n").replace("\r", "\n")  # the parser counts these lines and no others
    lines = text.split("\n")
    tokens = [t for t in MarkdownIt("commonmark").enable("table").parse(text) if t.level == 0 and t.map]
    places = [0, *(token.map[0] for token in tokens[1:] if token.map), len(lines)]
    for token, (start, end) in zip(tokens, pairwise(places), strict=False):
        block = "\n".join(lines[start:end]).strip("\n").rstrip()
        if not block.strip():
            continue
        if utf16_units(block) <= room:
            yield block
        elif token.type == "fence":
            yield from _programs(token, room)
        else:
            yield from (piece.text for piece in split(Rich(block), room, spans=0))


def _programs(fence: Token, room: int) -> Iterator[str]:
    opening = f"{fence.markup}{fence.info[: room // 4]}"
    inside = room - len(opening) - len(fence.markup) - 2
    for piece in split(Rich(fence.content.rstrip()), inside, spans=0):
        yield f"{opening}\n{piece.text}\n{fence.markup}"


def _actions(buttons: tuple[Button, ...]) -> Iterator[dict[str, Any]]:
    elements = [_button(number, button) for number, button in enumerate(buttons)]
    for start in range(0, min(len(elements), BUTTONS_A_ROW * ROWS), BUTTONS_A_ROW):
        yield {"type": "actions", "elements": elements[start : start + BUTTONS_A_ROW]}


def _button(number: int, button: Button) -> dict[str, Any]:
    value = button.payload or button.title
    if len(value) > VALUE_CHARACTERS:
        log.warning("worker.slack_payload.shortened", extra={"characters": len(value)})
        value = button.title[:VALUE_CHARACTERS]
    title = {"type": "plain_text", "text": button.title[:TITLE_CHARACTERS] or NO_TEXT, "emoji": True}
    return {"type": "button", "action_id": f"button:{number}", "text": title, "value": value}
