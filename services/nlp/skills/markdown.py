"""Text of others inside a reply's Markdown."""

import re
from urllib.parse import quote

_SPECIAL = re.compile(r"[\\`*_\[\]<>~&#]")
"""What can begin or end formatting within a line; the rest of the punctuation stays readable everywhere."""


def escaped(text: str) -> str:
    """The text on one line, as it is and not as formatting."""
    return _SPECIAL.sub(r"\\\g<0>", " ".join(text.split()))


def bold(text: str, url: str | None = None) -> str:
    """The text in bold, linked where there is an address."""
    strong = f"**{escaped(text)}**"
    return f"[{strong}]({url})" if url else strong


def address(template: str, alias: str) -> str | None:
    """The template with its `{alias}` filled in; None without a template or an alias."""
    if not template or not alias.strip():
        return None
    url = template.replace("{alias}", quote(alias.strip(), safe=""))
    return url.replace("(", "%28").replace(")", "%29")  # they would end the link in Markdown
