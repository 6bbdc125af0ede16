"""What people find who open the bot's chat on Slack: a few things that they may ask."""

import logging
from collections.abc import Sequence

from slack_sdk.errors import SlackApiError

from contracts.control import ChatOpened
from contracts.conversation import Conversation
from foundation.words import language_of, say
from services.worker.channels.slack_calls import SlackCalls
from services.worker.channels.slack_errors import code
from services.worker.channels.slack_rates import STATUS
from services.worker.errors import ChannelFailed

log = logging.getLogger(__name__)

MOST = 4
TITLE_CHARACTERS = 75


async def suggest_prompts(
    calls: SlackCalls, opened: ChatOpened, locale: str | None, prompts: Sequence[str]
) -> None:
    """Offer the prompts, or the catalogue's in the locale's language; a refusal is noted, no more.

    An app of the older kind (assistant_view) opens a thread for each chat; the newer one has none.
    """
    place = Conversation.parse(opened.conversation_id)
    offered = prompts or say("prompts", language_of(locale)).split("\n")

    async def act() -> bool:
        await calls.client.assistant_threads_setSuggestedPrompts(
            channel_id=place.chat,
            thread_ts=place.thread,
            prompts=[{"title": text[:TITLE_CHARACTERS], "message": text} for text in offered[:MOST]],
        )
        return True

    try:
        await calls.now(STATUS, act)
    except SlackApiError as error:
        log.warning("worker.slack_prompts.refused", extra={"code": code(error)})
    except ChannelFailed as error:
        log.warning("worker.slack_prompts.missed", extra={"code": error.code})
