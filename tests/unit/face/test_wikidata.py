"""Portraits from Wikidata, whatever its answers hold."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from switchboard.gallery.catalogue import Person, PhotoPlace
from switchboard.gallery.web import Pace, Web
from switchboard.gallery.wikidata import Wikidata

CLAIMS = {
    "P31": [{"mainsnak": {"datavalue": {"value": {"id": "Q5"}}}}],
    "P18": [{"mainsnak": {"datavalue": {"value": "Ann.jpg"}}}],
}


async def photos_of(info: Mapping[str, Any]) -> tuple[PhotoPlace, ...]:
    """What comes of this answer of Commons about the portrait."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.params["action"] == "query":
            return httpx.Response(200, json={"query": {"pages": [{"imageinfo": [info]}]}})
        return httpx.Response(200, json={"entities": {"Q1": {"claims": CLAIMS}}})

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        web = Web(client, Pace(1000, frozenset()), jobs=1, retries=0, timeout_s=1)
        return await Wikidata(web).photos(Person("Ann", "ann", wikidata="Q1"))


async def test_a_portrait_comes_with_its_licence_author_and_page() -> None:
    facts = {"LicenseShortName": {"value": "CC BY"}, "Artist": {"value": "<a href='x'>Bob\x1b &amp; Co</a>"}}
    info = {"thumburl": "https://a/1.jpg", "descriptionurl": "https://a/about", "extmetadata": facts}
    assert await photos_of(info) == (
        PhotoPlace("https://a/1.jpg", "CC BY", "Bob\ufffd & Co", "https://a/about"),
    )


@pytest.mark.parametrize("place", ["/home/ann/private.jpg", "file:///home/ann/private.jpg", "private.jpg"])
async def test_an_answer_never_names_a_file_of_this_machine(place: str) -> None:
    assert await photos_of({"url": place}) == ()
