"""Carries the correlation fields of a piece of work from room to room."""

from collections.abc import Iterator
from contextlib import contextmanager

from contracts.log import correlation, header_name
from foundation import tracing


def correlation_headers() -> dict[str, str]:
    """The HTTP headers that carry the present correlation, and the trace, to another room."""
    return {**{header_name(field): value for field, value in correlation.get().items()}, **tracing.headers()}


@contextmanager
def correlated(**fields: str) -> Iterator[None]:
    """Bind these fields to every log line and call inside the block."""
    token = correlation.set({**correlation.get(), **fields})
    try:
        yield
    finally:
        correlation.reset(token)
