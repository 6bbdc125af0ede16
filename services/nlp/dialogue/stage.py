"""Where actions are performed: one turn's bot, tracker and the ways to speak and to run code."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol

from contracts.reply import Reply
from foundation.words import Language
from services.nlp.actions.base import ActionCall, ActionResult, ActionRunner, TrackerEvent
from services.nlp.dialogue.responses import in_script_of, reply_of, respond
from services.nlp.dialogue.tracker import Tracker
from services.nlp.formats.bot import Bot

LANGUAGE = "language"
"""The slot by which a bot's responses differ between languages."""
_SPOKEN = ("text", "image", "custom", "attachment", "elements")


class ResponseSource(Protocol):
    """A server that words the bot's responses."""

    async def word(
        self,
        response: str,
        tracker: dict[str, Any],
        channel: str,
        arguments: dict[str, Any] | None = None,
        variation_id: str | None = None,
    ) -> dict[str, Any]:
        """Text, buttons, image, elements, attachment, custom; raises ActionFailed."""
        ...


@dataclass(frozen=True)
class Outcome:
    """What an action came to."""

    replies: list[Reply] = field(default_factory=list)
    events: list[TrackerEvent] = field(default_factory=list)


class SkillRunner(Protocol):
    """Calls the bot's skills for one message."""

    def has(self, action: str) -> bool:
        """Whether the action is a skill's."""
        ...

    async def act(self, action: str, tracker: Tracker) -> Outcome:
        """Perform it. What it needs of the worker first ends the turn's stream."""
        ...

    async def call(
        self, name: str, args: Mapping[str, Any], tracker: Tracker, is_chosen: bool = False
    ) -> Outcome:
        """Call a skill by its name."""
        ...

    def language(self, tracker: Tracker) -> Language:
        """What the person reads."""
        ...

    def help(self, tracker: Tracker) -> str:
        """What the skills can do, in the person's language; "" where there are none."""
        ...


@dataclass
class Stage:
    """What an action may use."""

    bot: Bot
    tracker: Tracker
    domain: dict[str, Any]
    """As action servers are shown it."""
    runner: ActionRunner | None = None
    responses: ResponseSource | None = None
    skills: SkillRunner | None = None
    chance: Random = field(default_factory=Random)

    async def say(self, name: str, extra: Mapping[str, Any] | None = None) -> list[Reply]:
        """The response of that name; nothing where there is none. Raises ActionFailed."""
        name = self._chosen(name)
        if self.responses:
            parts = await self.responses.word(
                name, self.tracker.as_dict(), self.tracker.channel, dict(extra or {})
            )
            return [reply_of(parts)]
        reply = self.respond(name, extra)
        return [reply] if reply else []

    def respond(self, name: str, extra: Mapping[str, Any] | None = None) -> Reply | None:
        """The bot's own response of that name; None where it has none that fits.

        The slot `language` is what the person reads, en or zh, unless the bot has filled it itself.
        """
        slots = {**self.tracker.slots, **(extra or {})}
        language = self.language
        slots[LANGUAGE] = slots.get(LANGUAGE) or language.partition("-")[0]
        reply = respond(self.bot, name, slots, self.tracker.channel, self.chance)
        if reply is None or self.bot.is_chinese or language == "en":
            return reply
        return in_script_of(reply, "hans" if language == "zh-Hans" else "hant")

    @property
    def language(self) -> Language:
        """What the person reads."""
        if self.skills:
            return self.skills.language(self.tracker)
        return "zh-Hant" if self.bot.is_chinese else "en"

    async def say_help(self) -> list[Reply]:
        """The bot's own words, and what its skills can do. Raises ActionFailed."""
        replies = await self.say("utter_help")
        more = self.skills.help(self.tracker) if self.skills else ""
        if not more or not replies:
            return replies or ([Reply(text=more)] if more else [])
        last = replies[-1]
        text = f"{last.text}\n\n{more}" if last.text else more
        return [*replies[:-1], last.model_copy(update={"text": text})]

    def has_skill(self, action: str) -> bool:
        """Whether the action is one of the bot's skills."""
        return self.skills is not None and self.skills.has(action)

    def has_action(self, name: str) -> bool:
        """Whether the bot's own code has this action."""
        return name in self.bot.actions and self.runner is not None and self.runner.has(name)

    async def run(self, name: str, tracker: Tracker | None = None) -> Outcome:
        """Run one of the bot's own actions. Raises ActionRejected or ActionFailed."""
        assert self.runner
        state = (tracker or self.tracker).as_dict()
        result = await self.runner.run(ActionCall(name, self.tracker.sender_id, state, self.domain))
        uttered = [_uttered(event) for event in result.events if event["event"] == "bot"]
        others = [event for event in result.events if event["event"] != "bot"]
        return Outcome([*await self._spoken(result), *uttered], others)

    async def _spoken(self, result: ActionResult) -> list[Reply]:
        replies: list[Reply] = []
        for parts in result.responses:
            name = parts.get("response") or parts.get("template")
            if name:
                replies += await self.say(str(name), parts)
            if not name or any(parts.get(key) for key in _SPOKEN):
                replies.append(reply_of(parts))
            elif replies and parts.get("buttons"):
                more = reply_of(parts).buttons
                replies[-1] = replies[-1].model_copy(update={"buttons": (*replies[-1].buttons, *more)})
        return [reply for reply in replies if reply != Reply()]

    def _chosen(self, name: str) -> str:
        """A retrieval intent's response is the one that the selector chose for the last message."""
        intent = name.removeprefix("utter_")
        chosen = (self.tracker.message.get("response_selector") or {}).get(intent)
        if name in self.bot.responses or not chosen:
            return name
        return f"utter_{chosen['response']['intent_response_key']}"


def _uttered(event: TrackerEvent) -> Reply:
    """What an action says by an event of its own: it is said like what went through its dispatcher."""
    parts = event.get("data")
    return reply_of({**(parts if isinstance(parts, dict) else {}), "text": event.get("text")})
