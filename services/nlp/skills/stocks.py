"""What a stock costs: by its symbol, or by the names that people give companies."""

import json
import re
from dataclasses import asdict
from typing import Any

from contracts.reply import Reply
from foundation.words import Language, say
from services.nlp.nlu.script import simplified
from services.nlp.skills.base import Answer, ArgumentMissing, Asked, Choice, SkillProblem
from services.nlp.skills.kit import Kit
from services.nlp.skills.markdown import escaped
from services.nlp.skills.quotes import STOOQ, TAIWAN, Quote, of_stooq, of_taiwan
from services.nlp.skills.shipped import in_language

TTL_S = 60
_SOURCES = {"TWSE": "[TWSE](https://mis.twse.com.tw)", "Stooq": "[Stooq](https://stooq.com)"}
_FILLERS = re.compile(
    r"股价|股票|股市|报价|行情|价格|价钱|多少钱|多少|几块|现在|今天|目前|最新|请问|告诉我|查一下|查询|查|一下|我想知道"
    r"|的|是|呢|吗|[?？!！。]"
    r"|\b(?:stocks?|shares?|prices?|quotes?|of|the|what(?:['’]s)?|is|how|much|are|at|for|a|now|today|please"
    r"|tell|show|me)\b",
    re.IGNORECASE,
)
PARAMETERS = {
    "type": "object",
    "properties": {
        "stock": {"type": "string", "description": "A company's name or a symbol, such as 2330 or AAPL"}
    },
    "required": ["stock"],
}


class Stocks:
    """Finds the symbol, then its quote."""

    name = "stocks"
    description = "The price of a stock or index, by a company's name or a symbol; Taiwan's and others."
    parameters = PARAMETERS
    reads_sentences = True

    def __init__(self, kit: Kit) -> None:
        """Raises ValueError for names that are no object of texts."""
        self._kit = kit
        self._stooq = kit.setting("NLP_STOCKS_URL").rstrip("/")
        self._twse = kit.setting("NLP_TWSE_URL").rstrip("/")
        shipped = json.loads((kit.data / "stocks.json").read_text("utf-8"))
        self._symbols = {_plain(name): symbol for symbol, names in shipped.items() for name in names}
        self._names = {_plain(name): name for names in shipped.values() for name in names}
        for name, symbol in _own(kit.setting("NLP_STOCK_NAMES")).items():
            self._symbols[_plain(name)], self._names[_plain(name)] = symbol, name
        self._fetcher = kit.fetcher(self._stooq, self._twse)
        self.hosts = self._fetcher.hosts

    async def run(self, asked: Asked) -> Answer:
        """The quote; or those to choose from, where several companies have such a name."""
        wanted = _plain(_FILLERS.sub(" ", simplified(asked.text("stock"))))
        if not wanted:
            raise ArgumentMissing("stock", "stocks_what")
        symbols = self._meant(wanted)
        if len(symbols) > 1:
            choices = tuple(
                Choice(in_language(name, asked.language), {"stock": symbol})
                for symbol, name in symbols.items()
            )
            return Answer(Reply(text=say("stocks_which", asked.language)), {"stocks": symbols}, choices)
        quote = await self._quote(next(iter(symbols))) if symbols else None
        if quote is None:
            raise SkillProblem("stocks_unknown", stock=escaped(asked.text("stock")[:60]))
        return _told(quote, asked.language)

    def _meant(self, wanted: str) -> dict[str, str]:
        """Symbol -> name: the one of exactly this name, a symbol as it is, else all that contain it."""
        if wanted in self._symbols:
            return {self._symbols[wanted]: self._names[wanted]}
        bare = wanted.removesuffix(".tw")
        if TAIWAN.fullmatch(bare):
            return {bare.upper(): bare}
        found = {self._symbols[name]: self._names[name] for name in self._symbols if wanted in name}
        if len(wanted) > 2 and found:
            return found
        if STOOQ.fullmatch(wanted):
            return {wanted if "." in wanted or wanted.startswith("^") else f"{wanted}.us": wanted}
        return found

    async def _quote(self, symbol: str) -> Quote | None:
        async def load() -> dict[str, Any] | None:
            if TAIWAN.fullmatch(symbol):
                quote = await of_taiwan(self._fetcher, self._twse, symbol)
            else:
                quote = await of_stooq(self._fetcher, self._stooq, symbol)
            return asdict(quote) if quote else None

        row = await self._kit.cached([self._stooq, self._twse, symbol], TTL_S, load)
        return Quote(**row) if row else None


def create(kit: Kit) -> Stocks:
    """The skill, with its sources' addresses or those that are set."""
    return Stocks(kit)


def _own(setting: str) -> dict[str, str]:
    """Names that whoever runs this has added. Raises ValueError."""
    told = json.loads(setting or "{}")
    if not isinstance(told, dict) or not all(isinstance(symbol, str) for symbol in told.values()):
        raise ValueError("NLP_STOCK_NAMES is no object of names with symbols")
    return told


def _plain(text: str) -> str:
    return " ".join(simplified(text).casefold().replace("臺", "台").split())


def _told(quote: Quote, language: Language) -> Answer:
    name, change = in_language(quote.name, language), ""
    if quote.before and quote.kind != "before":
        by = quote.price - quote.before
        percent = 100 * by / quote.before
        key = "stocks_since_open" if quote.is_since_open else "stocks_since_before"
        change = say(key, language, change=f"{by:+,.2f}", percent=f"{percent:+.2f}")
    told = say(
        "stocks_told",
        language,
        name=escaped(name),
        symbol=escaped(quote.symbol),
        kind="" if quote.kind == "trade" else say(f"stocks_{quote.kind}", language),
        price=f"{quote.price:,.2f}",
        change=change,
        time=escaped(quote.time),
    )
    text = f"{told}\n\n{say('stocks_source', language, source=_SOURCES[quote.source])}"
    return Answer(Reply(text=text), asdict(quote))
