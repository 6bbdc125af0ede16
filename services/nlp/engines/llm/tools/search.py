"""A search of the web as a tool, at an address that is set; without one there is none."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx

from services.nlp.engines.base import Turn
from services.nlp.engines.llm.parts import Tool
from services.nlp.engines.llm.tools.base import Calling, Outcome
from services.nlp.skills.bodies import BodyRefused, body_of, json_of

WEB_SEARCH = Tool(
    "web_search",
    "Search the web. Use it for what you are not sure of, or what may be newer than what you know; "
    "name the pages that your answer rests on.",
    {
        "type": "object",
        "properties": {"query": {"type": "string", "minLength": 1, "maxLength": 400}},
        "required": ["query"],
        "additionalProperties": False,
    },
)
SHOWN = 5
"""So many results is the model told of."""
MAX_BYTES = 1_000_000
"""A longer answer is not read, nor unpacked."""
_CHARS = {"title": 200, "url": 500, "content": 600}


class SearchFailed(Exception):
    """The server said something else than results."""


@dataclass(frozen=True)
class WebSearch:
    """Asks a server that answers as SearXNG's `/search?q={query}&format=json` does."""

    http: httpx.AsyncClient
    url: str = field(repr=False)
    """With `{query}`; it may hold a key."""

    def tools(self, turn: Turn) -> list["WebSearch"]:
        """Itself."""
        return [self]

    @property
    def tool(self) -> Tool:
        """What the model is told."""
        return WEB_SEARCH

    async def call(self, calling: Calling) -> Outcome:
        """The first results: title, url, content. Raises SearchFailed or httpx's errors."""
        body = await self._fetched(self.url.replace("{query}", quote(str(calling.args["query"]), safe="")))
        try:
            results = json_of(body)["results"]
            found = [_short(result) for result in results[:SHOWN]]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SearchFailed(type(error).__name__) from error
        return Outcome(json.dumps({"results": found}, ensure_ascii=False))

    async def _fetched(self, url: str) -> bytes:
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        async with self.http.stream("GET", url, headers=headers) as response:
            if response.status_code != 200:
                raise SearchFailed(f"status {response.status_code}")
            try:
                return (await body_of(response, MAX_BYTES)).content
            except BodyRefused as error:
                raise SearchFailed(str(error)) from None


def _short(result: dict[str, Any]) -> dict[str, str]:
    return {key: str(result.get(key) or "")[:most] for key, most in _CHARS.items()}
