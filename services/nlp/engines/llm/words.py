"""What is said about the language model where a bot's domain has no response of that name."""

from typing import Any

from services.nlp.dialogue.responses import fill, respond
from services.nlp.engines.base import Turn
from services.nlp.nlu.script import in_script, script_of

ENGLISH = {
    "utter_model_refused": "I would rather not answer that.",
    "utter_model_filtered": "I cannot answer that.",
    "utter_model_empty": "I have no answer to that. Please ask in other words.",
    "utter_persona_none": "I have one persona only.",
    "utter_persona_current": "I answer as **{persona}** here.",
    "utter_persona_switch": "Switch with `/persona NAME`.",
    "utter_persona_switched": "From now on I answer as **{persona}** here.",
    "utter_persona_unknown": "I have no persona of that name. There are: {personas}.",
}
CHINESE = {
    "utter_model_refused": "這個問題我不方便回答。",
    "utter_model_filtered": "這個問題我無法回答。",
    "utter_model_empty": "我答不上來，請換個說法再問一次。",
    "utter_persona_none": "我只有一個角色。",
    "utter_persona_current": "我在這裡以**{persona}**的角色回答。",
    "utter_persona_switch": "用 `/persona 名稱` 切換。",
    "utter_persona_switched": "從現在起，我在這裡以**{persona}**的角色回答。",
    "utter_persona_unknown": "沒有這個角色。可以選：{personas}。",
}


def say(turn: Turn, name: str, **slots: Any) -> str:
    """The bot's own words, else ours in the language that the person writes."""
    if own := respond(turn.bot, name, {**turn.tracker.slots, **slots}, turn.channel, turn.chance):
        return own.text
    script = script_of(turn.parse.text, turn.request.event.user.locale)
    if script is None:
        return fill((CHINESE if turn.bot.is_chinese else ENGLISH)[name], slots)
    return fill(in_script(CHINESE[name], script), slots)  # names in the slots stay as they are
