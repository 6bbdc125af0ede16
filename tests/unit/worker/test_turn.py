"""One turn between nlp's stream and a channel's sink."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from contracts.face import Box, ImageSize
from contracts.problem import Problem
from contracts.reply import LookAlike, Reply
from contracts.turn import (
    CallResult,
    Capabilities,
    TurnDelta,
    TurnDone,
    TurnItem,
    TurnNeed,
    TurnProblem,
    TurnReply,
    TurnRequest,
)
from services.worker.channels.base import Outcome
from services.worker.errors import LeaseLost, RoomRefused, RoomUnavailable, TurnFailed
from services.worker.turn import Act, Picture, Turn
from tests.builders import message


class Screen:
    """A sink that remembers what was asked of it."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []
        self.appended = asyncio.Event()
        self.opened_thrice = asyncio.Event()

    async def open(self) -> None:
        self.calls.append(("open",))
        if len(self.calls) == 3:
            self.opened_thrice.set()

    async def append(self, index: int, text: str) -> None:
        self.calls.append(("append", index, text))
        self.appended.set()

    async def finish(self, index: int, reply: Reply, picture: bytes | None = None) -> None:
        self.calls.append(("finish", index, reply.text, *([picture] if picture else [])))

    async def close(self, outcome: Outcome) -> None:
        self.calls.append(("close", outcome))


class Nlp:
    """Answers each round with the next list of items; `forever` then says nothing more."""

    def __init__(self, *rounds: list[TurnItem], forever: bool = False) -> None:
        self.rounds = list(rounds)
        self.forever = forever
        self.requests: list[TurnRequest] = []
        self.closed = 0

    async def turn(self, request: TurnRequest) -> AsyncGenerator[TurnItem, None]:
        self.requests.append(request)
        try:
            for item in self.rounds.pop(0):
                yield item
            if self.forever:
                await asyncio.Event().wait()
        finally:
            self.closed += 1


async def no_act(*_: object) -> CallResult:
    raise AssertionError("nothing was needed")


async def no_picture(_: Reply) -> bytes | None:
    raise AssertionError("nothing was to be drawn")


def turn_of(nlp: Nlp, screen: Screen, act: Act = no_act, picture: Picture = no_picture) -> Turn:
    return Turn(
        event=message(),
        lease="token",
        capabilities=Capabilities(),
        think=nlp.turn,
        act=act,
        picture=picture,
        sink=screen,
        stop=asyncio.Event(),
    )


def reply(text: str, index: int = 0) -> TurnReply:
    return TurnReply(index=index, reply=Reply(text=text))


async def test_deltas_and_replies_reach_the_sink_in_order() -> None:
    screen = Screen()
    nlp = Nlp([TurnDelta(index=0, text="Go"), TurnDelta(index=0, text="od"), reply("Good"), TurnDone()])
    assert await turn_of(nlp, screen).run() == "finished"
    assert screen.calls == [
        ("open",),
        ("append", 0, "Go"),
        ("append", 0, "od"),
        ("finish", 0, "Good"),
        ("close", "finished"),
    ]


async def test_what_nlp_needs_is_done_and_posted_again() -> None:
    result = CallResult(value={"outcome": "no_face"})
    nlp = Nlp([TurnNeed(call_id="face", kind="face.identify")], [reply("No face"), TurnDone()])

    async def act(*_: object) -> CallResult:
        return result

    await turn_of(nlp, Screen(), act).run()
    assert [request.results for request in nlp.requests] == [{}, {"face": result}]


async def test_a_turn_has_four_rounds_at_most() -> None:
    nlp = Nlp(*([TurnNeed(call_id=str(n), kind="face.identify")] for n in range(9)))

    async def act(*_: object) -> CallResult:
        return CallResult(value={})

    with pytest.raises(TurnFailed) as caught:
        await turn_of(nlp, Screen(), act).run()
    assert (caught.value.code, len(nlp.requests)) == ("too_many_rounds", 4)


async def test_stop_keeps_what_was_shown_and_closes_the_stream_to_nlp() -> None:
    screen = Screen()
    nlp = Nlp([TurnDelta(index=0, text="Once upon")], forever=True)
    turn = turn_of(nlp, screen)
    running = asyncio.create_task(turn.run())
    await screen.appended.wait()
    turn.stop.set()
    assert await running == "stopped"
    assert screen.calls[-2:] == [("finish", 0, "Once upon"), ("close", "stopped")]
    assert nlp.closed == 1


async def test_a_problem_fails_the_turn_with_its_code_and_whether_again_helps() -> None:
    problem = Problem(title="slow", status=504, code="model_timeout", retryable=True)
    with pytest.raises(RoomRefused) as caught:
        await turn_of(Nlp([TurnProblem(problem=problem)]), Screen()).run()
    assert (caught.value.code, caught.value.retryable) == ("model_timeout", True)


async def test_a_lost_lease_at_nlp_is_a_lost_lease_here() -> None:
    problem = Problem(title="lost", status=409, code="lease_lost")
    with pytest.raises(LeaseLost):
        await turn_of(Nlp([TurnProblem(problem=problem)]), Screen()).run()


async def test_a_stream_that_ends_early_may_be_tried_again() -> None:
    with pytest.raises(RoomUnavailable) as caught:
        await turn_of(Nlp([reply("Half")]), Screen()).run()
    assert caught.value.retryable


async def test_the_typing_sign_is_renewed_until_there_is_something_to_read() -> None:
    screen = Screen()
    turn = turn_of(Nlp([], forever=True), screen)
    turn.typing_every_s = 0.01
    running = asyncio.create_task(turn.run())
    await asyncio.wait_for(screen.opened_thrice.wait(), 5)
    turn.stop.set()
    assert await running == "stopped"
    opened = screen.calls.count(("open",))
    assert screen.calls[-1] == ("close", "stopped")
    assert opened >= 3


LOOK_ALIKE = LookAlike(
    identity_id="i1",
    gallery="default",
    name="Ann",
    percent=60,
    distance=0.5,
    same_person=False,
    face=Box(left=1, top=1, width=9, height=9),
    image=ImageSize(width=20, height=20),
    faces_found=1,
)


async def test_a_look_alike_comes_with_its_picture_and_other_replies_without() -> None:
    async def picture(_: Reply) -> bytes | None:
        return b"both"

    screen = Screen()
    found = TurnReply(index=0, reply=Reply(text="Ann", look_alike=LOOK_ALIKE))
    await turn_of(Nlp([found, reply("More", 1), TurnDone()]), screen, picture=picture).run()
    assert screen.calls[1:3] == [("finish", 0, "Ann", b"both"), ("finish", 1, "More")]


async def test_nobody_who_stopped_waits_for_a_picture() -> None:
    drawing = asyncio.Event()

    async def picture(_: Reply) -> bytes | None:
        drawing.set()
        await asyncio.Event().wait()
        return None

    screen = Screen()
    found = TurnReply(index=0, reply=Reply(text="Ann", look_alike=LOOK_ALIKE))
    turn = turn_of(Nlp([found, TurnDone()]), screen, picture=picture)
    running = asyncio.create_task(turn.run())
    await drawing.wait()
    turn.stop.set()
    assert await asyncio.wait_for(running, 5) == "stopped"
    assert screen.calls == [("open",), ("close", "stopped")]


async def test_the_typing_sign_is_renewed_while_a_picture_is_made() -> None:
    screen = Screen()

    async def picture(_: Reply) -> bytes | None:
        await asyncio.wait_for(screen.opened_thrice.wait(), 5)
        return b"both"

    found = TurnReply(index=0, reply=Reply(text="Ann", look_alike=LOOK_ALIKE))
    turn = turn_of(Nlp([found, TurnDone()]), screen, picture=picture)
    turn.typing_every_s = 0.01
    await turn.run()
    assert screen.calls.index(("finish", 0, "Ann", b"both")) >= 3
    assert ("open",) not in screen.calls[screen.calls.index(("finish", 0, "Ann", b"both")) + 1 :]
