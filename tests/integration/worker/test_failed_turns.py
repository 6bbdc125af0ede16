"""A turn that fails for good: what stays of its answer, and how it gets another chance."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import httpx
from aiohttp import web
from aiohttp.test_utils import TestServer
from redis.asyncio import Redis

from contracts.control import Control, DeleteRequested
from contracts.event import Event, Fact, RegenerationRequested
from contracts.inbox import DEAD, DUE, Arrival, script, turn_key
from contracts.problem import Problem
from contracts.reply import Reply
from contracts.turn import (
    AnswerDeleted,
    TurnDelta,
    TurnDone,
    TurnItem,
    TurnProblem,
    TurnReply,
    TurnRequest,
)
from contracts.web import APOLOGY_INDEX
from foundation.words import say
from services.worker.channels.base import Delivery, Outcome, Sink
from services.worker.clients.face import FaceClient
from services.worker.clients.nlp import NlpClient
from services.worker.controls import Controls
from services.worker.conversation import Conversations
from services.worker.ending import Ending
from services.worker.inbox import Inbox
from services.worker.ratings import Ratings
from services.worker.settings import WorkerSettings
from services.worker.turns import Turns
from tests.acceptance import accept
from tests.builders import NOON, message
from tests.fakes.bare_channel import BareChannel

CONVERSATION = "web:c1"
CHAT = "telegram:bot:7"
HALF = TurnDelta(index=0, text="Half of")
SLOW = TurnProblem(problem=Problem(title="slow", status=504, code="model_timeout", retryable=True))
WRONG = TurnProblem(problem=Problem(title="no key", status=502, code="model_refused"))
GOOD: list[TurnItem] = [TurnReply(index=0, reply=Reply(text="Good.")), TurnDone()]


class Screen(BareChannel):
    """A channel and its only sink: what is seen, and under which Event."""

    def __init__(self) -> None:
        self.seen: list[tuple[object, ...]] = []
        self.events: list[str] = []
        self.opened: set[int] = set()
        """Which of the sinks, from 1."""
        self.tells: str | None = None
        """The locale that the platform knows of people."""

    def sink(self, event: Event, delivery: Delivery) -> Sink:
        self.events.append(event.event_id)
        return self

    async def open(self) -> None:
        self.opened.add(len(self.events))

    async def append(self, index: int, text: str) -> None:
        self.seen.append(("append", index, text))

    async def finish(self, index: int, reply: Reply, picture: bytes | None = None) -> None:
        self.seen.append(("finish", index, reply.text))

    async def break_off(self, index: int, reply: Reply, mark: str) -> None:
        self.seen.append(("break_off", index, reply.text, mark, *(b.payload for b in reply.buttons)))

    async def close(self, outcome: Outcome) -> None:
        self.seen.append(("close", outcome))

    def leave(self) -> None:
        """Nothing runs by itself."""

    async def delete(self, request: DeleteRequested) -> None:
        """As any platform would."""

    async def locale(self, fact: Fact) -> str | None:
        return fact.user.locale or self.tells


class Nlp:
    """Answers each posted turn with the next list of items."""

    def __init__(self, *answers: list[TurnItem]) -> None:
        self.answers = list(answers)
        self.asked: list[Event] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(TurnRequest.model_validate_json(await request.read()).event)
        lines = [f"data: {item.model_dump_json()}\n\n" for item in self.answers.pop(0)]
        return web.Response(text="".join(lines))

    def server(self) -> TestServer:
        app = web.Application()
        app.router.add_post("/turns", self.answer)
        return TestServer(app)


async def nothing_to_obey(_: Control) -> None:
    raise AssertionError("nothing is to be obeyed")


@asynccontextmanager
async def working(redis: Redis, nlp: Nlp, screen: Screen) -> AsyncIterator[Conversations]:
    settings = WorkerSettings(worker_attempts=2, worker_retry_s=(0.01,))
    async with nlp.server() as server, aiohttp.ClientSession(server.make_url("/")) as http:
        face = FaceClient(httpx.AsyncClient())
        turns = Turns(redis, {"web": screen, "telegram": screen}, NlpClient(http), face)
        yield Conversations(Inbox(redis, 5), turns.run, turns.apologize, nothing_to_obey, settings)


def regeneration(target: str, conversation_id: str = CONVERSATION) -> RegenerationRequested:
    event = message(conversation_id=conversation_id)
    facts: dict[str, Any] = {"conversation_id": conversation_id, "at": NOON, "user": event.user}
    return RegenerationRequested(event_id=f"{event.event_id}:again", target=target, **facts)


async def run(redis: Redis, nlp: Nlp, screen: Screen, *events: Event) -> None:
    await accept(redis, *(Arrival(event=event, claims=(event.event_id,)) for event in events))
    async with working(redis, nlp, screen) as runner:
        for _ in range(3):
            await runner.run(events[0].conversation_id)


async def test_a_failure_after_some_text_marks_it_and_offers_to_try_again(redis_client: Redis) -> None:
    screen, event = Screen(), message(locale="zh-TW")
    await run(redis_client, Nlp([HALF, WRONG]), screen, event)
    again = f"/regenerate:{event.event_id}"
    assert screen.seen == [
        ("append", 0, "Half of"),
        ("break_off", 0, "Half of", say("failed", "zh-Hant"), again),
        ("close", "failed"),
    ]


async def test_what_an_earlier_attempt_has_shown_is_marked_when_the_last_one_fails(
    redis_client: Redis,
) -> None:
    screen = Screen()
    await run(redis_client, Nlp([HALF, SLOW], [SLOW]), screen, message())
    assert screen.seen[-2][:4] == ("break_off", 0, "Half of", say("failed", "en"))


async def test_an_attempt_after_the_first_opens_its_sink_however_soon_it_answers(redis_client: Redis) -> None:
    screen = Screen()
    await run(redis_client, Nlp([HALF, SLOW], GOOD), screen, message())
    assert screen.seen[-1] == ("close", "finished")
    assert 2 in screen.opened


async def test_a_failure_before_any_text_is_an_apology_that_offers_to_try_again(redis_client: Redis) -> None:
    screen, event = Screen(), message()
    await run(redis_client, Nlp([WRONG]), screen, event)
    apology = ("break_off", APOLOGY_INDEX, say("apology", "en"), "", f"/regenerate:{event.event_id}")
    assert screen.seen == [apology, ("close", "failed")]


async def test_a_language_that_only_the_platform_knows_counts_for_nlp_and_for_what_we_say(
    redis_client: Redis,
) -> None:
    screen, nlp = Screen(), Nlp([HALF, WRONG])
    screen.tells = "zh-TW"
    await run(redis_client, nlp, screen, message())
    assert nlp.asked[0].user.locale == "zh-TW"
    assert screen.seen[1][:4] == ("break_off", 0, "Half of", say("failed", "zh-Hant"))


async def test_no_text_of_a_failed_turn_stays_in_its_record(redis_client: Redis) -> None:
    event = message()
    await run(redis_client, Nlp([HALF, WRONG]), Screen(), event)
    record = await redis_client.hgetall(turn_key(event.event_id))
    assert record["state"] == "dead"
    assert "Half of" not in str(record)


async def test_a_retry_asks_what_was_asked_and_answers_in_a_message_of_its_own(redis_client: Redis) -> None:
    screen, event = Screen(), message("what now?")
    again = regeneration(event.event_id)
    nlp = Nlp([HALF, WRONG], GOOD)
    await run(redis_client, nlp, screen, event, again)
    assert nlp.asked == [event, event]
    assert screen.events[-1] == again.event_id
    assert screen.seen[-2:] == [("finish", 0, "Good."), ("close", "finished")]
    assert await redis_client.xlen(DEAD) == 0


async def test_nlp_is_told_of_a_deleted_retry_by_the_event_that_it_was_asked_about(
    redis_client: Redis,
) -> None:
    event = message()
    again, forgotten = regeneration(event.event_id), list[str]()
    await run(redis_client, Nlp([WRONG], GOOD), Screen(), event, again)

    async def forget(deleted: AnswerDeleted) -> None:
        forgotten.append(deleted.event_id)

    here = Controls(redis_client, {"web": Screen()}, Ratings(redis_client, 1), forget)
    facts: dict[str, Any] = {"conversation_id": CONVERSATION, "at": NOON, "user": event.user}
    await here.obey(DeleteRequested(event_id="d1", message_id="1-0", answered=again.event_id, **facts))
    assert forgotten == [event.event_id]


async def test_a_retry_that_fails_can_be_tried_again(redis_client: Redis) -> None:
    screen, event = Screen(), message("what now?")
    first, second = regeneration(event.event_id), regeneration(event.event_id)
    nlp = Nlp([WRONG], [HALF, WRONG], GOOD)
    await run(redis_client, nlp, screen, event, first, second)
    assert [seen[-1] for seen in screen.seen if seen[0] == "break_off"] == [
        f"/regenerate:{event.event_id}"
    ] * 2
    assert nlp.asked == [event] * 3
    assert screen.seen[-1] == ("close", "finished")


async def test_who_asks_for_another_answer_to_a_good_one_is_nlps_to_answer(redis_client: Redis) -> None:
    event = message()
    again = regeneration(event.event_id)
    nlp = Nlp(GOOD, GOOD)
    await run(redis_client, nlp, Screen(), event, again)
    assert nlp.asked == [event, again]


async def test_nobody_retries_what_failed_in_another_conversation(redis_client: Redis) -> None:
    event = message("private")
    await run(redis_client, Nlp([WRONG]), Screen(), event)
    theirs, nlp = regeneration(event.event_id, "web:c2"), Nlp(GOOD)
    await run(redis_client, nlp, Screen(), theirs)
    assert nlp.asked == [theirs]
    assert await redis_client.xlen(DEAD) == 1


async def test_what_fails_leaves_its_letter_though_it_names_a_failure_of_another_conversation(
    redis_client: Redis,
) -> None:
    event = message("private")
    await run(redis_client, Nlp([WRONG]), Screen(), event)
    await run(redis_client, Nlp([WRONG]), Screen(), regeneration(event.event_id, "web:c2"))
    assert await redis_client.xlen(DEAD) == 2


async def test_a_retry_that_fails_leaves_no_letter_of_its_own(redis_client: Redis) -> None:
    event = message()
    retries = [regeneration(event.event_id) for _ in range(2)]
    await run(redis_client, Nlp([WRONG], [WRONG], [WRONG]), Screen(), event, *retries)
    assert await redis_client.xlen(DEAD) == 1


async def test_the_letter_stays_until_the_retry_is_acknowledged(redis_client: Redis) -> None:
    event = message()
    await run(redis_client, Nlp([WRONG]), Screen(), event)
    again = regeneration(event.event_id)
    await accept(redis_client, Arrival(event=again, claims=(again.event_id,)))
    inbox = Inbox(redis_client, 5)
    lease = await inbox.lease(CONVERSATION, "token")
    async with working(redis_client, Nlp(GOOD), Screen()) as runner:
        assert await runner.run_turn(lease, Ending()) == "finished"
    assert await redis_client.xlen(DEAD) == 1
    await inbox.acknowledge(lease, "finished")
    assert await redis_client.xlen(DEAD) == 0


async def revived(redis: Redis) -> str | None:
    """What `switchboard dead retry` gives for the one letter."""
    [(letter_id, _)] = await redis.xrange(DEAD)
    conversation: str | None = await redis.register_script(script("revive"))([DEAD, DUE], [letter_id, 0])
    return conversation


async def test_what_a_person_has_asked_for_again_is_not_put_back_beside_it(redis_client: Redis) -> None:
    event = message(conversation_id=CHAT)
    await run(redis_client, Nlp([WRONG]), Screen(), event)
    again = regeneration(event.event_id, CHAT)
    await accept(redis_client, Arrival(event=again, claims=(again.event_id,)))
    assert await revived(redis_client) == ""
    nlp = Nlp(GOOD)
    async with working(redis_client, nlp, Screen()) as runner:
        await runner.run(CHAT)
    assert nlp.asked == [event]
    assert await redis_client.xlen(DEAD) == 0


async def test_what_was_put_back_and_asked_for_again_meanwhile_is_answered_once(redis_client: Redis) -> None:
    event = message(conversation_id=CHAT)
    await run(redis_client, Nlp([WRONG]), Screen(), event)
    assert await revived(redis_client) == CHAT
    nlp, screen = Nlp(GOOD), Screen()
    await run(redis_client, nlp, screen, regeneration(event.event_id, CHAT))
    assert nlp.asked == [event]
    assert [seen for seen in screen.seen if seen[0] == "finish"] == [("finish", 0, "Good.")]
    later = regeneration(event.event_id, CHAT).model_copy(update={"at": 2**50})
    again = Nlp(GOOD)
    await run(redis_client, again, screen, later)
    assert again.asked == [later]


async def test_what_a_person_has_stopped_is_not_answered_by_the_next_attempt(redis_client: Redis) -> None:
    event, screen, nlp = message(), Screen(), Nlp(GOOD, GOOD)
    await accept(redis_client, Arrival(event=event, claims=(event.event_id,)))
    inbox = Inbox(redis_client, 5)
    lease = await inbox.lease(CONVERSATION, "token")
    await inbox.note_stop(lease)  # and then the worker is killed, or the platform does not take the mark
    await inbox.release(lease)
    async with working(redis_client, nlp, screen) as runner:
        await runner.run(CONVERSATION)
    assert [seen[0] for seen in screen.seen if seen[0] in ("append", "finish")] == []
    assert screen.seen[-1] == ("close", "stopped")
    assert await redis_client.hget(turn_key(event.event_id), "state") == "stopped"
