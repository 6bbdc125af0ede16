"""What a wish for a shipped text is about: the moon, for 有沒有關於月亮的詩 and "a poem about the moon"."""

import json
import re
from functools import cache
from pathlib import Path

from services.nlp.nlu.script import simplified

_COUNTED = r"(?:一?[首个道段则篇些点])?"
_BEFORE = re.compile(
    r"^(?:(?:请问?|帮|给|替|教|告诉|介绍|推荐|逗)?我?(?:想要?|要|喜欢)?(?:再|另|换)?(?:看|听|读|学|吃|做|煮|找|来|念|背|讲|说|吟)?"
    r"(?:有没有|有什么|有哪些|哪些|什么|可以|能|会|用|你)?)*"
    rf"{_COUNTED}(?:以|关于|有关|描写|写给?)*"
)
_BEHIND = re.compile(
    r"(?:怎么[做煮弄]|如何[做煮弄]|(?:可以|能)?[做煮](?:什么|哪些)|(?:给我|来)?听|古诗|唐诗|诗[词歌句]?|食谱|做法|料理|菜"
    r"|笑话|段子|好笑|好吃|为题|之类|[吗呢吧啊呀了的]|一?[首个道])$"
)
"""One of the words that end a wish; they are taken off one by one."""
_ENGLISH = re.compile(
    r"\b(?:please|an?|the|of|by|for|me|my|give|gimme|tell|read|show|find|search|look(?:ing)?|get|got|poems?|recipes?|jokes?"
    r"|verses?|dish|dishes|how|to|make|cook|cooking|recite|hear|know|something|some|any|one|ones|another|other|more"
    r"|about|on|with|from|would|could|like|can|what|which|do|does|you|i|we|is|are|there|that|has|have|want|need"
    r"|in|it|good|nice|funny|laugh|say|tonight|today|us|using|written|called|named)\b|['’](?:d|s|m|re|ve)\b",
    re.IGNORECASE,
)
_MOST_CHARS = 500
"""What stands behind so many characters says nothing more of what is meant."""
_AND = re.compile(r"[和跟与、，,&]|\band\b|\bor\b|\s+")
_WHICH = re.compile(r"有什么|有哪些|哪些|什么菜|\b(?:what|which|any)\b", re.IGNORECASE)
_HAN = re.compile("[\u3400-\u9fff]")


def plain(text: str) -> str:
    """The text as texts are compared: Simplified, in lower case, on one line."""
    return " ".join(simplified(text).lower().split())


def subject(words: str) -> str:
    """What the words are about, `plain`; "" where they only wish for any."""
    bare = plain(words[:_MOST_CHARS]).strip(" ?？!！。.")
    if _HAN.search(bare):
        bare = _BEFORE.sub("", bare, count=1)
        while (shorter := _BEHIND.sub("", bare)) != bare:
            bare = shorter
        bare = bare.removesuffix("笑") if len(bare) == 1 else bare
    return " ".join(_ENGLISH.sub(" ", bare).split())


def asks_which(words: str) -> bool:
    """Whether the words ask what there is, rather than for any."""
    return bool(_WHICH.search(simplified(words)))


def terms(about: str) -> list[re.Pattern[str]]:
    """What a text must hold, each of them, to be about this; other words of the same meaning count."""
    parts = [about] if is_theme(about) else [part for part in _AND.split(about) if part]
    return [_themes().get(part) or _word(part) for part in parts]


def is_theme(about: str) -> bool:
    """Whether it is something that texts name in several ways, such as the moon."""
    return about in _themes()


def _word(word: str) -> re.Pattern[str]:
    """English words whole, in singular and plural; any run of Chinese characters."""
    if not word.isascii():
        return re.compile(re.escape(word))
    forms = {word, word.removesuffix("s"), word.removesuffix("es")}
    known = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True) if form)
    return re.compile(rf"(?<!\w)(?:{known})(?:e?s)?(?!\w)")


@cache
def _themes() -> dict[str, re.Pattern[str]]:
    """By each word that people say."""
    file = Path(__file__).parent / "data" / "themes.json"
    rows: list[dict[str, str]] = json.loads(file.read_text("utf-8"))
    return {word: re.compile(row["found"]) for row in rows for word in row["said"].split(", ")}
