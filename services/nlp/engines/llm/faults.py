"""A model's troubles: whose fault they are, and whether asking again helps."""

import json
import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2
import openai

from services.nlp.errors import ModelBusy, ModelFault, ModelRefused, ModelTimeout, ModelUnavailable

ERRORS = (openai.OpenAIError, httpx2.HTTPError, TimeoutError, json.JSONDecodeError, UnicodeDecodeError)
"""Everything that a stream may raise; a broken one may hold what is no JSON, or no text."""
_UNFIT = (400, 404, 405, 415, 422)
"""What a server says that does not take a request as it is."""
_FIRST_WAIT_S = 0.25
_NO_CREDIT = "insufficient_quota"
"""Its status is 429 too, but no waiting helps."""


def fault_of(error: Exception) -> ModelFault:
    """The error as other rooms are told it."""
    if isinstance(error, TimeoutError | openai.APITimeoutError | httpx2.TimeoutException):
        return ModelTimeout()
    if isinstance(error, openai.RateLimitError):
        return ModelRefused(_NO_CREDIT) if error.code == _NO_CREDIT else ModelBusy()
    if isinstance(error, openai.APIStatusError) and error.status_code < 500:
        return ModelRefused(f"status {error.status_code}")
    return ModelUnavailable(type(error).__name__)


def is_filtered(error: Exception) -> bool:
    """Whether a content filter refused the question: an answer of a kind, not a fault."""
    return isinstance(error, openai.BadRequestError) and error.code in (
        "content_filter",
        "content_policy_violation",
    )


def is_about_tools(error: Exception) -> bool:
    """Whether the server refuses the tools of a request; old ones say so in many words."""
    if not isinstance(error, openai.APIStatusError):
        return False
    text = str(error).lower()
    if error.status_code not in _UNFIT:  # llama.cpp's own is 500; there a function may be the provider's
        return error.status_code in (500, 501) and "tool" in text
    if "context" in text and "length" in text:  # the request was too long: OpenAI counts its functions up
        return False
    return "tool" in text or "function" in text or (error.status_code in (400, 422) and not error.body)


def wait_before_retry_s(error: Exception, attempt: int, most_s: float) -> float | None:
    """The wait before asking again, in seconds; None where that would not help, or not soon enough."""
    if not fault_of(error).retryable or isinstance(fault_of(error), ModelTimeout):
        return None
    asked_s = _retry_after_s(error)
    if asked_s is None:
        return float(_FIRST_WAIT_S * 2**attempt)
    return asked_s if asked_s <= most_s else None


def _retry_after_s(error: Exception) -> float | None:
    """What the server asks for, as seconds or as a date; None where it asks for nothing."""
    if not isinstance(error, openai.APIStatusError):
        return None
    value = error.response.headers.get("retry-after", "")
    try:
        seconds = float(value)
        return None if math.isnan(seconds) else max(0.0, seconds)
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
