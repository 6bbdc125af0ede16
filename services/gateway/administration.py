"""Who may administer: whoever shows ADMIN_TOKEN, and the browser that got a cookie for showing it."""

import hashlib
import hmac
import time
from collections.abc import Callable

COOKIE = "switchboard_admin"
COOKIE_PATH = "/api/v1/admin"
SIGNED_IN_S = 12 * 3600
TRIES_A_MINUTE = 20
"""How many wrong tokens one address may show; then the right one is not looked at either."""


class Administration:
    """Signs administrators in. Nothing is stored: another ADMIN_TOKEN signs all of them out."""

    def __init__(self, token: str, key: str, clock: Callable[[], float] = time.time) -> None:
        """Without a token it is off."""
        self._token = token
        self._key = key.encode()
        self._clock = clock

    @property
    def is_on(self) -> bool:
        """Whether there is a token at all."""
        return bool(self._token)

    def opens(self, authorization: str) -> bool:
        """Whether this Authorization header shows the token."""
        return self.is_on and hmac.compare_digest(authorization.encode(), f"Bearer {self._token}".encode())

    def cookie(self) -> str:
        """What says that the token was shown."""
        ends = str(int(self._clock()) + SIGNED_IN_S)
        return f"{ends}.{self._mac(ends)}"

    def knows(self, cookie: str) -> bool:
        """Whether the cookie is one of ours, and not over."""
        ends, _, mac = cookie.partition(".")
        genuine = hmac.compare_digest(mac.encode(), self._mac(ends).encode())
        return self.is_on and genuine and int(ends) > self._clock()

    def _mac(self, ends: str) -> str:
        signed = "\n".join(("administrator", self._token, ends))
        return hmac.new(self._key, signed.encode(), hashlib.sha256).hexdigest()
