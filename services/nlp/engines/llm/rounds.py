"""A turn's rounds with the model: it answers, or calls tools and is asked again with what they found."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from contracts.reply import Reply
from services.nlp.dialogue.conversing import answer as converse
from services.nlp.dialogue.deciding import Choice
from services.nlp.dialogue.events import bot_uttered
from services.nlp.engines.base import Turn
from services.nlp.engines.llm.calls import Calls
from services.nlp.engines.llm.faults import ERRORS, fault_of, is_about_tools
from services.nlp.engines.llm.heard import Heard
from services.nlp.engines.llm.parts import Ask, ModelApi
from services.nlp.engines.llm.tools.base import Outcome
from services.nlp.engines.llm.tools.running import Toolbox
from services.nlp.engines.llm.transcript import Transcript, Transcripts
from services.nlp.skills.base import NeedsFirst
from services.nlp.usage.refusals import Refusal

log = logging.getLogger(__name__)

TOOLLESS_S = 3600
"""For so long a model that takes no tools is offered none; then it may have been changed."""
BREAK = "\n\n"
"""Between what is said in two rounds."""


@dataclass
class Rounds:
    """Asks the model at most so many times in a turn; the last time without tools, so that it answers."""

    calls: Calls
    transcripts: Transcripts
    most: int
    _toolless: dict[str, float] = field(default_factory=dict)
    """Model -> until when it is offered no tools, on time.monotonic's clock."""

    def offers_tools(self, api: ModelApi) -> bool:
        """Whether this model is told of tools at all."""
        return self.most > 1 and self._toolless.get(api.model, 0.0) <= time.monotonic()

    async def answer(
        self, turn: Turn, api: ModelApi, ask: Ask, box: Toolbox
    ) -> AsyncGenerator[str | Reply, None]:
        """The words as they come and the whole reply, which is noted.

        Nothing where the turn is left to the next engine. Raises a ModelFault, or NeedsFirst.
        """
        clock = asyncio.get_running_loop().time
        by = clock() + self.calls.patience.whole_s
        talk = await self.transcripts.recall(turn.request.event.event_id, turn.request.results)
        while True:
            if talk.waiting() and (leaving := await self._act(turn, box, talk)):
                async for reply in _leave(turn, talk, leaving):
                    yield reply
                return
            sent = self._sent(api, ask, talk)
            call = await self.calls.open(turn, api, sent, f"round{talk.rounds}" if talk.rounds else "")
            if isinstance(call, Refusal):
                refusal = call.text(turn.parse.text, turn.request.event.user.locale)
                yield _whole(turn, talk, refusal)
                return
            heard, gap = Heard(), BREAK if talk.said else ""
            try:
                async with aclosing(self.calls.heard(call, api, sent, heard, by - clock())) as words:
                    async for word in words:
                        yield gap + word
                        gap = ""
            except ERRORS as error:
                if self._takes_no_tools(api, sent, heard, error):
                    continue
                if _may_pass_on(turn, talk, heard, error):
                    return
                raise fault_of(error) from error
            talk.hear(heard, BREAK)
            if not (sent.tools and heard.wants_tools):
                for reply in _answered(turn, talk, heard):
                    yield reply
                return
            talk.call(heard, len(turn.request.results))

    async def _act(self, turn: Turn, box: Toolbox, talk: Transcript) -> Outcome | None:
        """Run the calls that wait; the one that leaves the turn, if one does. Raises NeedsFirst."""
        ran = await box.run(talk.waiting(), bool(talk.said))
        talk.settle(one for one in ran if one.outcome.need is None)
        if leaving := next((one.outcome for one in ran if one.outcome.leaving), None):
            return leaving
        if need := next((one.outcome.need for one in ran if one.outcome.need), None):
            await self.transcripts.keep(turn.request.event.event_id, talk)
            raise NeedsFirst(need)
        return None

    def _sent(self, api: ModelApi, ask: Ask, talk: Transcript) -> Ask:
        """The request of the next round."""
        is_last = talk.rounds >= self.most - 1
        tools = ask.tools if self.offers_tools(api) and not is_last else ()
        return replace(ask, messages=(*ask.messages, *talk.messages), tools=tools)

    def _takes_no_tools(self, api: ModelApi, sent: Ask, heard: Heard, error: Exception) -> bool:
        """Whether the server has refused because of the tools; then it is asked again without, once."""
        if not (sent.tools and heard.is_silent and is_about_tools(error)):
            return False
        log.warning("nlp.tools.refused", extra={"model": api.model})
        self._toolless[api.model] = time.monotonic() + TOOLLESS_S
        return True


async def _leave(turn: Turn, talk: Transcript, leaving: Outcome) -> AsyncGenerator[Reply, None]:
    """What ends the model's part: a form's first question, or nothing for the next engine."""
    if talk.said:
        yield _whole(turn, talk)
    else:
        turn.note(*talk.traces)
    if leaving.leaving == "form":
        turn.is_answered = True
        async for reply in converse(turn.stage, turn.live.model.dialogue, Choice(leaving.form, "llm", 1.0)):
            yield reply


def _answered(turn: Turn, talk: Transcript, heard: Heard) -> list[Reply]:
    """The whole reply, which may be gone on with where the model's limit has ended it; then a tool's list."""
    missing = heard.missing(turn, talk.said)
    cut_off = heard.is_cut_off and not missing
    replies = [_whole(turn, talk, missing).model_copy(update={"cut_off": cut_off})]
    if talk.listed:
        turn.note(*talk.opened, bot_uttered(talk.listed.text))
        replies.append(talk.listed)
    return replies


def _whole(turn: Turn, talk: Transcript, missing: str = "") -> Reply:
    """The whole reply, noted with the tools that were called for it."""
    text = BREAK.join(filter(None, (talk.said, missing)))
    turn.note(*talk.traces, bot_uttered(text))
    shown = talk.shown or Reply()
    return shown.model_copy(update={"text": text})


def _may_pass_on(turn: Turn, talk: Transcript, heard: Heard, error: Exception) -> bool:
    """Whether another engine may answer in the model's place: nothing of its answer was shown yet."""
    if talk.said or heard.text or not turn.behind("llm"):
        return False
    log.warning("nlp.model.passed", extra={"code": fault_of(error).code})
    turn.note(*talk.traces)
    return True
