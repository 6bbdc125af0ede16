"""The modals: a question before something is stopped or deleted, or why it cannot be."""

from typing import Any

from foundation.words import Language, say
from services.gateway.channels.slack_asked import CALLBACKS, Asked, Demand
from services.gateway.slack_turns import Verdict

View = dict[str, Any]
"""A view as views.open takes it."""


def view_of(asked: Asked | None, verdict: Verdict, act: Demand, language: Language) -> View:
    """The modal that fits the verdict; without a message, how to choose one."""
    if asked is None:
        return _view(act, "slack_menu", language)
    if verdict != "theirs":
        return _view(act, f"slack_{verdict}", language)
    question = _view(act, f"slack_{act}_question", language)
    return question | {
        "submit": _plain(say(f"slack_{act}", language)),
        "close": _plain(say("slack_cancel", language)),
        "callback_id": CALLBACKS[act],
        "private_metadata": asked.metadata(),
    }


def _view(act: Demand, text: str, language: Language) -> View:
    return {
        "type": "modal",
        "title": _plain(say(f"slack_{act}_title", language)),
        "close": _plain(say("slack_close", language)),
        "blocks": [{"type": "section", "text": _plain(say(text, language))}],
    }


def _plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}
