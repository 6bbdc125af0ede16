"""Sends all logging of a process to stderr as JSON lines."""

import logging

from contracts.log import JsonFormatter

_LOUD = ("httpx", "httpcore", "telegram", "slack_sdk", "openai", "PIL", "jieba", "kombu", "amqp")


def configure(room: str, level: str) -> None:
    """Call once, in the entry point."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter(room))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _LOUD:  # they log addresses, and addresses hold tokens and words
        logging.getLogger(name).setLevel("WARNING")
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "celery"):
        logger = logging.getLogger(name)
        logger.handlers[:] = []
        logger.propagate = True
    logging.getLogger("uvicorn.access").disabled = True
