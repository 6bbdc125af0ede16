"""Log lines: one JSON object each, a constant event name plus fields, with secrets masked.

A message is `room.noun.past_participle`; fields go into `extra`. Never log a person's words, a
name, a token, an image or an embedding.
"""

import json
import logging
import re
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType

CORRELATION = ("request_id", "conversation_id", "event_id", "channel", "attempt")
"""The fields that travel between rooms, in HTTP headers as `X-Switchboard-{Field-Name}`."""

correlation: ContextVar[Mapping[str, str]] = ContextVar("correlation", default=MappingProxyType({}))
"""What every log line of this task carries."""

_RECORD_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_SECRETS = (
    (re.compile(r"\b(bot)?\d{3,}:[A-Za-z0-9_-]{4,}"), r"\1[token]"),  # Telegram, in URLs too
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
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return mask(json.dumps(line, ensure_ascii=False, default=str))
