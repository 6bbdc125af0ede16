"""How a stream's deltas share items."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from contracts.reply import Reply
from contracts.turn import TurnDelta, TurnDone, TurnItem, TurnReply
from services.nlp.gathering import Gathering

NEVER_S = 1000.0


def delta(text: str, index: int = 0) -> TurnDelta:
    return TurnDelta(index=index, text=text)


class Source:
    """Items that come when the test says so."""

    def __init__(self) -> None:
        self._come: asyncio.Queue[TurnItem | Exception | None] = asyncio.Queue()
        self.is_closed = False

    def say(self, *items: TurnItem | Exception | None) -> None:
        for item in items:
            self._come.put_nowait(item)

    async def items(self) -> AsyncGenerator[TurnItem, None]:
        try:
            while item := await self._come.get():
                if isinstance(item, Exception):
                    raise item
                yield item
        finally:
            self.is_closed = True


async def test_the_first_delta_goes_at_once_and_what_comes_meanwhile_shares_one_item() -> None:
    source = Source()
    gathered = Gathering(every_s=0.02).gathered(source.items())
    source.say(delta("On"))
    assert await anext(gathered) == delta("On")
    source.say(delta("ce "), delta("upon "), delta("a "))
    assert await anext(gathered) == delta("ce upon a ")
    source.say(delta("time"), None)
    assert [item async for item in gathered] == [delta("time")]


async def test_no_delta_keeps_what_is_no_delta_waiting_and_the_order_stays() -> None:
    source = Source()
    gathered = Gathering(every_s=NEVER_S).gathered(source.items())
    source.say(delta("a"))
    assert await anext(gathered) == delta("a")
    reply = TurnReply(index=0, reply=Reply(text="abc"))
    rest = [delta("b"), delta("c"), reply, delta("d", 1), delta("e", 2), TurnDone()]
    source.say(*rest, None)
    async with asyncio.timeout(5):
        found = [item async for item in gathered]
    assert found == [delta("bc"), reply, delta("d", 1), delta("e", 2), TurnDone()]


async def test_a_stream_goes_on_after_something_that_is_no_delta() -> None:
    source = Source()
    gathered = Gathering(every_s=0).gathered(source.items())
    reply = TurnReply(index=0, reply=Reply(text="a"))
    source.say(reply)
    assert await anext(gathered) == reply
    source.say(delta("b", 1))
    assert await anext(gathered) == delta("b", 1)
    source.say(TurnDone(), None)
    assert [item async for item in gathered] == [TurnDone()]


async def test_where_there_are_many_streams_each_ones_items_come_less_often() -> None:
    gathering = Gathering(every_s=0.001, most_a_second=1 / NEVER_S)
    source = Source()
    gathered = gathering.gathered(source.items())
    source.say(delta("a"))
    await anext(gathered)
    source.say(delta("b"))
    waiting = asyncio.ensure_future(anext(gathered))
    await asyncio.wait({waiting}, timeout=0.1)
    assert not waiting.done()
    source.say(delta("c"), None)
    assert await waiting == delta("bc")


async def test_a_fault_comes_behind_the_text_before_it() -> None:
    source = Source()
    gathered = Gathering(every_s=0).gathered(source.items())
    source.say(delta("a"), ValueError("broken"))
    assert await anext(gathered) == delta("a")
    with pytest.raises(ValueError, match="broken"):
        await anext(gathered)


async def test_who_leaves_closes_the_source() -> None:
    source = Source()
    async with aclosing(Gathering().gathered(source.items())) as gathered:
        source.say(delta("a"))
        await anext(gathered)
        assert not source.is_closed
    assert source.is_closed
