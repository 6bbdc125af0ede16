"""The error body that one room returns to another (RFC 9457)."""

from pydantic import BaseModel, ConfigDict

PROBLEM_MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """Whose fault it is (status), which fault (code), and whether trying again helps (retryable)."""

    model_config = ConfigDict(frozen=True)

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    code: str
    """Stable, for programs: "photo_unreadable", "bot_unknown" …"""
    retryable: bool = False
    request_id: str | None = None
