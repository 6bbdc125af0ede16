"""Who a web conversation belongs to: signed identities, and conversation ids that carry their owner.

Nothing is stored: a conversation's uuid is 8 random bytes and 8 bytes of a MAC over owner and
random bytes, so its owner can be told from anybody else.
"""

import hashlib
import hmac
import os
import uuid

COOKIE = "switchboard_person"
COOKIE_AGE_S = 365 * 24 * 3600
_RANDOM = 8


class Owners:
    """Signs and reads identities with the cookie key."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def new_person(self) -> str:
        """An identity for somebody who has none."""
        return f"p-{uuid.uuid4().hex}"

    def sign(self, person: str) -> str:
        """The cookie's or token's text."""
        return f"{person}.{self._mac('person', person).hex()}"

    def person(self, signed: str) -> str | None:
        """Whose cookie or token this is; None when it is forged."""
        person, _, mac = signed.rpartition(".")
        genuine = hmac.compare_digest(mac.encode(), self._mac("person", person).hex().encode())
        return person if person and genuine else None

    def new_conversation(self, person: str) -> uuid.UUID:
        """The id of a fresh conversation of theirs."""
        random = os.urandom(_RANDOM)
        return uuid.UUID(bytes=random + self._mark(person, random))

    def owns(self, person: str, conversation: uuid.UUID) -> bool:
        """Whether the conversation is theirs."""
        random, mark = conversation.bytes[:_RANDOM], conversation.bytes[_RANDOM:]
        return hmac.compare_digest(mark, self._mark(person, random))

    def _mark(self, person: str, random: bytes) -> bytes:
        return self._mac("conversation", person, random.hex())[:_RANDOM]

    def _mac(self, *parts: str) -> bytes:
        return hmac.new(self._key, "\n".join(parts).encode(), hashlib.sha256).digest()
