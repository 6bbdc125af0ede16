"""The rooms' Redis, as commands ask it: where it does not answer, a sentence and status 1."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import redis as redis_py
import typer


@contextmanager
def asked_redis(url: str) -> Iterator[Any]:
    """A client of the Redis at `url`; its faults end the command with what to do about them."""
    try:
        with redis_py.Redis.from_url(url, decode_responses=True) as redis:
            yield redis
    except (redis_py.ConnectionError, redis_py.TimeoutError) as error:
        place = urlsplit(url)  # never the whole address: it may hold a password
        text = f"Redis at {place.hostname}:{place.port or 6379} does not answer ({type(error).__name__})"
        typer.echo(f"{text}: start Switchboard first, or look at REDIS_URL", err=True)
        raise typer.Exit(1) from error
