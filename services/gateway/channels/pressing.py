"""What a pressed button says to the bot, or asks of an answer: one rule for every channel."""

from typing import Any

from contracts.control import Control
from contracts.event import ButtonPressed, ContinuationRequested, Fact, RegenerationRequested
from contracts.reply import act_of

Pressed = ButtonPressed | RegenerationRequested | ContinuationRequested


def pressed(facts: dict[str, Any], payload: str, title: str, callback_id: str | None = None) -> Pressed:
    """The Event of a press; callback_id is Telegram's."""
    if act := act_of(payload):
        wanted = RegenerationRequested if act[0] == "regenerate" else ContinuationRequested
        return wanted(**facts, target=act[1], callback_id=callback_id)
    return ButtonPressed(**facts, payload=payload, title=title, callback_id=callback_id)


def press_claims(event: Fact | Control, message_id: str) -> tuple[str, ...]:
    """What makes a press count once: who sees no answer yet presses again, and wants one answer all the same.

    A choice may be made again: it is something that is said.
    """
    if not isinstance(event, RegenerationRequested | ContinuationRequested):
        return ()
    return (f"press:{event.conversation_id}:{message_id}:{event.kind}",)
