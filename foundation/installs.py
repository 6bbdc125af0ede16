"""Seals what a workspace's install gave us, so that no token lies in Redis in the clear."""

import base64
import os
from pathlib import Path

from pydantic import ValidationError

from contracts.install import SlackInstall
from foundation.sealing import Unsealable, seal, unseal
from foundation.settings import generated_secret


def install_secret(folder: Path) -> str:
    """The key of sealed installs, generated once in the secrets folder (base64)."""
    return generated_secret(folder, "install_key", lambda: base64.b64encode(os.urandom(32)).decode())


def seal_install(install: SlackInstall, secret: str, team: str) -> str:
    """The install as text that only `open_install` with the same secret and team reads."""
    return base64.b64encode(seal(install.model_dump_json().encode(), secret, _place(team))).decode()


def open_install(sealed: str, secret: str, team: str) -> SlackInstall:
    """What was sealed; raises Unsealable, also where it is no install."""
    try:
        return SlackInstall.model_validate_json(unseal(base64.b64decode(sealed), secret, _place(team)))
    except (ValidationError, ValueError):
        raise Unsealable from None


def _place(team: str) -> str:
    return f"slack-install:{team}"
