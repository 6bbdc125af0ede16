"""Today's headlines, from feeds of the person's language; then the article that they choose."""

import asyncio
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from contracts.reply import Reply
from foundation.words import Language, say
from services.nlp.nlu.script import simplified
from services.nlp.skills.base import Answer, Asked, Choice, SkillProblem
from services.nlp.skills.feeds import Item, items_of
from services.nlp.skills.fetching import Unavailable
from services.nlp.skills.kit import Kit
from services.nlp.skills.markdown import bold, escaped, linked
from services.nlp.skills.shipped import in_language
from services.nlp.skills.topics import GENERAL, SETTING, Topics, about, feeds_of, parted

FEED_TTL_S, LIST_TTL_S = 600, 24 * 3600
PATIENCE_S = 4.0
"""So long all feeds are waited for together; those that are there by then are shown."""
SHOWN = 25
_FACTS = 10
PARAMETERS = {
    "type": "object",
    "properties": {
        "topic": {
            "type": "string",
            "description": "A topic such as science, or words of the headlines; any if empty",
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
    reads_sentences = True

    def __init__(self, kit: Kit) -> None:
        """Raises ValueError for feeds that are no addresses."""
        self._kit = kit
        self._feeds = feeds_of(kit.setting(SETTING))
        self._fetcher = kit.fetcher(*_addresses(self._feeds), setting=SETTING)
        self.hosts = self._fetcher.hosts

    async def run(self, asked: Asked) -> Answer:
        """The headlines to choose from, or the chosen one's article."""
        if wanted := asked.text("item"):
            return await self._article(asked.text("list"), wanted, asked.language)
        wanted = about(asked.text("topic"))
        topic, words = parted(wanted, self._topics(asked.language))
        items = [item for item in await self._newest(asked.language, topic) if _is_about(item, words)][:SHOWN]
        if not items:
            quoted = in_language(escaped(wanted), asked.language)
            raise SkillProblem("news_none_about" if wanted else "skill_nothing", topic=quoted)
        mark = await self._remembered(items)
        choices = tuple(Choice(item.title, {"list": mark, "item": item.id}) for item in items)
        sources = list(dict.fromkeys(item.source for item in items if item.source))
        head = say("news_head", asked.language, sources=escaped(" · ".join(sources)))
        facts = [{"title": i.title, "link": i.link, "published": i.day} for i in items[:_FACTS]]
        return Answer(Reply(text=head), {"headlines": facts, "sources": sources}, choices)

    def _topics(self, language: Language) -> Topics:
        return self._feeds.get(language) or self._feeds.get("en") or next(iter(self._feeds.values()))

    async def _newest(self, language: Language, topic: str = GENERAL) -> list[Item]:
        """Of all feeds of the topic that answer in time, without doubles. Raises Unavailable."""
        topics = self._topics(language)
        urls = topics.get(topic) or next(iter(topics.values()))
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


def _addresses(feeds: Mapping[str, Topics]) -> list[str]:
    return [url for topics in feeds.values() for urls in topics.values() for url in urls]


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
