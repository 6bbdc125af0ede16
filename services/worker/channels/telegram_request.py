"""How the Bot API's library reaches Telegram: over the HTTP client that costs the least."""

from urllib.request import getproxies

import aiohttp
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

CONNECTIONS = 256
CONNECT_S, READ_S, PLACE_S = 5, 15, 5
"""To connect, for the next bytes, and for a place among the connections."""
IDLE_S = 5
"""A connection that rests longer may be closed at the other end just when it is wanted."""
_TIMEOUT = aiohttp.ClientTimeout(
    total=None, connect=CONNECT_S + PLACE_S, sock_connect=CONNECT_S, sock_read=READ_S
)


class Unreachable(NetworkError):
    """There was no connection: Telegram knows nothing of the call."""


class AiohttpRequest(BaseRequest):
    """One pool of connections, opened when it is first needed.

    The library's own client takes three times as long for a call, and calls are most of a turn. The
    library's arguments for timeouts are left aside: one set of them serves every call.
    """

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        return READ_S

    async def initialize(self) -> None:
        """Nothing before the first call."""

    async def shutdown(self) -> None:
        if self._session:
            await self._session.close()

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: object, **__: object
    ) -> tuple[int, bytes]:
        """Status and body.

        Raises Unreachable, TimedOut or NetworkError, without the address: it holds the token.
        """
        try:
            # a redirect would make a GET without a body of it, whose answer looks like a sent message
            asked = self._opened().request(method, url, data=_body(request_data), allow_redirects=False)
            async with asked as response:
                return response.status, await response.read()
        except aiohttp.ClientConnectorError as error:
            raise Unreachable(type(error).__name__) from None
        except TimeoutError:
            raise TimedOut from None
        except aiohttp.ClientError as error:
            raise NetworkError(type(error).__name__) from None

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=IDLE_S),
                timeout=_TIMEOUT,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=bool(getproxies()),  # looked for at every call, where it is asked to
            )
        return self._session


def _body(data: RequestData | None) -> aiohttp.FormData | dict[str, str] | None:
    if data is None:
        return None
    if not data.contains_files:
        return data.json_parameters
    form = aiohttp.FormData(data.json_parameters)
    for name, (filename, content, kind) in (data.multipart_data or {}).items():
        form.add_field(name, content, filename=filename, content_type=kind)
    return form
