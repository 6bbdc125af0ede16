"""Text as Slack writes it, read as people typed it (docs.slack.dev, formatting message text)."""

import re

_CALL = re.compile(r"<[@!][^<>]*> ?")
"""A person, a group, everybody."""
_LINK = re.compile(r"<(#?)([^<>|]+)(?:\|([^<>]*))?>")


def plain_text(text: str) -> str:
    """The text without mentions; links, addresses and channels as they were typed, and Slack's escapes too.

    A link that shows other words than its address keeps both.
    """
    spoken = _LINK.sub(_typed, _CALL.sub("", text)).strip()
    return spoken.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _typed(link: re.Match[str]) -> str:
    sign, target, label = link.groups()
    if not label:
        return target
    if sign:
        return f"#{label}"
    return label if label in target else f"{label} ({target})"
