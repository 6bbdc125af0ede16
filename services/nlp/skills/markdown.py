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


def linked(text: str, url: str) -> str:
    """The text, as a link where there is an address."""
    return f"[{escaped(text)}]({_inside(url)})" if url else escaped(text)


def address(template: str, alias: str) -> str | None:
    """The template with its `{alias}` filled in; None without a template or an alias."""
    if not template or not alias.strip():
        return None
    url = template.replace("{alias}", quote(alias.strip(), safe=""))
    return _inside(url)


def _inside(url: str) -> str:
    """Parentheses would end the link in Markdown."""
    return url.replace("(", "%28").replace(")", "%29")
