"""Finds a person's portraits on Wikidata, and licence and author of each on Wikimedia Commons."""

import html
import re
from typing import Any

from switchboard.gallery.catalogue import LONGEST, Person, PhotoPlace
from switchboard.gallery.plain import plain
from switchboard.gallery.web import Unavailable, Web

WIKIDATA = "https://www.wikidata.org"
COMMONS = "https://commons.wikimedia.org"
WIDTH = 960
"""Pixels; one of the widths that Commons has ready, so that none is made for us."""
_IMAGE = "P18"
_INSTANCE_OF = "P31"
_HUMAN = "Q5"
_RANKS = {"preferred": 0, "normal": 1}


class Wikidata:
    """Asks the two MediaWikis; their base addresses can be others'."""

    def __init__(
        self, web: Web, wikidata: str = WIKIDATA, commons: str = COMMONS, width: int = WIDTH
    ) -> None:
        self._web = web
        self._wikidata = wikidata.rstrip("/") + "/w/api.php"
        self._commons = commons.rstrip("/") + "/w/api.php"
        self._width = width

    async def photos(self, person: Person) -> tuple[PhotoPlace, ...]:
        """The person's photos, at most so many pixels wide; none if nobody of the name has one.

        Raises Unavailable.
        """
        try:
            ids = [person.wikidata] if person.wikidata else await self._search(person.name)
            titles = await self._portraits(ids) if ids else []
            return await self._places(titles) if titles else ()
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            raise Unavailable("an answer of another shape", again=False) from error

    async def _search(self, name: str) -> list[str]:
        query = {"action": "wbsearchentities", "search": name, "language": "en", "uselang": "en"}
        answer = await self._ask(self._wikidata, {**query, "type": "item", "limit": "7"})
        return [str(found["id"]) for found in answer.get("search", [])]

    async def _portraits(self, ids: list[str]) -> list[str]:
        """File names of the first of these entities that is a human with a portrait."""
        query = {"action": "wbgetentities", "ids": "|".join(ids), "props": "claims"}
        entities = (await self._ask(self._wikidata, query)).get("entities") or {}
        for entity_id in ids:
            claims = entities.get(entity_id, {}).get("claims") or {}  # an empty map comes as a list
            is_human = any(_value(claim, "id") == _HUMAN for claim in claims.get(_INSTANCE_OF, []))
            ranked = [claim for claim in claims.get(_IMAGE, []) if claim.get("rank", "normal") in _RANKS]
            ranked.sort(key=lambda claim: _RANKS[claim.get("rank", "normal")])
            names = [name for claim in ranked if (name := _value(claim))]
            if is_human and names:
                return names
        return []

    async def _places(self, names: list[str]) -> tuple[PhotoPlace, ...]:
        query = {
            "action": "query",
            "titles": "|".join(f"File:{name}" for name in names[:20]),
            "prop": "imageinfo",
            "iiprop": "url|extmetadata",
            "iiurlwidth": str(self._width),
            "iiextmetadatafilter": "LicenseShortName|Artist",
        }
        pages = (await self._ask(self._commons, query)).get("query", {}).get("pages", [])
        found = (page["imageinfo"][0] for page in pages if page.get("imageinfo"))
        places = (_place(each) for each in found)
        return tuple(place for place in places if place.is_remote)  # never a file of this machine

    async def _ask(self, address: str, query: dict[str, str]) -> dict[str, Any]:
        return await self._web.api(address, {**query, "format": "json", "formatversion": "2", "maxlag": "5"})


def _value(claim: dict[str, Any], key: str = "") -> str:
    value = claim.get("mainsnak", {}).get("datavalue", {}).get("value", "")
    return str(value.get(key, "") if isinstance(value, dict) else value)


def _place(found: dict[str, Any]) -> PhotoPlace:
    facts = found.get("extmetadata") or {}
    return PhotoPlace(
        place=plain(str(found.get("thumburl") or found["url"])),
        licence=_text(facts, "LicenseShortName"),
        author=_text(facts, "Artist"),
        source=plain(str(found.get("descriptionurl", ""))),
    )


def _text(facts: dict[str, Any], key: str) -> str:
    """Commons answers in HTML."""
    text = html.unescape(re.sub(r"<[^>]+>", "", str(facts.get(key, {}).get("value", ""))))
    return plain(" ".join(text.split()))[:LONGEST]
