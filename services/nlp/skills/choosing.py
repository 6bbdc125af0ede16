"""What a person says to choose from a list: a number, an ordinal, a part of a title, more, back."""

import re
import unicodedata
from collections.abc import Sequence

from services.nlp.nlu.script import simplified

LAST, MORE, BACK = -1, "more", "back"
_HAN = re.compile("[\u3400-\u9fff]")
MAX_CHARS = 60
"""A longer message is no choice."""
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2}
_HAN_NUMBER = "[一二两三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九]"
_UNITS = "个|個|条|條|则|則|首|篇|道|项|項|支|部|名|位|张|張|号|號|本|只|家|件"
_NUMBER = re.compile(
    r"(?P<is_named>(?:number|no|nr|option|item)[. ]*)?#?"
    rf"(?:(?P<digits>[0-9]{{1,2}})(?:[.)]|{_UNITS})?|(?P<word>[a-z]{{3,5}}))"
)
_HAN_ORDINAL = re.compile(f"(?P<behind>倒数)?第(?P<number>[0-9]{{1,2}}|{_HAN_NUMBER})(?:{_UNITS})?")
_HAN_ALONE = re.compile(
    f"(?:我?[想要]*(?:选择?|挑)|选项|编号)?(?P<number>[0-9]{{1,2}}|{_HAN_NUMBER})(?:{_UNITS})?"
)
_HAN_BEFORE = re.compile(
    "^(?:请|麻烦)?(?:帮我|给我|让我|我)?(?:想要?|要)?(?:(?:看|听|读|念|讲|选|选择|挑|来)(?:看|听|一下)?)?"
)
_HAN_BEHIND = re.compile(
    "(?:那?[个则条篇首道])?(?:新闻|消息|头条|文章|报导|诗|歌曲?|食谱|菜|结果)?(?:的?(?:详细)?(?:内容|全文|详情))?(?:好了|谢谢)?$"
)
_ENGLISH = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_ENGLISH_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_SHORT = re.compile("(?P<digits>[0-9]{1,2})(?:st|nd|rd|th)")
_NOUNS = "one|headline|article|story|news|poem|recipe|song|track|album|playlist|item|option|entry|result"
_AROUND = re.compile(
    r"^(?:(?:please|the|show me|give me|tell me(?: more)?(?: about)?"
    r"|(?:let me |i want to |i'd like to )?(?:see|read|hear)"
    r"|open|choose|pick|take|select|i want|i'd like|i'll take) )*"
    rf"|(?:,? (?:{_NOUNS}|please|thanks))*$"
)
_LAST = {"last", "最后", "最后一"}
_MORE = {
    "more",
    "show more",
    "next",
    "next page",
    "更多",
    "还有吗",
    "还有呢",
    "还有",
    "下一页",
    "下页",
    "再来",
    "what else",
}
_BACK = {
    "back",
    "go back",
    "previous",
    "previous page",
    "返回",
    "上一页",
    "上页",
    "前一页",
    "回上一页",
    "回去",
}
_ABOUT = re.compile(
    r"^(?:(?:show|tell|give) me (?:more )?(?:about )?|read |what about )?(?:the )?"
    rf"(?:(?:{_NOUNS}) (?:about|with|on|by|from) )?(?:the )?"
    "|^(?:我?[想要]*[看听读选])?(?:那[个则条篇首道])?(?:关于|有关)?|的?(?:那[个则条篇首道])?的?$"
)


def place_of(text: str) -> int | None:
    """The place that a message names, from 1, or from the end, LAST being the last; None for none."""
    plain = _plain(text)
    bare = _AROUND.sub("", plain)
    if _HAN.search(plain):
        return _place_in_chinese("".join(plain.split()))
    if bare in _LAST:
        return LAST
    if bare in _ENGLISH:
        return _ENGLISH.index(bare) + 1
    if match := _SHORT.fullmatch(bare):
        return int(match["digits"])
    match = _NUMBER.fullmatch(bare)
    if match and match["digits"]:
        return int(match["digits"])
    is_number = match and match["word"] in _ENGLISH_NUMBERS and (match["is_named"] or bare == plain)
    return _ENGLISH_NUMBERS.index(match["word"]) + 1 if match and is_number else None


def turning(text: str) -> str | None:
    """MORE or BACK; None for anything else."""
    plain = _plain(text)
    forms = {_AROUND.sub("", plain), _HAN_BEHIND.sub("", _HAN_BEFORE.sub("", plain, count=1), count=1), plain}
    return MORE if forms & _MORE else BACK if forms & _BACK else None


def _place_in_chinese(plain: str) -> int | None:
    bare = _HAN_BEFORE.sub("", plain, count=1)
    for form in (plain, bare, _HAN_BEHIND.sub("", bare, count=1)):
        if form in _LAST:
            return LAST
        if match := _HAN_ORDINAL.fullmatch(form):
            return -_value(match["number"]) if match["behind"] else _value(match["number"])
    match = _HAN_ALONE.fullmatch(plain)
    return _value(match["number"]) if match else None


def titled(text: str, titles: Sequence[str], *, is_loose: bool = True) -> int | None:
    """The place, from 0, of the one title that the message is, or is a part of; None for none or several.

    `is_loose`: what people say around a part of a title is passed over, as in "the one about the bridge".
    """
    plain = _plain(text)
    found = _part_of(plain, titles)
    return _part_of(_ABOUT.sub("", plain).strip(), titles) if found is None and is_loose else found


def _part_of(plain: str, titles: Sequence[str]) -> int | None:
    if not plain or len(plain) > MAX_CHARS:
        return None
    known = [_plain(title) for title in titles]
    if known.count(plain) == 1:
        return known.index(plain)
    if len(plain) < (3 if plain.isascii() else 2):
        return None
    found = [place for place, title in enumerate(known) if _has(title, plain)]
    return found[0] if len(found) == 1 else None


def _has(title: str, part: str) -> bool:
    """Whole words of Latin letters, any run of Chinese characters."""
    start = r"(?<!\w)" if part[0].isascii() else ""
    end = r"(?!\w)" if part[-1].isascii() else ""
    return bool(re.search(f"{start}{re.escape(part)}{end}", title))


def _plain(text: str) -> str:
    """Half-width, lower case, Simplified, without what surrounds a sentence."""
    even = simplified(unicodedata.normalize("NFKC", text[: 4 * MAX_CHARS])).lower()
    return " ".join(even.split()).strip(" .。!！?？,，、:：'\"“”「」《》〈〉()（）吧啊呢")


def _value(number: str) -> int:
    if number.isascii():
        return int(number)
    tens, ten, ones = number.rpartition("十")
    return 10 * (_DIGITS.get(tens, 1) if ten else 0) + _DIGITS.get(ones, 0)
