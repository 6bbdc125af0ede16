"""What the channels share about limits."""

import hashlib

LONGEST_WAIT_S = 120
"""A reply that has to wait longer for its place fails, and is tried again later."""
DELETION_WAIT_S = 0.5
"""A deletion that somebody asked for is tried again later instead: it may stand before a stop."""
PHOTO_BYTES = 10 * 1024 * 1024
PICTURE_NAME = "look-alike.jpg"
"""The file name of a picture of ours: platforms want one, and it names nobody."""


def limit_key(token: str, scope: str) -> str:
    """The name of a rate limit, without the token in it."""
    return f"{hashlib.sha256(token.encode()).hexdigest()[:12]}:{scope}"
