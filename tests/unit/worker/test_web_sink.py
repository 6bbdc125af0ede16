"""What the page hears of: text in the making, and a reply that comes to no end."""

import asyncio
import time
from functools import partial

from contracts.reply import Button, Reply, act
from contracts.web import APOLOGY_INDEX, WEB_ENTRY, BotDelta, BotReplied, TurnEnded
from services.worker.channels.web import DELTA_EVERY_S, WebSink
from tests.builders import message
from tests.fakes.delivery import MemoryDelivery
from tests.waiting import auntil

RETRY = Button(title="Try again", payload=act("regenerate", "m1"))


async def broken_off(reply: Reply, index: int = 0) -> list[object]:
    """What the stream holds after a reply was broken off and its turn has ended."""
    delivery = MemoryDelivery()
    sink = WebSink(message(), delivery)
    await sink.break_off(index, reply, "Stopped.")
    await sink.close("stopped")
    return [WEB_ENTRY.validate_json(entry) for entry in delivery.published.values()]


async def test_the_page_gets_the_partial_text_alone_and_how_the_turn_ended() -> None:
    replied, ended = await broken_off(Reply(text="Once upon", buttons=(RETRY,)))
    assert isinstance(replied, BotReplied)
    assert replied.reply == Reply(text="Once upon")
    assert isinstance(ended, TurnEnded)
    assert ended.outcome == "stopped"


async def test_the_page_is_told_that_the_models_limit_ended_an_answer_and_draws_its_own_button() -> None:
    delivery, event = MemoryDelivery(), message()
    sink = WebSink(event, delivery)
    own = Button(title="More", payload="/more")
    more = Button(title="Go on", payload=act("continue", event.event_id))
    await sink.finish(0, Reply(text="Once upon", buttons=(own, more), cut_off=True))
    await sink.close("finished")
    replied, ended = (WEB_ENTRY.validate_json(entry) for entry in delivery.published.values())
    assert isinstance(replied, BotReplied)
    assert replied.reply.buttons == (own,)
    assert isinstance(ended, TurnEnded)
    assert ended.cut_off


async def test_before_the_first_word_the_end_is_all_the_page_gets() -> None:
    [ended] = await broken_off(Reply(buttons=(RETRY,)))
    assert isinstance(ended, TurnEnded)


async def test_an_apology_is_a_reply_in_its_own_place() -> None:
    replied, _ = await broken_off(Reply(text="Sorry.", buttons=(RETRY,)), APOLOGY_INDEX)
    assert isinstance(replied, BotReplied)
    assert (replied.index, replied.reply.text) == (APOLOGY_INDEX, "Sorry.")


def texts(delivery: MemoryDelivery) -> list[str]:
    """Of the entries that show text in the making."""
    entries = map(WEB_ENTRY.validate_json, delivery.published.values())
    return [entry.text for entry in entries if isinstance(entry, BotDelta)]


async def test_the_first_words_are_shown_at_once_and_those_that_follow_share_an_entry() -> None:
    delivery = MemoryDelivery()
    sink = WebSink(message(), delivery)
    asked_at = time.monotonic()
    await sink.append(0, "Once ")
    for _ in range(3):
        await asyncio.sleep(0)  # no clock is waited for
    assert texts(delivery) == ["Once "]
    await sink.append(0, "upon ")
    await sink.append(0, "a time")
    await auntil(partial(_is_shown, delivery, "upon a time"), "the rest")
    assert texts(delivery) == ["Once ", "upon a time"]
    assert time.monotonic() - asked_at >= DELTA_EVERY_S


async def test_text_that_waits_when_the_reply_is_whole_is_never_shown() -> None:
    delivery = MemoryDelivery()
    sink = WebSink(message(), delivery)
    await sink.append(0, "Once ")
    await auntil(partial(_is_shown, delivery, "Once "), "the first words")
    await sink.append(0, "upon")
    await sink.finish(0, Reply(text="Once upon"))
    await sink.close("finished")
    kinds = [WEB_ENTRY.validate_json(entry).type for entry in delivery.published.values()]
    assert kinds == ["delta", "reply", "done"]


async def _is_shown(delivery: MemoryDelivery, text: str) -> bool:
    return text in texts(delivery)
