"""Replies that came to no end: what stays of them, and what stands behind them."""

from collections.abc import Mapping

from contracts.event import Event, RegenerationRequested
from contracts.reply import Button, Reply, act
from foundation.words import Language, language_of, say
from services.worker.channels.base import Sink

MARK_INDEX = 999
"""The place of a mark that has no text to stand behind: after every reply."""


async def break_off(
    sink: Sink, partial: Mapping[int, str], mark: str, buttons: tuple[Button, ...] = ()
) -> None:
    """Show what there is, by its place in the turn, with the mark and the buttons at its end."""
    *earlier, last = sorted(partial) or [MARK_INDEX]
    for index in earlier:
        await sink.break_off(index, Reply(text=partial[index]), "")
    await sink.break_off(last, Reply(text=partial.get(last, ""), buttons=buttons), mark)


def with_more(event: Event, reply: Reply) -> Reply:
    """A reply that the model's limit has cut off, with the button that asks for the rest of it."""
    if not reply.cut_off:
        return reply
    button = continue_button(event, language_of(event.user.locale))
    return reply.model_copy(update={"buttons": (*reply.buttons, button)})


def retry_button(event: Event, language: Language) -> Button:
    """Asks for the answer that failed; of a regeneration, for the answer to the message itself."""
    target = event.target if isinstance(event, RegenerationRequested) else event.event_id
    return Button(title=say("retry", language), payload=act("regenerate", target))


def continue_button(event: Event, language: Language) -> Button:
    """Asks for the rest of the answer."""
    return Button(title=say("continue", language), payload=act("continue", event.event_id))
