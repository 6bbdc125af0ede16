"""Refuses what another site makes a person's browser do with the person's cookies."""

from urllib.parse import urlsplit

from fastapi import Request

from services.gateway.errors import CrossSite
from services.gateway.routes.wiring import Here

_READING = {"GET", "HEAD", "OPTIONS"}
_OURS = {"same-origin", "none"}


async def same_site(request: Request, here: Here) -> None:
    """Raises CrossSite for a change that a page of another origin asks for.

    Browsers say where a request comes from; whoever says nothing is no browser, and has no cookies
    that it did not mean to send.
    """
    if request.method in _READING:
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        if site not in _OURS:
            raise CrossSite
    elif origin is not None and urlsplit(origin).netloc not in _hosts(request, here.settings.public_url):
        raise CrossSite


def _hosts(request: Request, public_url: str) -> set[str]:
    return {request.headers.get("host", ""), urlsplit(public_url).netloc} - {""}
