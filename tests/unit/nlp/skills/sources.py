"""Sources of facts without a network: what each address answers, and what was asked of it."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx

from foundation.words import Language
from services.nlp.skills.base import Answer, Asked, Skill
from services.nlp.skills.registry import Workshop
from tests.skill_kit import workshop

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


class Web:
    """`pages`: address without its query -> JSON, text, bytes or a status; in a tuple, in turn."""

    def __init__(self, **pages: Any) -> None:
        self.pages: dict[str, Any] = dict(pages)
        self.requests: list[httpx.Request] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        """What httpx.MockTransport asks."""
        self.requests.append(request)
        page = self.pages.get(str(request.url).partition("?")[0], 404)
        if isinstance(page, tuple):
            page, self.pages[str(request.url).partition("?")[0]] = page[0], page[1:] or page[0]
        if isinstance(page, int):
            return httpx.Response(page, content=_streamed(b""))
        if isinstance(page, str):
            page = page.encode()
        return httpx.Response(
            200, content=_streamed(page if isinstance(page, bytes) else json.dumps(page).encode())
        )

    def workshop(self, **settings: str) -> Workshop:
        """Makes skills whose client this is."""
        return workshop(httpx.AsyncClient(transport=httpx.MockTransport(self.answer)), **settings)


async def _streamed(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def ask(skill: Skill, language: Language = "en", **args: Any) -> Answer:
    """The skill's answer."""
    answer = await skill.run(Asked(args, language, NOW))
    assert isinstance(answer, Answer)
    return answer
