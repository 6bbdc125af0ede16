"""A stand-in for Wikidata, Wikimedia Commons and any server of photos, at one address."""

from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from tests.fakes.http_server import PlatformServer

HUMAN = "Q5"
BAND = "Q215380"


@dataclass(frozen=True)
class Entity:
    """One item of Wikidata; `images` are file names on Commons, with the rank of the claim.

    One that is an instance of nothing has no claims at all.
    """

    id: str
    name: str
    images: tuple[tuple[str, str], ...] = ()
    instance_of: str = HUMAN


class WikimediaServer(PlatformServer):
    """Entities, files with licences, and photos under `/photos/`."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.entities: dict[str, Entity] = {}
        self.photos: dict[str, bytes] = {}
        self.user_agents: set[str] = set()
        self.maxlag: list[str] = []
        """The Retry-After of answers that say that the database is behind, one an answer."""
        self._add_routes()

    def reset(self) -> None:
        super().reset()
        self.entities.clear()
        self.photos.clear()
        self.user_agents.clear()
        self.maxlag.clear()

    def photo_url(self, name: str) -> str:
        """Where a photo is."""
        return f"{self.url}/photos/{name}"

    def add(self, entity: Entity) -> None:
        """One more item."""
        self.entities[entity.id] = entity

    def _add_routes(self) -> None:
        @self.app.get("/w/api.php")
        async def api(request: Request) -> Response:
            args = dict(request.query_params)
            self.user_agents.add(request.headers.get("user-agent", ""))
            return await self.perform(args["action"], args, "", lambda: self._api(args))

        @self.app.get("/photos/{name}")
        async def photo(name: str) -> Response:
            return await self.perform("photo", {"name": name}, "", lambda: self._photo(name))

    def _api(self, args: dict[str, str]) -> Response:
        if self.maxlag:
            error = {"code": "maxlag", "info": "Waiting for a database", "lag": 6}
            return JSONResponse({"error": error}, headers={"Retry-After": self.maxlag.pop()})
        answers = {"wbsearchentities": self._search, "wbgetentities": self._claims, "query": self._files}
        return JSONResponse(answers[args["action"]](args))

    def _photo(self, name: str) -> Response:
        if name not in self.photos:
            return Response(status_code=404)
        return Response(self.photos[name], media_type="image/jpeg")

    def _search(self, args: dict[str, str]) -> dict[str, Any]:
        wanted = args["search"].casefold()
        found = [one for one in self.entities.values() if wanted in one.name.casefold()]
        return {"search": [{"id": one.id, "label": one.name} for one in found[: int(args["limit"])]]}

    def _claims(self, args: dict[str, str]) -> dict[str, Any]:
        return {"entities": {key: self._entity(key) for key in args["ids"].split("|")}}

    def _entity(self, key: str) -> dict[str, Any]:
        if key not in self.entities:
            return {"id": key, "missing": ""}
        entity = self.entities[key]
        if not entity.instance_of:
            return {"id": key, "claims": []}  # as PHP writes an empty map
        images = [_claim(name, rank) for name, rank in entity.images]
        kind = _claim({"entity-type": "item", "id": entity.instance_of}, "normal")
        return {"id": key, "claims": {"P31": [kind], **({"P18": images} if images else {})}}

    def _files(self, args: dict[str, str]) -> dict[str, Any]:
        titles = args["titles"].split("|")
        pages = [self._page(title, args["iiurlwidth"]) for title in titles]
        return {"query": {"pages": pages}}

    def _page(self, title: str, width: str) -> dict[str, Any]:
        name = title.removeprefix("File:")
        if name not in self.photos:
            return {"title": title, "missing": True}
        found = {
            "url": f"{self.url}/original/{name}",
            "thumburl": self.photo_url(name),
            "thumbwidth": int(width),
            "descriptionurl": f"https://commons.example/wiki/{title}",
            "extmetadata": {
                "LicenseShortName": {"value": "CC BY-SA 4.0"},
                "Artist": {"value": f'<a href="//commons.example/wiki/User:Ann">Ann &amp; {name}</a>'},
            },
        }
        return {"title": title, "imageinfo": [found]}


def _claim(value: Any, rank: str) -> dict[str, Any]:
    return {"mainsnak": {"snaktype": "value", "datavalue": {"value": value}}, "rank": rank}
