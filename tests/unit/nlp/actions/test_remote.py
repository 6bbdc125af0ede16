"""Action servers and NLG servers as they answer, and as they do not."""

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from services.nlp.actions.base import ActionFailed, ActionRejected, ActionResult
from services.nlp.actions.endpoint import MAX_BYTES, Address
from services.nlp.actions.nlg import RemoteResponses
from services.nlp.actions.remote import RemoteActions
from tests.unit.nlp.actions.bots import call

Answering = Callable[[httpx.Request], httpx.Response]
URL = "http://actions.test/webhook"
SLOT = {"event": "slot", "name": "a", "value": 1}


def client(answering: Answering | httpx.Response) -> httpx.AsyncClient:
    act = answering if callable(answering) else lambda _: answering
    return httpx.AsyncClient(transport=httpx.MockTransport(act))


def remember(seen: list[httpx.Request], body: dict[str, Any]) -> Answering:
    def answering(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=body)

    return answering


async def run(answering: Answering | httpx.Response, **options: Any) -> ActionResult:
    actions = RemoteActions(client(answering), Address.of({"url": URL, **options}))
    return await actions.run(call("action_it", {"intents": ["inform"]}, slots={"a": "é"}))


async def test_the_server_is_told_action_sender_tracker_domain_and_version() -> None:
    seen: list[httpx.Request] = []
    await run(remember(seen, {}))
    body = json.loads(seen[0].content)
    assert (seen[0].method, str(seen[0].url)) == ("POST", URL)
    assert seen[0].headers["content-type"] == "application/json"
    assert set(body) == {"next_action", "sender_id", "tracker", "domain", "version"}
    assert (body["next_action"], body["sender_id"], body["domain"]) == (
        "action_it",
        "ann",
        {"intents": ["inform"]},
    )
    assert body["tracker"]["sender_id"] == "ann"
    assert body["tracker"]["slots"] == {"a": "é"}


async def test_token_headers_parameters_and_login_are_sent() -> None:
    seen: list[httpx.Request] = []
    options = {"token": "t", "headers": {"X-A": 1}, "params": {"b": 2}}
    options["basic_auth"] = {"username": "u", "password": "p"}
    await run(remember(seen, {}), **options)
    assert dict(seen[0].url.params) == {"b": "2", "token": "t"}
    assert seen[0].headers["x-a"] == "1"
    assert seen[0].headers["authorization"] == "Basic dTpw"


async def test_the_tokens_name_can_be_another() -> None:
    address = Address.of({"url": URL, "token": "t", "token_name": "key"})
    assert address.params == {"key": "t"}


async def test_events_and_responses_come_back_without_empty_times() -> None:
    events = [{"event": "slot", "name": "a", "value": 1, "timestamp": None}, {"event": "form", "name": None}]
    result = await run(httpx.Response(200, json={"events": events, "responses": [{"text": "Hi"}]}))
    told: list[dict[str, Any]] = [
        {"event": "slot", "name": "a", "value": 1},
        {"event": "active_loop", "name": None},
    ]
    assert result == ActionResult(told, [{"text": "Hi"}])


async def test_a_rejection_is_a_rejection() -> None:
    with pytest.raises(ActionRejected):
        await run(httpx.Response(400, json={"action_name": "action_it", "error": "no"}))


BROKEN = [
    (httpx.Response(404, json={}), "action_it is unknown to the action server"),
    (httpx.Response(400, json={"error": "my secret"}), "answered 400"),
    (httpx.Response(500, text="my secret"), "answered 500"),
    (httpx.Response(302, headers={"location": "http://elsewhere.test"}), "answered 302"),
    (httpx.Response(200, text='{"events": ['), "something else than a JSON object"),
    (httpx.Response(200, text="null"), "something else than a JSON object"),
    (httpx.Response(200, json=["my secret"]), "something else than a JSON object"),
    (httpx.Response(200, json={"events": "my secret"}), "returned a str in place of a list of events"),
    (httpx.Response(200, json={"events": [1]}), "a list of events with something else in it"),
    (httpx.Response(200, json={"events": [{"name": "a"}]}), "does not say which"),
    (httpx.Response(200, json={"events": [{"event": "slot"}]}), "an event slot without a name"),
    (httpx.Response(200, json={"events": [{"event": "slot", "name": "a"}]}), "slot without a value"),
    (httpx.Response(200, json={"events": [SLOT | {"timestamp": "now"}]}), "timestamp is no number"),
    (httpx.Response(200, json={"events": [{"event": "active_loop", "name": 1}]}), "name is no text"),
    (httpx.Response(200, text='{"events": [{"event": "x", "y": NaN}]}'), "JSON cannot hold"),
    (httpx.Response(200, text='{"responses": [{"text": "\\ud800"}]}'), "JSON cannot hold"),
    (httpx.Response(200, json={"responses": {"text": "my secret"}}), "a dict in place of a list"),
    (httpx.Response(200, text="[" * 100_000), "something else than a JSON object"),
    (httpx.Response(200, json={"responses": [{"text": "x" * MAX_BYTES}]}), "more than 2 MB"),
    (httpx.Response(200, json={"responses": [{"text": "x" * (MAX_BYTES // 2)}]}), "more than 1000 kB"),
]


@pytest.mark.parametrize(("response", "reason"), BROKEN)
async def test_any_other_answer_fails_with_a_reason_that_quotes_nothing(
    response: httpx.Response, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), pytest.raises(ActionFailed) as raised:
        await run(response)
    assert reason in str(raised.value)
    failures = [record for record in caplog.records if record.message == "nlp.action.failed"]
    assert len(failures) == 1
    assert "secret" not in str(raised.value) + repr(vars(failures[0]))


async def test_a_server_that_cannot_be_reached_fails() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route", request=request)

    with pytest.raises(ActionFailed, match=r"the action server cannot be reached \(ConnectError\)"):
        await run(refuse)


async def test_a_server_that_stalls_fails_in_time() -> None:
    async def stall(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError("nobody ends the stall")

    with pytest.raises(ActionFailed, match=r"did not answer within 0\.05 s"):
        await run(stall, timeout=0.05)  # type: ignore[arg-type]


async def test_a_conversation_that_json_cannot_hold_is_not_sent() -> None:
    actions = RemoteActions(client(httpx.Response(200, json={})), Address.of({"url": URL}))
    with pytest.raises(ActionFailed, match="JSON cannot hold the conversation"):
        await actions.run(call(slots={"a": "\ud800"}))


def test_a_remote_runner_has_every_action() -> None:
    assert RemoteActions(client(httpx.Response(200)), Address(URL)).has("anything")


async def word(answering: Answering | httpx.Response) -> dict[str, Any]:
    responses = RemoteResponses(client(answering), Address.of({"url": "http://nlg.test/nlg"}))
    return await responses.word("utter_hi", {"sender_id": "ann"}, "web", {"name": "Ann"}, "v1")


async def test_the_nlg_server_is_told_response_id_arguments_tracker_and_channel() -> None:
    seen: list[httpx.Request] = []
    await word(remember(seen, {"text": "Hi"}))
    assert json.loads(seen[0].content) == {
        "response": "utter_hi",
        "id": "v1",
        "arguments": {"name": "Ann"},
        "tracker": {"sender_id": "ann"},
        "channel": {"name": "web"},
    }


async def test_what_the_nlg_server_leaves_out_is_there_and_empty() -> None:
    body = {"text": "Hi", "buttons": [{"title": "A", "payload": "/a"}], "image": None, "more": 1}
    rest: dict[str, Any] = {"image": None, "elements": [], "attachment": None, "custom": {}}
    assert await word(httpx.Response(200, json=body)) == {"text": "Hi", "buttons": body["buttons"], **rest}


async def test_an_empty_answer_of_the_nlg_server_says_nothing() -> None:
    first = await word(httpx.Response(200))
    first["buttons"].append(1)
    assert (await word(httpx.Response(200)))["buttons"] == []


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (httpx.Response(500), "utter_hi: the NLG server answered 500"),
        (httpx.Response(200, text="Hi"), "something else than a JSON object"),
        (httpx.Response(200, json={"text": ["Hi"]}), "a text that is a list"),
        (httpx.Response(200, json={"buttons": ["Hi"]}), "buttons that are no list of objects"),
        (httpx.Response(200, json={"custom": [1]}), "a custom that is a list"),
        (httpx.Response(200, text='{"text": "\\ud800"}'), "no channel can carry"),
    ],
)
async def test_a_broken_nlg_answer_fails_with_a_reason(response: httpx.Response, reason: str) -> None:
    with pytest.raises(ActionFailed, match=reason):
        await word(response)
