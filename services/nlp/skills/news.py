"""Today's headlines, from feeds of the person's language; then the article that they choose."""

import asyncio
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from contracts.reply import Reply
from foundation.words import LANGUAGES, Language, language_of, say
from services.nlp.nlu.script import simplified
from services.nlp.skills.base import Answer, Asked, Choice, SkillProblem
from services.nlp.skills.feeds import Item, items_of
from services.nlp.skills.fetching import Unavailable
from services.nlp.skills.kit import Kit
from services.nlp.skills.markdown import bold, escaped, linked

SETTING = "NLP_NEWS_FEEDS"
FEED_TTL_S, LIST_TTL_S = 600, 24 * 3600
PATIENCE_S = 4.0
"""So long all feeds are waited for together; those that are there by then are shown."""
SHOWN = 25
_FACTS = 10
_FILLERS = re.compile(
    r"新闻|消息|头条|今天|今日|最新|最近|关于|有关|有什么|告诉我|我想看|我要看|看|查|的|呢|吗"
    r"|\b(?:the|news|headlines?|latest|today'?s?|today|about|on|of|in|what'?s|what|is|show|tell|me|please)\b",
    re.IGNORECASE,
)
PARAMETERS = {
    "type": "object",
    "properties": {
        "topic": {
            "type": "string",
            "description": "Words to look for in the headlines; any if empty",
        },
        "list": {"type": "string", "description": "The list that was shown"},
        "item": {"type": "string", "description": "Chosen from the list"},
    },
}


class News:
    """Merges feeds, newest first."""

    name = "news"
    description = "The newest headlines, or those about a topic, with summaries and links."
    parameters = PARAMETERS

    def __init__(self, kit: Kit) -> None:
        """Raises ValueError for feeds that are no addresses."""
        self._kit = kit
        self._feeds = feeds_of(kit.setting(SETTING))
        self._fetcher = kit.fetcher(*(url for urls in self._feeds.values() for url in urls), setting=SETTING)
        self.hosts = self._fetcher.hosts

    async def run(self, asked: Asked) -> Answer:
        """The headlines to choose from, or the chosen one's article."""
        if wanted := asked.text("item"):
            return await self._article(asked.text("list"), wanted, asked.language)
        topic = " ".join(_FILLERS.sub(" ", simplified(asked.text("topic"))).split())
        items = [item for item in await self._newest(asked.language) if _is_about(item, topic)][:SHOWN]
        if not items:
            raise SkillProblem("news_none_about" if topic else "skill_nothing", topic=escaped(topic))
        mark = await self._remembered(items)
        choices = tuple(Choice(item.title, {"list": mark, "item": item.id}) for item in items)
        sources = list(dict.fromkeys(item.source for item in items if item.source))
        head = say("news_head", asked.language, sources=escaped(" · ".join(sources)))
        facts = [{"title": i.title, "link": i.link, "published": i.day} for i in items[:_FACTS]]
        return Answer(Reply(text=head), {"headlines": facts, "sources": sources}, choices)

    async def _newest(self, language: Language) -> list[Item]:
        """Of all feeds of the language that answer in time, without doubles. Raises Unavailable."""
        urls = self._feeds.get(language) or self._feeds.get("en") or next(iter(self._feeds.values()))
        tasks = [asyncio.create_task(self._feed(url)) for url in urls]
        try:
            done, _ = await asyncio.wait(tasks, timeout=PATIENCE_S)
            found = [task.result() for task in tasks if task in done and not task.exception()]
        finally:
            for task in tasks:
                task.cancel()
        if not found:
            raise Unavailable("none of the feeds can be read")
        return _once(sorted((i for items in found for i in items), key=lambda item: -item.published))

    async def _feed(self, url: str) -> list[Item]:
        async def load() -> list[dict[str, Any]]:
            body = await self._fetcher.body(url)
            return [asdict(item) for item in await asyncio.to_thread(items_of, body)]

        return [Item(**row) for row in await self._kit.cached(["feed", url], FEED_TTL_S, load)]

    async def _remembered(self, items: Iterable[Item]) -> str:
        """The list's mark: feeds go on, while the person still looks at it."""
        rows = [asdict(item) for item in items]
        mark = hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:12]

        async def load() -> list[dict[str, Any]]:
            return rows

        await self._kit.cached(["list", mark], LIST_TTL_S, load)
        return mark

    async def _article(self, mark: str, wanted: str, language: Language) -> Answer:
        async def load() -> list[dict[str, Any]]:
            return [asdict(item) for item in await self._newest(language)]

        items = [Item(**row) for row in await self._kit.cached(["list", mark], LIST_TTL_S, load)]
        item = next((item for item in items if item.id == wanted), None)
        if item is None:
            raise SkillProblem("news_gone")
        return _told(item, language)


def create(kit: Kit) -> News:
    """The skill, with public broadcasters' feeds or those that are set."""
    return News(kit)


def feeds_of(setting: str) -> Mapping[str, list[str]]:
    """Language -> addresses, of a JSON object; one address alone serves every language. Raises ValueError."""
    if not setting.lstrip().startswith("{"):
        return {language: [setting.strip()] for language in LANGUAGES}
    told = json.loads(setting)
    feeds = {str(language_of(tag)): urls for tag, urls in told.items()}
    if not feeds or not all(_are_addresses(urls) for urls in feeds.values()):
        raise ValueError(f"{SETTING} is no object of languages with lists of addresses")
    return feeds


def _are_addresses(urls: Any) -> bool:
    return isinstance(urls, list) and bool(urls) and all(isinstance(url, str) for url in urls)


def _once(items: Iterable[Item]) -> list[Item]:
    """Without those that another one has the title or the address of."""
    seen: set[str] = set()
    kept = []
    for item in items:
        if not seen & {item.id, _key(item.title)}:
            kept.append(item)
        seen |= {item.id, _key(item.title)}
    return kept


def _is_about(item: Item, topic: str) -> bool:
    return _key(topic) in _key(f"{item.title} {item.summary}")


def _key(text: str) -> str:
    return " ".join(simplified(text).casefold().split())


def _told(item: Item, language: Language) -> Answer:
    source = linked(item.source or item.link, item.link)
    tail = say("source_told", language, source=" · ".join(filter(None, (source, item.day))))
    text = "\n\n".join(filter(None, (bold(item.title), escaped(item.summary), tail)))
    facts = {key: value for key, value in asdict(item).items() if key not in ("id", "published")}
    return Answer(Reply(text=text), {**facts, "published": item.day})
