"""What people ask of messages: who may have one deleted, and who is welcomed."""

import asyncio
from typing import Any

import pytest
from redis.asyncio import Redis

from contracts.control import ChatOpened, DeleteRequested
from contracts.event import MessageSent, Person
from contracts.inbox import lease_key, web_key
from contracts.reply import Reply
from contracts.turn import AnswerDeleted
from contracts.web import ENTRY_FIELD, WEB_ENTRY, MessageDeleted
from foundation.allowing import AllowList
from services.worker.channels.web import WebChannel
from services.worker.controls import Controls
from services.worker.deliver import TurnRecord
from services.worker.errors import ChannelFailed, RoomRefused, RoomUnavailable, TurnFailed
from services.worker.inbox import Lease
from services.worker.ratings import Ratings
from tests.builders import message
from tests.fakes.bare_channel import BareChannel
from tests.redis_process import RedisProcess

DIRECT = "slack:T1:D1"
ASKED = message(conversation_id=DIRECT)


class Platform(BareChannel):
    """A channel that remembers what was asked of it."""

    def __init__(self, trouble: ChannelFailed | None = None) -> None:
        self.trouble = trouble
        self.deleted: list[str] = []
        self.welcomed: list[str] = []

    async def delete(self, request: DeleteRequested) -> None:
        if self.trouble:
            raise self.trouble
        self.deleted.append(request.message_id)

    async def welcome(self, opened: ChatOpened) -> None:
        if self.trouble:
            raise self.trouble
        self.welcomed.append(opened.user.id)


def deletion(user: str, conversation_id: str = DIRECT, message_id: str = "1.2") -> DeleteRequested:
    return DeleteRequested(
        event_id="d1", conversation_id=conversation_id, at=1, user=Person(id=user), message_id=message_id
    )


async def has_answered(redis: Redis) -> None:
    """Message 1.2 answers what p1 has asked."""
    await redis.set(lease_key(DIRECT), "token")
    record = await TurnRecord.read(redis, Lease("event", DIRECT, "token", ASKED, 1, 1))
    await record.mark_sent(0, ("1.2",))


class Mind:
    """nlp, as far as it forgets."""

    def __init__(self, trouble: TurnFailed | None = None) -> None:
        self.trouble = trouble
        self.forgotten: list[tuple[str, str]] = []

    async def forget(self, deleted: AnswerDeleted) -> None:
        if self.trouble:
            raise self.trouble
        self.forgotten.append((deleted.conversation_id, deleted.event_id))


def controls(redis: Redis, platform: Platform, *admins: str, mind: Mind | None = None) -> Controls:
    forget = (mind or Mind()).forget
    return Controls(redis, {"slack": platform}, Ratings(redis, 1), forget, AllowList(" ".join(admins)))


async def test_who_asked_may_delete_the_answer_and_nlp_forgets_it(redis_client: Redis) -> None:
    await has_answered(redis_client)
    platform, mind = Platform(), Mind()
    assert await controls(redis_client, platform, mind=mind).obey(deletion("p1")) == ASKED.event_id
    assert platform.deleted == ["1.2"]
    assert mind.forgotten == [(DIRECT, ASKED.event_id)]


async def test_what_nlp_cannot_forget_now_is_to_be_forgotten_later(redis_client: Redis) -> None:
    await has_answered(redis_client)
    with pytest.raises(ChannelFailed) as failed:
        await controls(redis_client, Platform(), mind=Mind(RoomUnavailable("away"))).obey(deletion("p1"))
    assert failed.value.retryable
    older = Mind(RoomRefused("what?", code="not_found", retryable=False))
    assert await controls(redis_client, Platform(), mind=older).obey(deletion("p1")) == ASKED.event_id


@pytest.mark.parametrize("admins", [(), ("slack@p3",), ("telegram@p2",)])
async def test_somebody_else_may_not(
    redis_client: Redis, admins: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    await has_answered(redis_client)
    platform = Platform()
    assert await controls(redis_client, platform, *admins).obey(deletion("p2")) is None
    assert platform.deleted == []
    assert "worker.deletion.refused" in caplog.messages


async def test_an_admin_may_delete_what_others_asked_and_what_nobody_remembers(redis_client: Redis) -> None:
    await has_answered(redis_client)
    platform = Platform()
    here = controls(redis_client, platform, "slack@p2")
    assert await here.obey(deletion("p2")) == ASKED.event_id
    assert await here.obey(deletion("p2", message_id="0.1")) is None
    assert platform.deleted == ["1.2", "0.1"]


async def test_a_message_of_an_unknown_turn_is_deleted_by_nobody_else(redis_client: Redis) -> None:
    platform = Platform()
    await controls(redis_client, platform).obey(deletion("p1"))
    assert platform.deleted == []


async def test_a_platform_that_refuses_leaves_the_turn_alone(redis_client: Redis) -> None:
    await has_answered(redis_client)
    here = controls(redis_client, Platform(ChannelFailed("no", retryable=False)))
    assert await here.obey(deletion("p1")) is None


async def test_a_deletion_for_which_the_platform_has_no_time_is_to_be_tried_again(
    redis_client: Redis,
) -> None:
    await has_answered(redis_client)
    with pytest.raises(ChannelFailed):
        await controls(redis_client, Platform(ChannelFailed("later"))).obey(deletion("p1"))


async def test_who_opens_a_chat_is_welcomed_and_a_refusal_harms_nothing(redis_client: Redis) -> None:
    opened = ChatOpened(event_id="o1", conversation_id=DIRECT, at=1, user=Person(id="p1"))
    platform = Platform()
    await controls(redis_client, platform).obey(opened)
    assert platform.welcomed == ["p1"]
    await controls(redis_client, Platform(ChannelFailed("no"))).obey(opened)


async def deletion_of_answer(
    redis: Redis, web: WebChannel, asked: MessageSent, index: int = 0
) -> DeleteRequested:
    """The page shows an answer to this, which its person wants gone."""
    place = asked.conversation_id
    await redis.set(lease_key(place), "token")
    record = await TurnRecord.read(redis, Lease("event", place, "token", asked, 1, 1))
    await web.sink(asked, record).finish(index, Reply(text="delete me"))
    [(entry_id, _)] = await redis.xrange(web_key(place))
    return deletion("p1", place, entry_id).model_copy(update={"answered": asked.event_id})


async def test_a_deleted_reply_is_gone_from_the_stream_and_the_page_is_told(
    redis_client: Redis, redis_process: RedisProcess
) -> None:
    web, mind, asked = WebChannel(Redis.from_url(redis_process.url), "secret"), Mind(), message()
    here = Controls(redis_client, {"web": web}, Ratings(redis_client, 1), mind.forget)
    gone = await deletion_of_answer(redis_client, web, asked, index=2)
    place = asked.conversation_id
    for _ in range(2):
        await here.obey(gone)
    assert mind.forgotten == [(place, asked.event_id)] * 2
    [(_, fields)] = await redis_client.xrange(web_key(place))
    entry = WEB_ENTRY.validate_json(fields[ENTRY_FIELD])
    assert entry == MessageDeleted(event_id=asked.event_id, index=2)
    await web.aclose()


class BothRead(Redis):
    """A client with which nobody goes on before two have read."""

    async def xrange(self, *given: Any, **more: Any) -> Any:  # type: ignore[override]
        found = await super().xrange(*given, **more)
        await BOTH.wait()
        return found


BOTH = asyncio.Barrier(2)


async def test_a_reply_that_two_workers_delete_at_once_is_told_of_once(
    redis_client: Redis, redis_process: RedisProcess
) -> None:
    web, asked = WebChannel(BothRead.from_url(redis_process.url), "secret"), message()
    gone = await deletion_of_answer(redis_client, web, asked)
    await asyncio.gather(web.delete(gone), web.delete(gone))
    [(_, fields)] = await redis_client.xrange(web_key(asked.conversation_id))
    assert isinstance(WEB_ENTRY.validate_json(fields[ENTRY_FIELD]), MessageDeleted)
    await web.aclose()
