"""Asks the hosts that a skill declares, and no others: bounded in time, size, redirects and numbers."""

import asyncio
import ipaddress
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree import ElementTree

import httpx

from services.nlp.skills.base import SkillProblem
from services.nlp.skills.bodies import Body, BodyRefused, body_of, element_of, json_of

REDIRECTS = 3
PER_HOST = 8
"""So many requests of this process wait for one host at a time."""
_HEADERS = {"Accept-Encoding": "identity", "User-Agent": "Switchboard (self-hosted chatbot)"}
_REDIRECTS = (301, 302, 303, 307, 308)
_TRANSLATED = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "::/96")))
"""NAT64's, and the old form of an IPv4 address as an IPv6 one."""
Origin = tuple[str, str, int | None]
"""Scheme, host, port."""


class Unavailable(SkillProblem):
    """The source cannot be had now; `reason` says why, in nobody's words."""

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__("skill_unavailable")
        self.reason = reason
        self.status = status
        """What the source answered, where it did."""


class Outbound:
    """One client for all skills of the process, and a limit for each host."""

    def __init__(self, http: httpx.AsyncClient, timeout_s: float) -> None:
        """`timeout_s` is for one request with its redirects and its whole body."""
        self.http = http
        self.timeout_s = timeout_s
        self.limits: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(PER_HOST))


class Fetcher:
    """Asks the origins of some base addresses."""

    def __init__(self, outbound: Outbound, bases: Iterable[str], configured: Iterable[str] = ()) -> None:
        """`configured`: those of the bases that whoever runs this has set. They may be http, and at home.

        Raises ValueError for a base that is no address, or not https.
        """
        self._outbound = outbound
        self._configured = {_origin(httpx.URL(base)) for base in configured}
        self._allowed = {_origin(httpx.URL(base)) for base in bases} | self._configured
        for scheme, host, port in self._allowed:
            if not host or (scheme != "https" and (scheme, host, port) not in self._configured):
                raise ValueError(f"{scheme}://{host} is no https address")

    @property
    def hosts(self) -> tuple[str, ...]:
        """What a skill declares."""
        return tuple(sorted({host for _, host, _ in self._allowed}))

    async def body(
        self,
        url: str,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Body:
        """What the address answers, for a library to parse. Raises Unavailable."""
        seconds = self._outbound.timeout_s
        try:
            async with asyncio.timeout(seconds):
                target = httpx.URL(url).copy_merge_params(dict(query or {}))
                return await self._follow(target, dict(headers or {}), form)
        except (TimeoutError, httpx.TimeoutException):
            raise Unavailable(f"no answer within {seconds:g} s") from None
        except BodyRefused as error:
            raise Unavailable(str(error)) from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, UnicodeError) as error:
            raise Unavailable(f"the source cannot be reached ({type(error).__name__})") from None

    async def json(
        self,
        url: str,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Any:
        """What the address answers, as JSON. With `form` it is a POST. Raises Unavailable."""
        body = await self.body(url, query, headers, form)
        try:
            return json_of(body.content)
        except (ValueError, RecursionError):
            raise Unavailable("the answer is not JSON") from None

    async def text(
        self,
        url: str,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> str:
        """The answer's text, by the charset that it names, else UTF-8. Raises Unavailable."""
        body = await self.body(url, query, headers)
        try:
            return body.text()
        except BodyRefused as error:
            raise Unavailable(str(error)) from None

    async def xml(
        self,
        url: str,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> ElementTree.Element:
        """The answer's root element. A document with a DOCTYPE is refused. Raises Unavailable."""
        body = await self.body(url, query, headers)
        try:
            return element_of(body)
        except BodyRefused as error:
            raise Unavailable(str(error)) from None

    async def _follow(
        self, target: httpx.URL, headers: dict[str, str], form: Mapping[str, str] | None
    ) -> Body:
        """Each hop is checked like the first one; what was meant for one origin is not shown to another."""
        first = _origin(target)
        for _ in range(REDIRECTS + 1):
            found = await self._ask(target, headers if _origin(target) == first else {}, form)
            if isinstance(found, Body):
                return found
            if form is not None:
                raise Unavailable("a POST was sent elsewhere")
            target = found
        raise Unavailable(f"more than {REDIRECTS} redirects")

    async def _ask(
        self, target: httpx.URL, headers: dict[str, str], form: Mapping[str, str] | None
    ) -> Body | httpx.URL:
        """The body, or where it is to be had instead."""
        origin = _origin(target)
        if origin not in self._allowed or target.userinfo:
            raise Unavailable("sent to a host that the skill does not declare")
        is_home = origin in self._configured
        request = self._outbound.http.build_request(
            "GET" if form is None else "POST",
            target,
            headers={**_HEADERS, **headers},
            data=form,
            timeout=self._outbound.timeout_s,
            extensions={} if is_home else {"trace": _Peer(target.raw_host.decode("ascii")).check},
        )
        async with self._outbound.limits[target.host]:
            response = await self._outbound.http.send(request, stream=True, follow_redirects=False)
            try:
                if response.status_code in _REDIRECTS and "location" in response.headers:
                    return target.join(response.headers["location"])
                if response.status_code != httpx.codes.OK:
                    raise Unavailable(f"the source answered {response.status_code}", response.status_code)
                return await body_of(response)
            finally:
                await response.aclose()


class _Peer:
    """Looks at a new connection before anything is sent: a public name may mean an address at home."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._is_direct = True

    async def check(self, event: str, told: Mapping[str, Any]) -> None:
        """httpcore's trace of one request."""
        if event == "connection.connect_tcp.started":
            self._is_direct = told["host"] == self._host  # a proxy is the choice of whoever runs this
        elif event == "connection.connect_tcp.complete" and self._is_direct:
            stream = told["return_value"]
            if not is_public(str(stream.get_extra_info("server_addr")[0])):
                await stream.aclose()
                raise Unavailable("the host has an address that is not public")


def is_public(address: str) -> bool:
    """Whether it is one of the internet's; an IPv6 address that leads to an IPv4 one counts as that."""
    found: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found.is_site_local:
            return False
        found = _within(found) or found
    return found.is_global and not found.is_multicast


def _within(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that a gateway, or this machine itself, makes of it."""
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    is_translated = any(address in network for network in _TRANSLATED)
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if is_translated else None


def _origin(url: httpx.URL) -> Origin:
    return url.scheme, url.host, url.port
