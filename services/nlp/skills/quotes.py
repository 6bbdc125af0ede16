"""What two keyless sources say of a stock: Taiwan's exchange for its codes, Stooq for all others."""

import csv
import io
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from services.nlp.skills.feeds import plain
from services.nlp.skills.fetching import Fetcher, Unavailable

TAIWAN = re.compile(r"[0-9]{4,6}[A-Z]?", re.IGNORECASE)
STOOQ = re.compile(r"\^?[a-z0-9][a-z0-9-]{0,11}(?:\.[a-z]{1,3})?", re.IGNORECASE)
_CHARS = 60
Kind = Literal["trade", "bid", "before"]


@dataclass(frozen=True)
class Quote:
    """A price and when it was, in the market's own time."""

    symbol: str
    name: str
    price: float
    before: float | None
    """What `change` is counted from: the day before's last price, or the day's first."""
    is_since_open: bool
    time: str
    source: str
    kind: Kind = "trade"
    """What the price is: the last trade's, the best that is bid between trades, or the day before's last."""


async def of_taiwan(fetcher: Fetcher, url: str, code: str) -> Quote | None:
    """Of a code that Taiwan's exchange or its over-the-counter market lists. Raises Unavailable."""
    query = {"ex_ch": f"tse_{code}.tw|otc_{code}.tw", "json": "1", "delay": "0"}
    answer = await fetcher.json(f"{url}/stock/api/getStockInfo.jsp", query)
    rows = answer.get("msgArray") if isinstance(answer, Mapping) else None
    if not isinstance(rows, list):
        raise Unavailable("the answer is no quote")
    known = (row for row in rows if isinstance(row, Mapping) and row.get("c") == code)
    return next((quote for row in known if (quote := _taiwan(row, code))), None)


async def of_stooq(fetcher: Fetcher, url: str, symbol: str) -> Quote | None:
    """Of a symbol that Stooq knows, such as aapl.us. Raises Unavailable."""
    query = {"s": symbol.lower(), "f": "sd2t2ohlcvn", "h": "", "e": "csv"}
    text = await fetcher.text(f"{url}/q/l/", query)
    try:
        row = next(csv.DictReader(io.StringIO(text)), None)
    except csv.Error:
        row = None
    if row is None or not {"Symbol", "Close"} <= row.keys():
        raise Unavailable("the answer is no quote")
    price = _number(row["Close"])
    if price is None:
        return None
    time = f"{plain(row.get('Date'), _CHARS)} {plain(row.get('Time'), _CHARS)}".strip()
    name = plain(row.get("Name"), _CHARS) or symbol.upper()
    return Quote(symbol.upper(), name, price, _number(row.get("Open")), True, time, "Stooq")


def _taiwan(row: Mapping[str, Any], code: str) -> Quote | None:
    """Between two trades there is no price, but the best bid; before the first, the day before's."""
    before = _number(row.get("y"))
    bid = _number(str(row.get("b") or "").partition("_")[0])
    trade = _number(row.get("z"))
    price = trade or bid or before
    if price is None:
        return None
    kind: Kind = "trade" if trade else "bid" if bid else "before"
    day = plain(row.get("d"), _CHARS)
    day = f"{day[:4]}-{day[4:6]}-{day[6:]}" if len(day) == 8 and day.isdecimal() else day
    time = f"{day} {plain(row.get('t'), _CHARS)}".strip()
    return Quote(code, plain(row.get("n"), _CHARS) or code, price, before, False, time, "TWSE", kind)


def _number(value: Any) -> float | None:
    """Above zero; "-" and "N/D" are no prices."""
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if math.isfinite(number) and 0 < number < 1e12 else None
