"""The line behind a text that came to no end."""

import re

from contracts.reply import Reply

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})(.*)$")


def marked(reply: Reply, mark: str) -> Reply:
    """The reply with the mark in italics as its last paragraph; "" is no mark."""
    paragraphs = (closed(reply.text), mark and f"_{mark}_")
    return reply.model_copy(update={"text": "\n\n".join(filter(None, paragraphs))})


def closed(markdown: str) -> str:
    """The text with its last code fence closed, so that what follows is no program."""
    opened = ""
    for line in markdown.splitlines():
        fence = _FENCE.match(line)
        if not fence:
            continue
        marks, rest = fence.groups()
        if not opened:
            opened = marks if "`" not in rest or marks[0] == "~" else ""
        elif marks[0] == opened[0] and len(marks) >= len(opened) and not rest.strip():
            opened = ""
    return f"{markdown.rstrip()}\n{opened}" if opened else markdown.rstrip()
