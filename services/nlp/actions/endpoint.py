"""A service of endpoints.yml that is asked by POST: where it is, and how its answer is had in time."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

MAX_BYTES = 2_000_000
TIMEOUT_S = 10.0


class EndpointFailed(Exception):
    """No usable answer; the text says why, behind the service's name, and quotes nothing of it."""


@dataclass(frozen=True)
class Address:
    """Where a service is, and what it wants to see."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    """The token among them, as Rasa sends it: ?token=…"""
    login: tuple[str, str] | None = None
    timeout_s: float = TIMEOUT_S

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> "Address":
        """From an endpoint's options: url, headers, params, token, token_name, basic_auth, timeout (s)."""
        params = _texts(options.get("params"))
        if options.get("token"):
            params[str(options.get("token_name") or "token")] = str(options["token"])
        login = options.get("basic_auth") or {}
        return cls(
            str(options["url"]),
            _texts(options.get("headers")),
            params,
            (str(login.get("username", "")), str(login.get("password", ""))) if login else None,
            float(options.get("timeout") or TIMEOUT_S),
        )


@dataclass(frozen=True)
class Answer:
    """What a service answered."""

    status: int
    body: bytes

    def json(self) -> Any:
        """The body as JSON; None where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


async def post(http: httpx.AsyncClient, address: Address, body: dict[str, Any]) -> Answer:
    """Ask it. Raises EndpointFailed where it cannot be reached, is slow, or answers without an end."""
    try:
        async with asyncio.timeout(address.timeout_s):
            return await _exchange(http, address, body)
    except (TimeoutError, httpx.TimeoutException):
        raise EndpointFailed(f"did not answer within {address.timeout_s:g} s") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise EndpointFailed(f"cannot be reached ({type(error).__name__})") from None


async def _exchange(http: httpx.AsyncClient, address: Address, body: dict[str, Any]) -> Answer:
    try:
        content = json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError):
        raise EndpointFailed("was not asked: JSON cannot hold the conversation") from None
    headers = {"Content-Type": "application/json", **address.headers}
    params = address.params or None
    request = http.build_request("POST", address.url, content=content, headers=headers, params=params)
    auth = httpx.BasicAuth(*address.login) if address.login else None
    response = await http.send(request, auth=auth, stream=True)
    try:
        received = b""
        async for piece in response.aiter_bytes():
            received += piece
            if len(received) > MAX_BYTES:
                raise EndpointFailed(f"answered with more than {MAX_BYTES // 1_000_000} MB")
        return Answer(response.status_code, received)
    finally:
        await response.aclose()


def _texts(options: Any) -> dict[str, str]:
    return {str(name): str(value) for name, value in (options or {}).items()}
