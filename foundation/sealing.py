"""Seals bytes that must not lie about in the clear: AES-GCM, bound to what they belong to."""

import base64
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from foundation.settings import generated_secret

_NONCE = 12


class Unsealable(Exception):
    """The ciphertext was changed, or belongs to something else, or the key is another."""


def photo_secret(folder: Path) -> str:
    """The key of uploaded photos, generated once in the secrets folder (base64)."""
    return generated_secret(folder, "photo_key", lambda: base64.b64encode(os.urandom(32)).decode())


def seal(plain: bytes, secret: str, belongs_to: str) -> bytes:
    """Nonce and ciphertext; only `unseal` with the same secret and belongs_to opens it."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(base64.b64decode(secret)).encrypt(nonce, plain, belongs_to.encode())


def unseal(sealed: bytes, secret: str, belongs_to: str) -> bytes:
    """What was sealed; raises Unsealable."""
    cipher = AESGCM(base64.b64decode(secret))
    try:
        return cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], belongs_to.encode())
    except (InvalidTag, ValueError):  # ValueError: too short to be anything sealed
        raise Unsealable from None
