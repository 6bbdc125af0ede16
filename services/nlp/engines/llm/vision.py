"""A photo with a question: looked at by a vision model. It is never kept, nor logged."""

from contracts.event import MessageSent
from contracts.turn import CallResult, TurnNeed
from services.nlp.engines.base import Turn

CALL = "photo"
_PROBLEMS = ("photo_unsupported", "photo_too_large", "photo_gone")
"""Those that have words of their own."""


def need_of(turn: Turn) -> TurnNeed | None:
    """The photo, where there is a question about it that the bot's own rules do not know; else None."""
    event = turn.request.event
    if not isinstance(event, MessageSent) or event.photo is None or result_of(turn):
        return None
    is_ours = turn.bot.engines[0] == "llm" or not turn.parse.is_understood
    return TurnNeed(call_id=CALL, kind="photo") if event.text.strip() and is_ours else None


def result_of(turn: Turn) -> CallResult | None:
    """What came of asking for the photo."""
    return turn.request.results.get(CALL)


def image_of(turn: Turn) -> str:
    """The photo as a data URL; "" where the turn has none to look at."""
    result = result_of(turn)
    return str((result.value or {}).get("data_url") or "") if result else ""


def trouble_of(turn: Turn) -> str:
    """What says why the photo could not be had; "" where it could, or none was asked for."""
    result = result_of(turn)
    if result is None or image_of(turn):
        return ""
    code = result.problem.code if result.problem else ""
    return code if code in _PROBLEMS else "photo_failed"
