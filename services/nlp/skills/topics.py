"""The feeds of each language and topic, and which topic a person means: 科技新聞, "news about science"."""

import json
import re
from collections.abc import Mapping
from typing import Any

from foundation.words import LANGUAGES, language_of
from services.nlp.nlu.script import simplified

SETTING = "NLP_NEWS_FEEDS"
GENERAL = "general"
"""The topic of what nobody has asked for in particular."""
Topics = Mapping[str, list[str]]
"""By topic: the addresses of its feeds."""
_NAMES = {
    "world": "国际 世界 全球 国外 international",
    "politics": "政治 political",
    "business": "财经 经济 商业 产经 金融 理财 economy economic finance financial money",
    "technology": "科技 电脑 tech",
    "science": "科学 scientific",
    "health": "健康 医疗 医药 medical medicine",
    "sports": "体育 运动 sport sporting",
    "entertainment": "娱乐 影剧 影视 明星 showbiz",
    "culture": "文化 艺术 艺文 arts art cultural",
    "society": "社会 social",
    "life": "生活 lifestyle",
}
"""Topics by their usual names, and what else people call them."""
_MEANT = {word: topic for topic, words in _NAMES.items() for word in (topic, *words.split())}
_FILLERS = re.compile(
    "新闻报导|新闻报道|新闻|消息|资讯|报导|报道|头条|今天|今日|最新|最近|现在|关于|有关|方面|有没有|有什么|有哪些|告诉我|播报|给我|帮我|请问?"
    "|我?想?要?看看?|我想|我要|发生了?什么事?|什么大事|大事|一下|[查找听说呢吗吧啊?？!！。,，]|的"
    r"|\b(?:the|an?|news|headlines?|stories|latest|today[’']?s?|today|now|recent|about|on|of|in|from|what[’']?s|what|is|are"
    r"|there|any|some|me|my|us|i|show|tell|give|read|get|see|hear|find|please|can|could|you|would|like|want|to|happened"
    r"|happening|happen|going|new|for|with|do|have|let|know)\b",
    re.IGNORECASE,
)


def feeds_of(setting: str) -> Mapping[str, Topics]:
    """Language -> topic -> addresses, of a JSON object. Raises ValueError.

    A list is of no topic in particular; one address alone serves every language.
    """
    if not setting.lstrip().startswith("{"):
        return {language: {GENERAL: [setting.strip()]} for language in LANGUAGES}
    feeds = {str(language_of(tag)): _by_topic(told) for tag, told in json.loads(setting).items()}
    if not feeds:
        raise _wrong()
    return feeds


def about(words: str) -> str:
    """What the words ask for, Simplified and without what every such question has; "" for anything."""
    return " ".join(_FILLERS.sub(" ", simplified(words)).split())


def parted(wanted: str, known: Topics) -> tuple[str, str]:
    """The topic with feeds that is asked for, else GENERAL; and what else its items are to be about."""
    if (topic := named(wanted)) in known:
        return topic, ""
    for word in wanted.split():
        if (topic := named(word)) in known:
            return topic, " ".join(other for other in wanted.split() if other != word)
    return GENERAL, wanted


def named(word: str) -> str:
    """A topic's usual name; the word itself where it is none."""
    plain = " ".join(simplified(word).casefold().split())
    return _MEANT.get(plain, plain)


def _by_topic(told: Any) -> Topics:
    topics = {named(name): urls for name, urls in told.items()} if isinstance(told, dict) else {GENERAL: told}
    if not topics or not all(_are_addresses(urls) for urls in topics.values()):
        raise _wrong()
    return topics


def _are_addresses(urls: Any) -> bool:
    return isinstance(urls, list) and bool(urls) and all(isinstance(url, str) for url in urls)


def _wrong() -> ValueError:
    return ValueError(f"{SETTING} is no object of languages with lists of addresses or topics")
