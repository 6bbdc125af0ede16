"""A sum as people say it, in English or Chinese, as an expression: 三百乘以七, half of 30, 2 的 10 次方."""

import re
import unicodedata
import warnings
from functools import cache

import cn2an

from services.nlp.nlu.quantities import QuantityExtractor
from services.nlp.nlu.script import simplified

_NUMBER = r"(\d+(?:\.\d+)?|\))"
_FILLERS = re.compile(
    r"请问|请|帮我|帮忙|计算一下|计算|算一下|算算|算|等于几|等于多少|是多少|等于|多少|得几|得多少|结果|一下|呢|啊|吗"
    r"|what(?:'s| is| are)|how much (?:is|are)|calculate|compute|please|equals?|is equal to|[?=。!,]+\s*$",
    re.IGNORECASE,
)
_CHINESE = (
    (re.compile(r"(?:开)?根号\s*(\d+(?:\.\d+)?)"), r"sqrt(\1)"),
    (re.compile(rf"{_NUMBER}\s*(?:的)?平方根"), r"sqrt(\1)"),
    (re.compile(rf"{_NUMBER}\s*(?:的)?平方"), r"\1**2"),
    (re.compile(rf"{_NUMBER}\s*(?:的)?立方"), r"\1**3"),
    (re.compile(rf"{_NUMBER}\s*(?:的)?\s*(\d+)\s*次方"), r"\1**\2"),
    (re.compile(r"除以|÷"), "/"),
    (re.compile(r"乘以|乘上|乘|×|(?<=[\d)])\s*x\s*(?=[\d(])"), "*"),
    (re.compile(r"加上|加"), "+"),
    (re.compile(r"减去|减|−"), "-"),
    (re.compile(r"圆周率|π"), "pi"),
)
_ENGLISH = (
    (re.compile(r"\b(?:the )?square root of\s*(\d+(?:\.\d+)?)"), r"sqrt(\1)"),
    (re.compile(rf"{_NUMBER}\s*squared\b"), r"\1**2"),
    (re.compile(rf"{_NUMBER}\s*cubed\b"), r"\1**3"),
    (re.compile(r"\bto the power of\b|\^"), "**"),
    (re.compile(r"\bdivided by\b|\bover\b"), "/"),
    (re.compile(r"\btimes\b|\bmultiplied by\b"), "*"),
    (re.compile(r"\bplus\b"), "+"),
    (re.compile(r"\bminus\b|\bless\b"), "-"),
    (re.compile(r"\bhalf of\b"), "0.5*"),
)
_COMMON = (
    (re.compile(r"(?<=\d),(?=\d{3})"), ""),
    (re.compile(r"(\d+(?:\.\d+)?)\s*(?:%|percent\b)"), r"(\1/100)"),
    (re.compile(r"(?<=[\d)])\s*(?:的|of)\s*(?=[\d(])"), "*"),
)


def expression_of(text: str) -> str:
    """The text as an expression; what is no part of a sum stays in it, and makes it none."""
    plain = _FILLERS.sub(" ", simplified(unicodedata.normalize("NFKC", text))).strip().lower()
    spoken = with_digits(plain)
    for pattern, written in (*_COMMON[:1], *_CHINESE, *_ENGLISH, *_COMMON[1:]):
        spoken = pattern.sub(written, spoken)
    return " ".join(spoken.split())


def with_digits(text: str) -> str:
    """The text with the number words of either language as digits; it is in lower case and Simplified."""
    text = re.sub(r"(?<=\d)点(?=\d)", ".", text)
    if re.search("[一二两三四五六七八九十百千万亿零〇]", text):
        warnings.filterwarnings("ignore", module="cn2an")  # they quote what people write, into the log
        try:
            text = cn2an.transform(text, "cn2an")
        except ValueError:  # numerals that are no number, such as 百百
            return text
    return _english_digits(text) if re.search("[a-z]{3}", text) else text


def _english_digits(text: str) -> str:
    spoken = text
    for number in reversed(_numbers().extract(text)):
        written = text[number.start : number.end]
        if not written[-1].isdigit():
            spoken = f"{spoken[: number.start]}{number.value:g}{spoken[number.end :]}"
    return spoken


@cache
def _numbers() -> QuantityExtractor:
    return QuantityExtractor("en", ("number",))
