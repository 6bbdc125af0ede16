"""A reply as Slack messages: Markdown blocks, a picture, buttons."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from contracts.reply import Button, Reply
from foundation.words import Language, say
from services.worker.channels.rich_text import rich_text
from services.worker.channels.split_markdown import split_markdown

log = logging.getLogger(__name__)

ROOM = 11_000
"""A Markdown block takes 12,000 characters, all blocks of a message about 13,200 (slackapi/bolt-js#2509)."""
TEXT_CHARACTERS = 3000
"""What a notification and a screen reader get; longer texts have been refused on update."""
TITLE_CHARACTERS = 75
VALUE_CHARACTERS = 2000
URL_CHARACTERS = 3000
BUTTONS_A_ROW = 25
"""Elements of an actions block (docs.slack.dev, actions block)."""
ROWS = 20
"""A message takes 50 blocks; nobody reads so many buttons."""
ALT_CHARACTERS = 2000
NO_TEXT = "…"
_BROADCAST = re.compile(r"<!(?=channel|here|everyone|subteam)")

Form = dict[str, Any]
"""The arguments of a call that say what a message shows."""
Blocks = list[dict[str, Any]]


@dataclass(frozen=True)
class SlackPart:
    """One message."""

    markdown: str
    buttons: tuple[Button, ...] = ()
    image: str | None = None
    """The address of a picture."""
    picture: bytes | None = None
    """A picture of ours, to be uploaded first."""
    rated: Language | None = None
    """Whether people are asked if it helped, and in which language."""
    whole: bool = True
    """Whether no more text comes."""
    stopped: Language | None = None
    """The language of the button that stops the text, where there is one."""

    @property
    def spoken(self) -> str:
        """The Markdown as it is sent: it calls nobody."""
        return _BROADCAST.sub("<\u200b!", self.markdown)

    def forms(self, file_id: str | None = None) -> tuple[Form, ...]:
        """The part and, each plainer than the one before, what to send where it is refused.

        file_id is the uploaded picture; without one the text is shown alone.
        """
        linked = replace(self, markdown="\n\n".join(filter(None, (self.markdown, self.image))), image=None)
        text = linked.plain()
        unrated, linked = replace(self, rated=None), replace(linked, rated=None)
        shown = (self.blocks(file_id), unrated.blocks(file_id), unrated.blocks(), linked.blocks())
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

    def blocks(self, file_id: str | None = None) -> Blocks:
        """The message's blocks; file_id is the uploaded picture."""
        text: Blocks = [{"type": "markdown", "text": self.spoken}] if self.markdown else []
        return text + self.bottom(file_id)

    def bottom(self, file_id: str | None = None) -> Blocks:
        """The blocks below the text."""
        blocks: Blocks = []
        alt = rich_text(self.markdown).text[:ALT_CHARACTERS] or self.image or NO_TEXT
        if file_id:
            blocks.append({"type": "image", "slack_file": {"id": file_id}, "alt_text": alt})
        elif self.image:
            blocks.append({"type": "image", "image_url": self.image, "alt_text": alt})
        return [
            *blocks,
            *_actions(self.buttons),
            *_stop(self.stopped),
            *_feedback(self.rated),
        ]

    def bottoms(self, file_id: str | None = None) -> tuple[Blocks, ...]:
        """The same, and without the question whether it helped."""
        unrated = replace(self, rated=None).bottom(file_id)
        return (self.bottom(file_id), unrated) if self.rated else (unrated,)


def slack_parts(
    reply: Reply,
    room: int = ROOM,
    picture: bytes | None = None,
    *,
    rated: Language | None = None,
    stopped: Language | None = None,
    whole: bool = True,
) -> tuple[SlackPart, ...]:
    """The messages that show the reply; picture, buttons and the question whether it helped are in the last.

    whole: False while the reply grows, and so does its last message, which `stopped` has a stop button for.
    """
    parts = [SlackPart(text) for text in split_markdown(reply.text, room)]
    if picture or reply.image_link or reply.buttons:
        parts = parts or [SlackPart("")]
    if parts:
        parts[-1] = replace(parts[-1], image=reply.image_link, picture=picture, buttons=reply.buttons)
        parts[-1] = replace(parts[-1], rated=rated, stopped=stopped, whole=whole)
    return tuple(parts)


def _actions(buttons: tuple[Button, ...]) -> Iterator[dict[str, Any]]:
    elements = [_button(number, button) for number, button in enumerate(buttons)]
    for start in range(0, min(len(elements), BUTTONS_A_ROW * ROWS), BUTTONS_A_ROW):
        yield {"type": "actions", "elements": elements[start : start + BUTTONS_A_ROW]}


def _stop(language: Language | None) -> Iterator[dict[str, Any]]:
    if language:
        title = {"type": "plain_text", "text": say("slack_stop", language)}
        button = {"type": "button", "action_id": "stop", "text": title, "value": "stop"}
        yield {"type": "actions", "elements": [button]}


def _feedback(language: Language | None) -> Iterator[dict[str, Any]]:
    if language is None:
        return
    asked = {
        name: {"text": {"type": "plain_text", "text": say(key, language)}, "value": value}
        for name, key, value in (
            ("positive_button", "helpful", "helpful"),
            ("negative_button", "unhelpful", "unhelpful"),
        )
    }
    element = {"type": "feedback_buttons", "action_id": "feedback", **asked}
    yield {"type": "context_actions", "elements": [element]}


def _button(number: int, button: Button) -> dict[str, Any]:
    title = {"type": "plain_text", "text": button.title[:TITLE_CHARACTERS] or NO_TEXT, "emoji": True}
    if button.link and len(button.link) <= URL_CHARACTERS:
        # Slack tells the bot of the press all the same: without a value it says nothing
        return {"type": "button", "action_id": f"link:{number}", "text": title, "url": button.link}
    value = button.payload or button.title
    if len(value) > VALUE_CHARACTERS:
        log.warning("worker.slack_payload.shortened", extra={"characters": len(value)})
        value = button.title[:VALUE_CHARACTERS]
    return {"type": "button", "action_id": f"button:{number}", "text": title, "value": value}
