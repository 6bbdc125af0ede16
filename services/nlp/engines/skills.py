"""Answers what a person asks of a skill directly: by command, from its list, or when it has asked back."""

from collections.abc import AsyncGenerator
from dataclasses import replace

from contracts.reply import Reply
from contracts.turn import TurnNeed
from foundation.words import say
from services.nlp.actions.base import ActionFailed
from services.nlp.dialogue.events import action_executed, bot_uttered
from services.nlp.dialogue.stage import Outcome
from services.nlp.engines.base import Turn
from services.nlp.skills.names import SKILL_PREFIX
from services.nlp.skills.wishes import HELP, Wish


class SkillEngine:
    """Asked before the others, and only where there is a wish."""

    def need_of(self, turn: Turn) -> TurnNeed | None:
        return None

    async def answer(self, turn: Turn) -> AsyncGenerator[str | Reply, None]:
        """Raises NeedsFirst."""
        if turn.wish is None:
            return
        outcome = await self._outcome(turn, turn.wish)
        turn.is_answered = True
        turn.note(action_executed(f"{SKILL_PREFIX}{turn.wish.skill or 'list'}"))
        for reply in outcome.replies:
            turn.note(bot_uttered(reply.text))
            yield reply
        turn.note(*outcome.events)

    async def _outcome(self, turn: Turn, wish: Wish) -> Outcome:
        skills = turn.stage.skills
        if wish.skill == HELP or skills is None:
            return await _helped(turn)
        if wish.skill:
            return await skills.call(wish.skill, wish.args, turn.tracker, wish.is_chosen)
        assert wish.picked
        language = skills.language(turn.tracker)
        if wish.picked.page is None or wish.selection is None:
            last = len(wish.selection.choices) if wish.selection else 0
            return Outcome([Reply(text=say(wish.picked.key, language, last=last))])
        page = replace(wish.selection, page=wish.picked.page)
        return Outcome([page.reply(language)], page.events()[1:])


async def _helped(turn: Turn) -> Outcome:
    try:
        return Outcome(await turn.stage.say_help())
    except ActionFailed:  # the server that words the bot's responses: the skills have words of their own
        return Outcome([Reply(text=turn.stage.skills.help(turn.tracker))] if turn.stage.skills else [])
