"""Who is counted, and under which keys: usage of the language model, figures of the chat."""

import hashlib
import json
from datetime import UTC, date, datetime
from typing import Self

from pydantic import BaseModel, ConfigDict

from contracts.conversation import Conversation
from contracts.event import Fact

RATED_TTL_S = 30 * 24 * 3600
"""For so long a person may change their mind about a message."""


class Asker(BaseModel):
    """A person, and the workspace that they ask from."""

    model_config = ConfigDict(frozen=True)

    workspace: str
    """`slack:{team}`, `telegram:{account}`, or `web` for all of this installation's page."""
    user: str
    """The platform's id: for keys and reports, never for logs."""

    @classmethod
    def of(cls, fact: Fact) -> Self:
        """Who caused an Event."""
        return cls(workspace=workspace_of(fact.conversation_id), user=fact.user.id)


def workspace_of(conversation_id: str) -> str:
    """The workspace of a conversation."""
    conversation = Conversation.parse(conversation_id)
    return ":".join(filter(None, (conversation.channel, conversation.account)))


def day_of(at_s: float) -> date:
    """The day of a Unix time, in UTC as all days here."""
    return datetime.fromtimestamp(at_s, UTC).date()


def used_key(scope: str, period: str) -> str:
    """A budget's requests and tokens in a day (2026-11-21) or month (2026-11)."""
    return f"usage:used:{period}:{scope}"


def held_key(scope: str, period: str) -> str:
    """What running requests hold of a budget."""
    return f"usage:held:{period}:{scope}"


def report_key(day: date) -> str:
    """A day's requests and tokens by asker and model, in fields of `report_field`."""
    return f"usage:report:{day}"


def report_field(asker: Asker, model: str) -> str:
    """What stands behind `requests `, `prompt ` or `completion ` in a report's field."""
    return json.dumps([asker.workspace, asker.user, model])


def chat_key(day: date) -> str:
    """A day's figures: fields `{figure} {workspace}`."""
    return f"usage:chat:{day}"


def people_key(day: date, workspace: str) -> str:
    """A HyperLogLog of the people who wrote on a day."""
    return f"usage:people:{day}:{workspace}"


def ratings_key(day: date) -> str:
    """A day's ratings: fields `helpful {workspace}` and `unhelpful {workspace}`."""
    return f"usage:ratings:{day}"


def rated_key(asker: Asker, chat: str, message_id: str) -> str:
    """The mark of one person's verdict on one message."""
    told = "\n".join((asker.workspace, asker.user, chat, message_id))
    return f"usage:rated:{hashlib.sha256(told.encode()).hexdigest()[:32]}"
