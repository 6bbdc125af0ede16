"""What Wikipedia says about somebody or something, in the language of the person."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from contracts.reply import Reply
from foundation.words import Language, say
from services.nlp.skills.base import Answer, ArgumentMissing, Asked, Choice, SkillProblem
from services.nlp.skills.feeds import plain, web_address
from services.nlp.skills.fetching import Unavailable
from services.nlp.skills.kit import Kit
from services.nlp.skills.markdown import bold, escaped, linked

SETTING = "NLP_WIKIPEDIA_URL"
TTL_S = 24 * 3600
FOUND, TITLE_CHARS, EXTRACT_CHARS = 10, 120, 900
_EDITIONS: dict[Language, str] = {"en": "en", "zh-Hant": "zh", "zh-Hans": "zh"}
_VARIANTS: dict[Language, str] = {"en": "en", "zh-Hant": "zh-TW", "zh-Hans": "zh-CN"}
_HAN = re.compile("[\u3400-\u9fff]")
_BEFORE = re.compile(
    r"^(?:(?:please|can you|could you)\s+)*(?:(?:tell|show) me (?:more )?(?:about|who|what)\s+"
    r"|(?:who|what)(?:\s+(?:is|are|was|were)|['’]s)\s+|(?:look up|explain|search(?: for)?|define)\s+)"
    r"(?:(?:is|are|was|were|an?|the)\s+)*"
    r"|^(?:請問|请问|你知道|我想知道|我想了解|告訴我|告诉我|查一下|查詢|查询|介紹一下|介绍一下|介紹|介绍)*"
    r"(?:誰是|谁是|什麼是|什么是|什麼叫|什么叫|關於|关于)?",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    r"(?:到底)?(?:是(?:誰|谁|什麼|什么|哪位)[人東東西]*|的(?:資料|资料|介紹|介绍|生平))?[嗎吗呢啊?？!！。.\s]*$"
)
PARAMETERS = {
    "type": "object",
    "properties": {
        "topic": {"type": "string", "description": "A person, place, thing or idea"},
        "title": {"type": "string", "description": "The exact title of an article, where it is known"},
    },
    "required": ["topic"],
}


class Encyclopedia:
    """The beginning of an article, or the articles that may be meant."""

    name = "encyclopedia"
    description = "Who or what somebody or something is: the beginning of its Wikipedia article."
    parameters = PARAMETERS
    reads_sentences = True

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._url = kit.setting(SETTING).rstrip("/")
        bases = {self._base(language) for language in _EDITIONS}
        self._fetcher = kit.fetcher(*bases, setting=SETTING)
        self.hosts = self._fetcher.hosts

    async def run(self, asked: Asked) -> Answer:
        """The article of that title; else the one that a search finds, or those to choose from."""
        topic = asked.text("title") or subject(asked.text("topic"))
        if not topic:
            raise ArgumentMissing("topic", "encyclopedia_what")
        language: Language = "zh-Hant" if asked.language == "en" and _HAN.search(topic) else asked.language
        article = await self._article(topic, language)
        if article and (asked.text("title") or not article["is_list"]):
            return _told(article, asked.language)
        titles = [title for title in await self._found(topic, language) if not article or title != topic]
        if not titles:
            raise SkillProblem("encyclopedia_unknown", topic=escaped(topic[:TITLE_CHARS]))
        if len(titles) == 1 and (article := await self._article(titles[0], language)):
            return _told(article, asked.language)
        head = say("encyclopedia_which", asked.language, topic=escaped(topic[:TITLE_CHARS]))
        choices = tuple(Choice(title, {"title": title}) for title in titles)
        return Answer(Reply(text=head), {"articles": titles, "source": "Wikipedia"}, choices)

    def _base(self, language: Language) -> str:
        return self._url.replace("{language}", _EDITIONS[language])

    async def _article(self, title: str, language: Language) -> dict[str, Any] | None:
        """Its beginning; None where no article has this title."""
        if len(title) > TITLE_CHARS:
            return None
        url = f"{self._base(language)}/api/rest_v1/page/summary/{quote(title.replace(' ', '_'), safe='')}"
        headers = {"Accept-Language": _VARIANTS[language]}

        async def load() -> dict[str, Any] | None:
            try:
                return _summary(await self._fetcher.json(url, headers=headers))
            except Unavailable as problem:
                if problem.status == 404:
                    return None
                raise

        article: dict[str, Any] | None = await self._kit.cached(["page", url, headers], TTL_S, load)
        return article

    async def _found(self, words: str, language: Language) -> list[str]:
        """Titles of articles about the words, best first."""
        url = f"{self._base(language)}/w/rest.php/v1/search/page"
        query = {"q": words[:TITLE_CHARS], "limit": FOUND}
        headers = {"Accept-Language": _VARIANTS[language]}

        async def load() -> list[str]:
            return _titles(await self._fetcher.json(url, query, headers))

        titles: list[str] = await self._kit.cached(["search", url, query, headers], TTL_S, load)
        return titles


def create(kit: Kit) -> Encyclopedia:
    """The skill, with Wikipedia's address or the one that is set."""
    return Encyclopedia(kit)


def subject(words: str) -> str:
    """What a question is about: 誰是李白 is about 李白. The words themselves where they are no question."""
    bare = _BEHIND.sub("", _BEFORE.sub("", words.strip(), count=1)).strip(" 「」“”\"'《》")
    return bare or words.strip(" ?？")


def _summary(found: Any) -> dict[str, Any]:
    if not isinstance(found, Mapping) or not isinstance(found.get("title"), str):
        raise Unavailable("the answer is no article")
    return {
        "title": plain(found["title"], TITLE_CHARS),
        "description": plain(found.get("description"), TITLE_CHARS),
        "extract": plain_text(found.get("extract"), EXTRACT_CHARS),
        "is_list": found.get("type") == "disambiguation",
        "url": web_address(_at(found, "content_urls", "desktop", "page")),
        "image": web_address(_at(found, "thumbnail", "source")),
    }


def _titles(found: Any) -> list[str]:
    pages = found.get("pages") if isinstance(found, Mapping) else None
    if not isinstance(pages, list):
        raise Unavailable("the answer is no list of articles")
    titles = (page.get("title") for page in pages if isinstance(page, Mapping))
    return [title for title in titles if isinstance(title, str) and 0 < len(title) <= TITLE_CHARS][:FOUND]


def plain_text(value: Any, most: int) -> str:
    """A text on one line, at most so long; "" for what is no text."""
    text = " ".join(value.split()) if isinstance(value, str) else ""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _at(value: Any, *keys: str) -> Any:
    """What lies so deep; None where the way ends earlier."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _told(article: dict[str, Any], language: Language) -> Answer:
    source = linked("Wikipedia", article["url"])
    parts = (
        bold(article["title"]),
        escaped(article["description"]),
        escaped(article["extract"]),
        say("encyclopedia_source", language, source=source),
    )
    facts = {key: article[key] for key in ("title", "description", "extract", "url")}
    reply = Reply(text="\n\n".join(filter(None, parts)), image=article["image"] or None)
    return Answer(reply, {**facts, "source": "Wikipedia, CC BY-SA 4.0"})
