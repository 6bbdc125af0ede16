"""Log lines: one JSON object each, a constant event name plus fields, with secrets masked.

A message is `room.noun.past_participle`; fields go into `extra`. Never log a person's words, a
name, a token, an image or an embedding.
"""

import json
import logging
import re
import traceback
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType

CORRELATION = ("request_id", "conversation_id", "event_id", "channel", "attempt")
"""The fields that travel between rooms, in HTTP headers as `X-Switchboard-{Field-Name}`."""

correlation: ContextVar[Mapping[str, str]] = ContextVar("correlation", default=MappingProxyType({}))
"""What every log line of this task carries."""

_RECORD_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_SECRETS = (
    # Telegram, in URLs too; a topic, a port and the id of an overflow are none
    (re.compile(r"\b(bot)?\d{3,}:(?!(?:\d+|overflow)(?![\w-]))[A-Za-z0-9_-]{4,}"), r"\1[token]"),
    (re.compile(r"\bx(ox[abeprs]|app)-[A-Za-z0-9-]+"), "[token]"),  # Slack
    (re.compile(r"\bsk-[A-Za-z0-9_-]{8,}"), "[token]"),  # OpenAI
    (
        re.compile(
            r"(?i)\b(appkey|sign|token|secret|authorization|bearer)([=: ]+)(?:(?:bearer|basic) +)?[^\s&\"',]+"
        ),
        r"\1\2[masked]",
    ),
)


def mask(text: str) -> str:
    """The text with everything that looks like a secret replaced."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


def header_name(field: str) -> str:
    """The HTTP header that carries a correlation field."""
    return "X-Switchboard-" + field.replace("_", "-").title()


def frames_of(error: BaseException) -> str:
    """Where it was raised and what led to it, by types: an error's own text may quote what a person wrote."""
    return "\n".join(_told(error, set()))


def _told(error: BaseException, known: set[int]) -> Iterator[str]:
    known.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    for other in (before, *getattr(error, "exceptions", ())):
        if other and id(other) not in known:
            yield from _told(other, known)
    reason = (
        getattr(error, "strerror", None) if isinstance(error, OSError) else None
    )  # the system's own words
    name = type(error).__qualname__
    yield "".join(traceback.format_tb(error.__traceback__)) + (f"{name}: {reason}" if reason else name)


class JsonFormatter(logging.Formatter):
    """Turns a record into one masked JSON line."""

    def __init__(self, room: str) -> None:
        super().__init__()
        self.room = room

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "room": self.room,
            "logger": record.name,
            "event": record.getMessage(),
            **correlation.get(),
            **{k: v for k, v in vars(record).items() if k not in _RECORD_FIELDS},
        }
        if record.exc_info and record.exc_info[1]:
            line["traceback"] = frames_of(record.exc_info[1])
        return mask(json.dumps(line, ensure_ascii=False, default=str))
