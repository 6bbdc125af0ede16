"""One turn: replay it, or let the engines answer it and commit what they did."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from itertools import islice

from contracts.event import (
    ButtonPressed,
    CommandGiven,
    ContinuationRequested,
    ConversationOverflowed,
    Event,
    MessageSent,
)
from contracts.reply import Reply
from contracts.turn import TurnDelta, TurnDone, TurnItem, TurnNeed, TurnReply, TurnRequest
from foundation.words import Language, language_of, say
from services.nlp.actions.base import TrackerEvent
from services.nlp.bots import Bots
from services.nlp.dialogue.conversing import begin, hear
from services.nlp.dialogue.events import LISTEN, action_executed, bot_uttered, user_uttered
from services.nlp.dialogue.responses import in_script_of
from services.nlp.dialogue.rule_policy import DEFAULT_INTENTS
from services.nlp.dialogue.tracker import Tracker
from services.nlp.engines.base import Engine, Turn
from services.nlp.engines.llm import vision
from services.nlp.engines.llm.personas import COMMAND as PERSONA
from services.nlp.engines.skills import SkillEngine
from services.nlp.formats.bot import FALLBACK_INTENT
from services.nlp.live import LiveBot
from services.nlp.nlu.parse import Parse
from services.nlp.nlu.script import Script, script_of
from services.nlp.pauses import Begun, Pauses
from services.nlp.rewinding import Start, renew, start_of
from services.nlp.skills.base import NeedsFirst
from services.nlp.skills.look_alike import LookAlikes
from services.nlp.skills.wishes import wish_of
from services.nlp.store import Store
from services.nlp.training.model import Model
from services.nlp.usage.chat import ChatFigures

_DELETE = "delete"
"""Obeyed in reply to a message of ours; alone it comes here, and is explained."""
_COMMANDS = {"start": ("utter_start", "utter_greet", "utter_help"), "help": ("utter_help",)}
"""Commands of every platform -> the responses that answer them, best first; utter_help is always there."""

NEW = "new"
"""The command that begins a new conversation, where the bot has no intent of that name."""
LOOKED_BACK = 5
"""As many messages tell which characters a person uses."""
LONG = 1000
"""A text of so many characters is parsed in a thread."""


class Turns:
    """Runs turns for every bot."""

    def __init__(
        self,
        store: Store,
        bots: Bots,
        engines: Mapping[str, Engine],
        look_alikes: LookAlikes,
        figures: ChatFigures,
        pauses: Pauses,
    ) -> None:
        self._store = store
        self._pauses = pauses
        self._bots = bots
        self._engines = engines
        self._look_alikes = look_alikes
        self._figures = figures
        self._skills = SkillEngine()

    async def run(self, request: TurnRequest) -> AsyncGenerator[TurnItem, None]:
        """The items of the turn's stream. Closing it early commits nothing."""
        event = request.event
        stored = await self._store.read(event.conversation_id, event.event_id)
        if stored.replies is not None:
            for item in _items(stored.replies):
                yield item
            return
        live = self._bots.live(self._bots.name_for(event.conversation_id))
        start = start_of(event, stored.events)
        asked = request.model_copy(update={"event": start.event}) if start else request
        turn = _turn(asked, live, start.events if start else stored.events, await _parse(asked, live.model))
        if start and not _is_new(turn):
            turn.wish = wish_of(start.event, turn.parse, turn.tracker, live.skills)
        if request.shown is None and start and (need := self._need_of(turn, event)):
            yield need
            return
        place = (event.conversation_id, event.event_id, stored.version)
        turn.begun = await self._pauses.recall(*place) if request.results else None
        replies: list[Reply] = []
        try:
            async with aclosing(self._say(turn, start)) as parts:
                async for part in parts:
                    if isinstance(part, str):
                        yield TurnDelta(index=len(replies), text=part)
                    else:
                        replies.append(_as_written_to(turn, part))
        except NeedsFirst as wanted:
            if turn.begun:
                await self._pauses.keep(*place, turn.begun)
            yield wanted.need
            return
        said = tuple(replies)
        await self._store.commit(
            event.conversation_id,
            event.event_id,
            stored,
            turn.tracker.trimmed(stored.texts),
            said,
            request.lease,
            live.bot.tracker_life_s,
        )
        if request.shown is None:
            self._figures.count(request, live.bot.name, said)
        for item in _items(said):
            yield item

    async def _say(self, turn: Turn, start: Start | None) -> AsyncGenerator[str | Reply, None]:
        """What is said in the turn, noted in the tracker; then listen again."""
        if start is None or not self._can_go_on(turn):
            yield _told(turn, "cannot_go_on" if start else "target_unknown")
            return
        if turn.request.shown is not None:
            says = _said_already(turn, start, turn.request.shown)
        elif _is_new(turn):
            says = _renewed(turn)
        else:
            says = self._heard_and_answered(turn, start)
        async with aclosing(says) as parts:
            async for part in parts:
                yield part
        if turn.tracker.action != LISTEN or turn.tracker.events[-1]["event"] != "action":
            turn.note(action_executed(LISTEN))

    async def _heard_and_answered(self, turn: Turn, start: Start) -> AsyncGenerator[str | Reply, None]:
        """A new session's beginning where one is due, and the answer."""
        event = start.event
        if isinstance(event, ContinuationRequested):
            turn.note(_heard(turn, start))
        elif not isinstance(event, ConversationOverflowed):
            turn.heard_at = len(turn.tracker.events)
            if turn.begun:
                turn.note(*turn.begun.events)
            else:
                turn.begun = await _begun(turn, start)
            for reply in turn.begun.replies:
                yield reply
        async with aclosing(self._answer(turn)) as parts:
            async for part in parts:
                yield part

    async def _answer(self, turn: Turn) -> AsyncGenerator[str | Reply, None]:
        """What the first engine that does not decline says; else the last resort. Nothing while paused."""
        if turn.tracker.is_silent:
            return
        has_begun = turn.begun is not None and turn.begun.is_answering
        fixed = None if turn.wish or has_begun else self._look_alikes.reply_to(turn) or _fixed_reply(turn)
        if fixed:
            turn.note(bot_uttered(fixed.text))
            yield fixed
            return
        for engine in self._engines_of(turn):
            async with aclosing(engine.answer(turn)) as parts:
                async for part in parts:
                    turn.is_answered = True
                    yield part
            if turn.is_answered:
                return
        last_resort = _respond(turn, "utter_default")
        turn.note(bot_uttered(last_resort.text))
        yield last_resort

    def _need_of(self, turn: Turn, posted: Event) -> TurnNeed | None:
        """What an engine wants first; else the look-alike, for a photo that no engine looks at."""
        needs = (engine.need_of(turn) for engine in self._engines_of(turn))
        need = next(filter(None, needs), None)
        if need is None and not vision.result_of(turn):
            need = self._look_alikes.need_of(turn)
        photo = turn.request.event.photo if isinstance(turn.request.event, MessageSent) else None
        if need is None or photo is None or isinstance(posted, MessageSent):
            return need
        return need.model_copy(update={"args": {**need.args, "photo": photo.model_dump()}})

    def _can_go_on(self, turn: Turn) -> bool:
        """Whether somebody can continue an answer, where that is asked for."""
        return not isinstance(turn.request.event, ContinuationRequested) or bool(self._engines_of(turn))

    def _engines_of(self, turn: Turn) -> list[Engine]:
        if turn.wish:
            return [self._skills]
        if turn.begun and turn.begun.is_answering:
            return [self._engines["dialogue"]]
        event, names = turn.request.event, turn.bot.engines
        if isinstance(event, ContinuationRequested):
            names = tuple(name for name in names if name == "llm")  # the others' answers never break off
        is_persona = isinstance(event, CommandGiven) and event.name == PERSONA
        if "llm" in names and (is_persona or vision.result_of(turn)):
            names = ("llm", *names)  # it alone knows of these; without a model the others answer as ever
        return [self._engines[name] for name in names if name in self._engines]


def _turn(request: TurnRequest, live: LiveBot, events: list[TrackerEvent], parse: Parse) -> Turn:
    conversation = request.event.conversation_id
    tracker = Tracker.of(live.bot, events, conversation)
    stage = live.stage(tracker, request.event.user.locale, request.results)
    turn = Turn(request, live, stage, parse)
    tracker.channel = turn.channel
    return turn


async def _parse(request: TurnRequest, model: Model) -> Parse:
    event = request.event
    if isinstance(event, CommandGiven):
        return _parse_command(event, model)
    if isinstance(event, ButtonPressed):
        return model.parse(event.payload)
    if not isinstance(event, MessageSent):
        return Parse("", FALLBACK_INTENT, 0.0)
    if len(event.text) < LONG:
        return model.parse(event.text)
    return await asyncio.to_thread(model.parse, event.text)  # other turns go on meanwhile


def _parse_command(event: CommandGiven, model: Model) -> Parse:
    """As the intent of its name, else as what was written, which is a text like any other."""
    if event.name in DEFAULT_INTENTS or event.name in model.bot.intents:
        return model.parse(f"/{event.name}")
    if event.name in _COMMANDS:
        return Parse(event.text, FALLBACK_INTENT, 0.0)
    return model.parse(f"{event.name} {event.text}".strip())


async def _said_already(
    turn: Turn, start: Start, shown: tuple[str, ...]
) -> AsyncGenerator[str | Reply, None]:
    """What was shown of a turn that has ended early. Nothing is run for it, and no slot is filled."""
    if not isinstance(start.event, ConversationOverflowed) and not _is_new(turn):
        turn.note(_heard(turn, start))
    for text in shown:
        turn.note(bot_uttered(text))
        yield Reply(text=text)


async def _begun(turn: Turn, start: Start) -> Begun:
    replies = [] if start.is_again else await begin(turn.stage)
    heard = await hear(turn.stage, _said(turn), turn.channel, start.event.event_id, start.metadata)
    return Begun(turn.tracker.events[turn.heard_at :], [*replies, *heard])


async def _renewed(turn: Turn) -> AsyncGenerator[str | Reply, None]:
    for reply in await renew(turn.stage):
        yield reply
    told = _told(turn, "new_conversation")
    turn.note(bot_uttered(told.text))
    yield told


def _is_new(turn: Turn) -> bool:
    event = turn.request.event
    return isinstance(event, CommandGiven) and event.name == NEW and NEW not in turn.bot.intents


def _said(turn: Turn) -> Parse:
    """The message as the tracker notes it."""
    return turn.wish.parse(turn.parse) if turn.wish else turn.parse


def _heard(turn: Turn, start: Start) -> TrackerEvent:
    return user_uttered(_said(turn), turn.channel, start.event.event_id, start.metadata)


def _told(turn: Turn, key: str) -> Reply:
    """A phrase of the catalogue, where it is not the bot that speaks."""
    default: Language = "zh-Hant" if turn.bot.is_chinese else "en"
    return Reply(text=say(key, language_of(turn.request.event.user.locale, default)))


def _fixed_reply(turn: Turn) -> Reply | None:
    """What is said without any engine: a flood, and /start and /help where no rule is about them."""
    event = turn.request.event
    if isinstance(event, ConversationOverflowed):
        return _respond(turn, "utter_too_many_messages")
    if isinstance(event, CommandGiven) and event.name == _DELETE and _DELETE not in turn.bot.intents:
        return Reply(text=say("delete_how", language_of(event.user.locale)))
    if not isinstance(event, CommandGiven) or event.name not in _COMMANDS or turn.parse.is_understood:
        return None
    return _respond(turn, next(name for name in _COMMANDS[event.name] if name in turn.bot.responses))


def _respond(turn: Turn, name: str) -> Reply:
    return turn.stage.respond(name) or Reply()


def _as_written_to(turn: Turn, reply: Reply) -> Reply:
    """A Chinese bot answers in the characters that the person uses."""
    script = _script(turn) if turn.bot.is_chinese else None
    return in_script_of(reply, script) if script else reply


def _script(turn: Turn) -> Script | None:
    """The characters of the last message that tells, else those of the person's locale."""
    heard = (event["text"] for event in reversed(turn.tracker.events) if event["event"] == "user")
    told = (script_of(text, None) for text in (turn.parse.text, *islice(heard, LOOKED_BACK)))
    return next(filter(None, told), None) or script_of("", turn.request.event.user.locale)


def _items(replies: tuple[Reply, ...]) -> list[TurnItem]:
    return [*(TurnReply(index=index, reply=reply) for index, reply in enumerate(replies)), TurnDone()]
