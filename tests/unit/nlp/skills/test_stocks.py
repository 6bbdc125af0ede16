"""Stocks: which one is meant, what it costs, and where that comes from."""

from pathlib import Path
from typing import Any

import pytest

from services.nlp.skills.base import ArgumentMissing, Skill, SkillProblem
from services.nlp.skills.registry import SkillsBroken
from tests.unit.nlp.skills.sources import Web, ask

TWSE, STOOQ = "https://mis.twse.com.tw/stock/api/getStockInfo.jsp", "https://stooq.com/q/l/"
TSMC = {
    "c": "2330",
    "n": "台積電",
    "b": "580.00_579.00_",
    "y": "500.00",
    "d": "20260304",
    "t": "13:30:00",
    "z": "580.00",
}
APPLE = "Symbol,Date,Time,Open,High,Low,Close,Volume,Name\nAAPL.US,2026-03-04,22:00:09,200,1,1,190,5,APPLE\n"


def stocks(web: Web, **settings: str) -> Skill:
    return web.workshop(**settings).make(Path("none"), ("stocks",))["stocks"]


def market() -> Web:
    return Web(**{TWSE: {"msgArray": [TSMC]}, STOOQ: APPLE})


@pytest.mark.parametrize(
    "words", ["台積電股價", "台积电", "TSMC", "2330", "2330.TW", "查一下台積電的股票多少錢？"]
)
async def test_a_taiwanese_stock_is_asked_of_its_exchange(words: str) -> None:
    web = market()
    answer = await ask(stocks(web), "zh-Hant", stock=words)
    assert web.requests[0].url.params["ex_ch"] == "tse_2330.tw|otc_2330.tw"
    assert answer.reply.text == (
        "**台積電**（2330）：**580.00**，較前一日 +80.00（+16.00%），2026-03-04 13:30:00\n\n"
        "資料來源：[TWSE](https://mis.twse.com.tw)。報價可能延遲，不是投資建議。"
    )


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (
            {"z": "-"},
            "best bid (no trade at the moment) **580.00**, +80.00 (+16.00 %) since the day before, 2026",
        ),
        ({"z": "-", "b": "-"}, "no trade yet today, last close **500.00**, 2026"),
        ({"z": "-", "b": "0.0000_", "y": "500.00"}, "no trade yet today, last close **500.00**, 2026"),
        ({"z": "581.00"}, "(2330): **581.00**, +81.00 (+16.20 %) since the day before, 2026"),
    ],
)
async def test_what_is_no_trades_price_is_not_told_as_one(row: dict[str, str], told: str) -> None:
    web = Web(**{TWSE: {"msgArray": [TSMC | row]}})
    assert told in (await ask(stocks(web), stock="2330")).reply.text


@pytest.mark.parametrize("words", ["AAPL", "apple", "蘋果", "what is the price of Apple stock"])
async def test_other_stocks_are_asked_of_stooq(words: str) -> None:
    web = market()
    answer = await ask(stocks(web), stock=words)
    assert web.requests[0].url.params["s"] == "aapl.us"
    assert "**APPLE** (AAPL.US): **190.00**, -10.00 (-5.00 %) since the day's start" in answer.reply.text
    assert "no advice" in answer.reply.text


async def test_a_part_of_several_names_is_a_list() -> None:
    skill = stocks(market(), NLP_STOCK_NAMES='{"Old Bridge": "1111", "New Bridge": "2330"}')
    choices = (await ask(skill, stock="bridge")).choices
    assert [choice.title for choice in choices] == ["Old Bridge", "New Bridge"]
    assert "580.00" in (await ask(skill, **choices[1].args)).reply.text


async def test_names_of_ones_own_are_known() -> None:
    web = market()
    await ask(stocks(web, NLP_STOCK_NAMES='{"our firm": "2330"}'), stock="Our firm")
    assert "tse_2330" in web.requests[0].url.params["ex_ch"]


@pytest.mark.parametrize("names", ["[]", '{"a": 7}', "{"])
def test_names_of_other_shapes_are_refused(names: str) -> None:
    with pytest.raises(SkillsBroken):
        stocks(market(), NLP_STOCK_NAMES=names)


@pytest.mark.parametrize("close", ["N/D", "", "nan", "-3", "x"])
async def test_a_symbol_without_a_price_is_unknown(close: str) -> None:
    csv = f"Symbol,Date,Time,Close\nQQ.US,N/D,N/D,{close}\n"
    with pytest.raises(SkillProblem) as problem:
        await ask(stocks(Web(**{STOOQ: csv})), stock="qq")
    assert problem.value.key == "stocks_unknown"


async def test_without_a_stock_it_asks_for_one() -> None:
    with pytest.raises(ArgumentMissing):
        await ask(stocks(market()), stock="股價")


@pytest.mark.parametrize("answer", [7, [], {}, {"msgArray": 7}])
async def test_what_is_no_quote_is_not_told(answer: Any) -> None:
    with pytest.raises(SkillProblem, match="skill_unavailable"):
        await ask(stocks(Web(**{TWSE: answer})), stock="2330")


@pytest.mark.parametrize("row", [7, {}, {"c": "2330"}, {"c": "2330", "z": "-", "y": "-"}])
async def test_a_row_without_a_price_is_no_stock(row: Any) -> None:
    with pytest.raises(SkillProblem, match="stocks_unknown"):
        await ask(stocks(Web(**{TWSE: {"msgArray": [row]}})), stock="2330")
