"""What `switchboard doctor` finds out: one line a check."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Check:
    """One thing that works, is switched off, or does not work and what to do then."""

    name: str
    state: Literal["ok", "off", "failed"]
    detail: str = ""
    remedy: str = ""
