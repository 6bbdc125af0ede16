"""What is said about the language model where a bot's domain has no response of that name."""

from typing import Any

from services.nlp.dialogue.responses import fill, respond
from services.nlp.engines.base import Turn
from services.nlp.nlu.script import in_script, script_of

ENGLISH = {
    "utter_model_refused": "I would rather not answer that.",
    "utter_model_filtered": "I cannot answer that.",
    "utter_model_empty": "I have no answer to that. Please ask in other words.",
}
CHINESE = {
    "utter_model_refused": "這個問題我不方便回答。",
    "utter_model_filtered": "這個問題我無法回答。",
    "utter_model_empty": "我答不上來，請換個說法再問一次。",
}


def say(turn: Turn, name: str, **slots: Any) -> str:
    """The bot's own words, else ours in the language that the person writes."""
    if own := respond(turn.bot, name, {**turn.tracker.slots, **slots}, turn.channel, turn.chance):
        return own.text
    script = script_of(turn.parse.text, turn.request.event.user.locale)
    if script is None:
        return fill((CHINESE if turn.bot.is_chinese else ENGLISH)[name], slots)
    return in_script(fill(CHINESE[name], slots), script)
