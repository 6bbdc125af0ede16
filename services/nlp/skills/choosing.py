"""What a person says to choose from a list: a number, an ordinal, a part of a title, more, back."""

import re
import unicodedata
from collections.abc import Sequence

from services.nlp.nlu.script import simplified

LAST, MORE, BACK = -1, "more", "back"
MAX_CHARS = 60
"""A longer message is no choice."""
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2}
_HAN_NUMBER = "[一二两三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九]"
_UNITS = "个|個|条|條|则|則|首|篇|道|项|項|支|部|名|位|张|張|号|號|本|只|家|件"
_NUMBER = re.compile(f"(?:(?:no|nr|number|the number)[. ]*)?#?(?P<digits>[0-9]{{1,2}})(?:[.)]|{_UNITS})?")
_HAN_ORDINAL = re.compile(f"(?:我?[要选看想]*)(?:第)(?P<number>[0-9]{{1,2}}|{_HAN_NUMBER})(?:{_UNITS})?")
_HAN_ALONE = re.compile(f"(?P<number>{_HAN_NUMBER})(?:{_UNITS})?")
_ENGLISH = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_ENGLISH_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_SHORT = re.compile("(?P<digits>[0-9]{1,2})(?:st|nd|rd|th)")
_AROUND = re.compile(r"^(?:please |the |show me |give me |tell me )*(?:the )?|(?:,? one|,? please)*$")
_LAST = {"last", "最后", "最后一个", "最后一条", "最后一则", "最后一首", "最后一篇", "最后一道", "倒数第一个"}
_MORE = {"more", "show more", "next", "next page", "更多", "还有吗", "还有呢", "还有", "下一页", "下页"}
_BACK = {"back", "go back", "previous", "previous page", "返回", "上一页", "上页", "回上一页", "回去"}


def place_of(text: str) -> int | None:
    """The place that a message names, from 1, or LAST; None where it names none."""
    plain = _plain(text)
    bare = _AROUND.sub("", plain)
    if plain in _LAST or bare in _LAST:
        return LAST
    if match := _NUMBER.fullmatch(plain) or _SHORT.fullmatch(bare):
        return int(match["digits"])
    if match := _HAN_ORDINAL.fullmatch(plain) or _HAN_ALONE.fullmatch(plain):
        return _value(match["number"])
    for words in (_ENGLISH, _ENGLISH_NUMBERS):
        if bare in words and (words is _ENGLISH or bare == plain):
            return words.index(bare) + 1
    return None


def turning(text: str) -> str | None:
    """MORE or BACK; None for anything else."""
    plain = _AROUND.sub("", _plain(text))
    return MORE if plain in _MORE else BACK if plain in _BACK else None


def titled(text: str, titles: Sequence[str]) -> int | None:
    """The place, from 0, of the one title that the message is, or is a part of; None for none or several."""
    plain = _plain(text)
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
