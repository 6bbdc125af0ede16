"""How many tokens a text has, estimated: the real count needs each model's own vocabulary."""

import math
import re

MESSAGE_TOKENS = 4
"""What each message costs besides its text."""
IMAGE_TOKENS = 800
"""About what a photo costs; servers differ widely."""
_SHARES = (
    (re.compile(r"[A-Za-z\s]"), 0.25),  # an English word and its blank: about 1.3 tokens
    (re.compile(r"[\u0000-\u00ff]"), 0.5),  # digits, punctuation and marks, letters with accents
    (re.compile(r"[\u0100-\u1fff]"), 0.5),  # other alphabets
)
_REST = 1.0
"""Chinese, Japanese, Korean, symbols: today's vocabularies need 0.6 to 1.2 tokens for each."""


def estimate(text: str) -> int:
    """Tokens, rounded up: rather too many than too few. Not for prices, only for limits."""
    return math.ceil(weight(text))


def weight(text: str) -> float:
    """The same before rounding: the weights of a text's parts add up to its own."""
    total, left = 0.0, text
    for characters, share in _SHARES:
        shorter = characters.sub("", left)
        total += (len(left) - len(shorter)) * share
        left = shorter
    return total + len(left) * _REST
