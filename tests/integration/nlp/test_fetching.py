"""Skills ask the hosts that they declare, and what those answer is never trusted."""

import asyncio
import contextlib
import gzip
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from services.nlp.skills.fetching import PER_HOST, Fetcher, Outbound, Unavailable
from tests.fakes.source_server import FAULTS, SourceServer


@pytest.fixture(scope="module")
def source_server() -> Iterator[SourceServer]:
    server = SourceServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def source(source_server: SourceServer) -> SourceServer:
    source_server.reset()
    source_server.says("facts", {"answer": 42})
    return source_server


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


@pytest.fixture
def fetcher(source: SourceServer, http: httpx.AsyncClient) -> Fetcher:
    return Fetcher(Outbound(http, 1), [source.url], [source.url])


async def test_an_answer_is_had_with_its_query_and_headers(fetcher: Fetcher, source: SourceServer) -> None:
    found = await fetcher.json(f"{source.url}/facts?a=1", {"b": "二"}, {"Accept-Language": "zh-TW"})
    (asked,) = source.called("facts")
    assert found == {"answer": 42}
    assert (asked["a"], asked["b"], asked["_headers"]["accept-language"]) == ("1", "二", "zh-TW")


async def test_a_form_is_posted(fetcher: Fetcher, source: SourceServer) -> None:
    source.says("token", {"access_token": "t"})
    assert await fetcher.json(f"{source.url}/token", form={"grant_type": "client_credentials"})
    assert source.called("token")[0]["grant_type"] == "client_credentials"


@pytest.mark.parametrize("fault", sorted({*FAULTS} - {"wrong_type"}))
async def test_a_source_that_fails_or_lies_is_unavailable_in_time(
    fetcher: Fetcher, source: SourceServer, fault: str
) -> None:
    source.lie(fault)
    async with asyncio.timeout(5):
        with pytest.raises(Unavailable):
            await fetcher.json(f"{source.url}/facts")


async def test_what_the_source_answered_instead_is_known(fetcher: Fetcher, source: SourceServer) -> None:
    with pytest.raises(Unavailable) as problem:
        await fetcher.json(f"{source.url}/nothing")
    assert problem.value.status == 404


async def test_a_redirect_within_the_declared_hosts_is_followed(
    fetcher: Fetcher, source: SourceServer
) -> None:
    source.says("old", "", status=301, headers={"location": "/facts"})
    assert await fetcher.json(f"{source.url}/old") == {"answer": 42}


async def test_what_was_meant_for_one_origin_is_not_shown_to_another(
    source: SourceServer, http: httpx.AsyncClient
) -> None:
    other = f"http://localhost:{source.port}"
    source.says("old", "", status=302, headers={"location": f"{other}/facts"})
    fetcher = Fetcher(Outbound(http, 1), [], [source.url, other])
    await fetcher.json(f"{source.url}/old", headers={"Authorization": "Bearer secret"})
    assert "authorization" in source.called("old")[0]["_headers"]
    assert "authorization" not in source.called("facts")[0]["_headers"]


async def test_a_host_that_is_not_declared_is_not_asked(
    source: SourceServer, http: httpx.AsyncClient
) -> None:
    fetcher = Fetcher(Outbound(http, 1), ["https://example.org"])
    for url in (
        f"{source.url}/facts",
        "http://example.org/",
        "https://example.org:444/",
        "file:///etc/passwd",
    ):
        with pytest.raises(Unavailable):
            await fetcher.json(url)
    assert not source.calls


async def test_a_public_name_with_an_address_at_home_is_sent_nothing(
    source: SourceServer, http: httpx.AsyncClient
) -> None:
    fetcher = Fetcher(Outbound(http, 1), [f"https://localhost:{source.port}"])
    with pytest.raises(Unavailable, match="skill_unavailable") as problem:
        await fetcher.json(f"https://localhost:{source.port}/facts")
    assert problem.value.reason == "the host has an address that is not public"


def test_only_who_runs_this_may_name_a_host_without_encryption(http: httpx.AsyncClient) -> None:
    with pytest.raises(ValueError, match="no https address"):
        Fetcher(Outbound(http, 1), ["http://example.org"])


async def test_a_packed_answer_that_was_not_asked_for_is_unpacked(
    fetcher: Fetcher, source: SourceServer
) -> None:
    source.says("packed", gzip.compress(b'{"a": 1}'), headers={"content-encoding": "gzip"})
    assert await fetcher.json(f"{source.url}/packed") == {"a": 1}


async def test_a_feed_is_read_in_the_charset_that_it_names(fetcher: Fetcher, source: SourceServer) -> None:
    feed = '<?xml version="1.0" encoding="big5"?><rss><title>頭條</title></rss>'.encode("big5")
    source.says("feed", feed, "application/rss+xml")
    assert (await fetcher.xml(f"{source.url}/feed")).findtext("title") == "頭條"


@pytest.mark.parametrize(
    "feed",
    [
        b'<!DOCTYPE a [<!ENTITY b "cc">]><rss>&b;</rss>',
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1/x"><rss/>',
        b"<rss>",
        b"<html><br></html>",
        b"\xff\xfe\x00",
        b"",
    ],
)
async def test_a_feed_that_defines_entities_or_is_no_xml_is_unavailable(
    fetcher: Fetcher, source: SourceServer, feed: bytes
) -> None:
    source.says("feed", feed, "application/xml")
    with pytest.raises(Unavailable):
        await fetcher.xml(f"{source.url}/feed")


async def test_a_page_that_is_not_text_of_its_charset_is_unavailable(
    fetcher: Fetcher, source: SourceServer
) -> None:
    source.says("page", b"\xb1\xff", "text/plain; charset=no-such")
    with pytest.raises(Unavailable):
        await fetcher.text(f"{source.url}/page")


async def test_one_host_is_asked_by_so_many_at_a_time(source: SourceServer, http: httpx.AsyncClient) -> None:
    fetcher = Fetcher(Outbound(http, 9), [], [source.url])
    source.lie("stall")
    asking = [asyncio.create_task(fetcher.json(f"{source.url}/facts")) for _ in range(3 * PER_HOST)]
    async with asyncio.timeout(5):
        while len(source.calls) < PER_HOST:
            await http.get(f"{source.url}/_calls")
    await http.get(f"{source.url}/_calls")
    assert len(source.calls) == PER_HOST
    for task in asking:
        task.cancel()
    await asyncio.gather(*asking, return_exceptions=True)


async def test_a_body_that_only_drips_ends_with_the_time(http: httpx.AsyncClient) -> None:
    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            while not writer.is_closing():
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.02)

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    with pytest.raises(Unavailable, match="skill_unavailable") as problem:
        await Fetcher(Outbound(http, 0.3), [url], [url]).body(f"{url}/feed")
    assert problem.value.reason == "no answer within 0.3 s"
    server.close()
