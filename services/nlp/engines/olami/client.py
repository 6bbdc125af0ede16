"""One call of OLAMI's NLI API: signed, bounded in time and size, and never logged with its address.

The signature is OLAMI's own: MD5 over the secret, the parameters in a fixed order, and the secret again.
"""

import asyncio
import hashlib
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from services.nlp.skills.bodies import json_of

API = "nli"
TYPED = 1
"""input_type: the text was typed; 0 would be heard."""
MAX_BYTES = 1_000_000


class OlamiProblem(Exception):
    """No answer; `code` says why, in OLAMI's own number where it gave one."""

    def __init__(self, code: str) -> None:
        super().__init__(f"OLAMI did not answer ({code})")
        self.code = code


class Olami:
    """A client of one application of ours at OLAMI."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        url: str,
        app_key: str,
        app_secret: str,
        timeout_s: float = 6,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._http = http
        self._url = url
        self._app_key = app_key
        self._app_secret = app_secret
        self._timeout_s = timeout_s
        self._clock = clock

    async def ask(self, text: str, customer: str) -> Mapping[str, Any]:
        """What OLAMI understood and answers: the first object of `data.nli`; empty where it has none.

        `customer` keeps the turns of one conversation together. Raises OlamiProblem.
        """
        try:
            async with asyncio.timeout(self._timeout_s):
                body = await self._post(self._parameters(text, customer))
        except TimeoutError:
            raise OlamiProblem("timeout") from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise OlamiProblem(type(error).__name__) from None  # its text holds the key
        return _first(_object(body))

    def _parameters(self, text: str, customer: str) -> dict[str, str]:
        stamp = str(int(self._clock() * 1000))
        asked = {"data_type": "stt", "data": {"input_type": TYPED, "text": text}}
        return {
            "appkey": self._app_key,
            "api": API,
            "timestamp": stamp,
            "sign": signature(self._app_key, self._app_secret, stamp),
            "rq": json.dumps(asked, ensure_ascii=False),
            "cusid": customer,
        }

    async def _post(self, parameters: dict[str, str]) -> bytes:
        # Unpacked as it is received, a small body cannot become a large one.
        headers = {"Accept-Encoding": "identity"}
        async with self._http.stream(
            "POST", self._url, params=parameters, headers=headers, follow_redirects=False
        ) as response:
            if response.status_code != httpx.codes.OK:
                raise OlamiProblem(f"http_{response.status_code}")
            received = b""
            async for piece in response.aiter_raw():
                received += piece
                if len(received) > MAX_BYTES:
                    raise OlamiProblem("too_large")
            return received


def signature(app_key: str, app_secret: str, timestamp_ms: str) -> str:
    """The `sign` of one call, in hexadecimal digits."""
    signed = f"{app_secret}api={API}appkey={app_key}timestamp={timestamp_ms}{app_secret}"
    return hashlib.md5(signed.encode(), usedforsecurity=False).hexdigest()


def _object(body: bytes) -> dict[str, Any]:
    try:
        answer = json_of(body)
    except (ValueError, RecursionError):
        raise OlamiProblem("not_json") from None
    if not isinstance(answer, dict):
        raise OlamiProblem("not_an_object")
    if answer.get("status") != "ok":
        raise OlamiProblem(str(answer.get("code") or "status_not_ok")[:40])
    return answer


def _first(answer: dict[str, Any]) -> Mapping[str, Any]:
    found = answer.get("data")
    spoken = found.get("nli") if isinstance(found, dict) else None
    first = spoken[0] if isinstance(spoken, list) and spoken else None
    return first if isinstance(first, dict) else {}
