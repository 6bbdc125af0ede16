"""One turn between nlp's stream and a channel's sink."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress

import pytest

from contracts.face import Box, ImageSize
from contracts.problem import Problem
from contracts.reply import LookAlike, Reply, act
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
from services.worker.ending import Ending, Reason
from services.worker.errors import (
    LeaseLost,
    MessageStopped,
    MessageVanished,
    RoomRefused,
    RoomUnavailable,
    TurnFailed,
)
from services.worker.partial import MARK_INDEX
from services.worker.turn import Fulfil, Picture, Turn
from tests.builders import message


class Screen:
    """A sink that remembers what was asked of it."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []
        self.finished: list[Reply] = []
        self.left = 0
        self.appended = asyncio.Event()
        self.opened_thrice = asyncio.Event()
        self.trouble: Exception | None = None
        """What showing text comes to."""
        self.answers: asyncio.Event | None = None
        """Set when text is shown, where that takes its time."""

    async def open(self) -> None:
        self.calls.append(("open",))
        if len(self.calls) == 3:
            self.opened_thrice.set()

    async def append(self, index: int, text: str) -> None:
        self.calls.append(("append", index, text))
        self.appended.set()
        if self.answers:
            await self.answers.wait()
        if self.trouble:
            raise self.trouble

    async def finish(self, index: int, reply: Reply, picture: bytes | None = None) -> None:
        self.finished.append(reply)
        self.calls.append(("finish", index, reply.text, *([picture] if picture else [])))

    async def break_off(self, index: int, reply: Reply, mark: str) -> None:
        self.calls.append(("break_off", index, reply.text, mark, *(b.payload for b in reply.buttons)))

    async def close(self, outcome: Outcome) -> None:
        self.calls.append(("close", outcome))

    def leave(self) -> None:
        self.left += 1


class Nlp:
    """Answers each round with the next list of items; `forever` then says nothing more.

    What it is told of a turn that ended early is in `told`; it answers that with `answer`.
    """

    def __init__(self, *rounds: list[TurnItem], forever: bool = False) -> None:
        self.rounds = list(rounds)
        self.forever = forever
        self.requests: list[TurnRequest] = []
        self.told: list[TurnRequest] = []
        self.answer: TurnItem = TurnDone()
        self.closed = 0
        self.was_closed = asyncio.Event()
        self.is_silent = asyncio.Event()
        """Set when there is nothing more to come of a stream that does not end."""

    async def turn(self, request: TurnRequest) -> AsyncGenerator[TurnItem, None]:
        if request.shown is not None:
            self.told.append(request)
            yield self.answer
            return
        self.requests.append(request)
        try:
            for item in self.rounds.pop(0):
                yield item
            if self.forever:
                self.is_silent.set()
                await asyncio.Event().wait()
        finally:
            self.closed += 1
            self.was_closed.set()


async def no_act(*_: object) -> CallResult:
    raise AssertionError("nothing was needed")


async def no_picture(_: Reply) -> bytes | None:
    raise AssertionError("nothing was to be drawn")


def turn_of(nlp: Nlp, screen: Screen, fulfil: Fulfil = no_act, picture: Picture = no_picture) -> Turn:
    return Turn(
        event=message(),
        lease="token",
        capabilities=Capabilities(),
        think=nlp.turn,
        fulfil=fulfil,
        picture=picture,
        sink=screen,
        ending=Ending(),
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


async def test_an_answer_that_the_models_limit_ended_can_be_gone_on_with() -> None:
    screen = Screen()
    cut = TurnReply(index=0, reply=Reply(text="Once upon", cut_off=True))
    turn = turn_of(Nlp([cut, TurnDone()]), screen)
    assert await turn.run() == "finished"
    [button] = screen.finished[0].buttons
    assert (button.title, button.payload) == ("Go on", act("continue", turn.event.event_id))


@pytest.mark.parametrize("end", [reply("Good"), TurnProblem(problem=Problem(title="", status=502, code="x"))])
async def test_however_a_turn_ends_its_sink_is_left(end: TurnItem) -> None:
    screen = Screen()
    with suppress(TurnFailed):
        await turn_of(Nlp([TurnDelta(index=0, text="Go"), end, TurnDone()]), screen).run()
    assert screen.left == 1


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


async def stopped_after(
    nlp: Nlp, screen: Screen, partial: dict[int, str] | None = None, reason: Reason = "stopped"
) -> Turn:
    """A turn that was ended when all that nlp had said was shown."""
    turn = turn_of(nlp, screen)
    turn.partial |= partial or {}
    running = asyncio.create_task(turn.run())
    await nlp.is_silent.wait()
    turn.ending.ask(reason)
    assert await asyncio.wait_for(running, 5) == "stopped"
    return turn


async def test_stop_keeps_what_was_shown_with_its_mark_and_closes_the_stream_to_nlp() -> None:
    screen = Screen()
    nlp = Nlp([TurnDelta(index=0, text="Once "), TurnDelta(index=0, text="upon")], forever=True)
    turn = await stopped_after(nlp, screen)
    again = f"/continue:{turn.event.event_id}"
    assert screen.calls[-2:] == [("break_off", 0, "Once upon", "Stopped.", again), ("close", "stopped")]
    assert nlp.closed == 1


async def test_a_platform_that_takes_its_time_keeps_no_stream_open_that_was_stopped() -> None:
    screen, answered = Screen(), asyncio.Event()
    nlp = Nlp([TurnDelta(index=0, text="Once "), TurnDelta(index=0, text="upon")], forever=True)
    turn = turn_of(nlp, screen)
    screen.answers = answered
    running = asyncio.create_task(turn.run())
    await screen.appended.wait()
    turn.ending.ask()
    await asyncio.wait_for(nlp.was_closed.wait(), 5)
    answered.set()
    assert await asyncio.wait_for(running, 5) == "stopped"
    assert screen.calls[1:3] == [
        ("append", 0, "Once "),
        ("break_off", 0, "Once ", "Stopped.", f"/continue:{turn.event.event_id}"),
    ]


async def test_nlp_is_told_what_was_shown_of_a_stopped_turn() -> None:
    nlp = Nlp([reply("Whole"), TurnDelta(index=1, text="Half of")], forever=True)
    turn = await stopped_after(nlp, Screen())
    [told] = nlp.told
    assert (told.v, told.shown, told.lease, told.event) == (2, ("Whole", "Half of"), "token", turn.event)


@pytest.mark.parametrize("code", ["tracker_conflict", "turn_invalid"])
async def test_a_stop_that_nlp_cannot_note_is_a_stop_all_the_same(code: str) -> None:
    screen, nlp = Screen(), Nlp([TurnDelta(index=0, text="Once upon")], forever=True)
    nlp.answer = TurnProblem(problem=Problem(title="no", status=409, code=code))
    await stopped_after(nlp, screen)
    assert screen.calls[-1] == ("close", "stopped")


async def test_what_an_earlier_attempt_has_shown_is_kept_until_this_one_shows_more() -> None:
    screen = Screen()
    nlp = Nlp([TurnDelta(index=1, text="new")], forever=True)
    turn = await stopped_after(nlp, screen, {0: "old", 1: "older"})
    assert screen.calls[-3:-1] == [
        ("break_off", 0, "old", ""),
        ("break_off", 1, "new", "Stopped.", f"/continue:{turn.event.event_id}"),
    ]


async def test_the_mark_is_in_the_language_of_who_asked() -> None:
    screen = Screen()
    turn = turn_of(Nlp([], forever=True), screen)
    turn.event = message(locale="zh-TW")
    turn.ending.ask()
    await turn.run()
    assert ("break_off", MARK_INDEX, "", "已停止。") in screen.calls


async def test_an_answer_that_was_deleted_is_not_shown_again_nor_remembered() -> None:
    screen = Screen()
    nlp = Nlp([reply("Whole"), TurnDelta(index=1, text="Half of")], forever=True)
    await stopped_after(nlp, screen, reason="deleted")
    assert screen.calls[-2:] == [("append", 1, "Half of"), ("close", "stopped")]
    assert [told.shown for told in nlp.told] == [("Whole",)]


async def test_who_deletes_the_message_on_the_platform_ends_the_turn() -> None:
    screen = Screen()
    screen.trouble = MessageVanished()
    nlp = Nlp([TurnDelta(index=0, text="Once upon"), reply("Once upon a time"), TurnDone()])
    assert await turn_of(nlp, screen).run() == "stopped"
    assert screen.calls[-2:] == [("append", 0, "Once upon"), ("close", "stopped")]
    assert (nlp.closed, [told.shown for told in nlp.told]) == (1, [()])


async def test_who_stops_the_message_on_the_platform_keeps_what_was_shown() -> None:
    screen = Screen()
    screen.trouble = MessageStopped()
    nlp = Nlp([TurnDelta(index=0, text="Once upon"), reply("Once upon a time"), TurnDone()])
    turn = turn_of(nlp, screen)
    assert await turn.run() == "stopped"
    again = f"/continue:{turn.event.event_id}"
    assert screen.calls[-2:] == [("break_off", 0, "Once upon", "Stopped.", again), ("close", "stopped")]
    assert (nlp.closed, [told.shown for told in nlp.told]) == (1, [("Once upon",)])


async def test_an_answer_that_a_newer_message_ends_before_its_first_word_leaves_no_mark() -> None:
    screen = Screen()
    turn = turn_of(Nlp([], forever=True), screen)
    turn.ending.ask("superseded")
    assert await turn.run() == "stopped"
    assert screen.calls == [("open",), ("close", "stopped")]


async def test_what_a_failed_attempt_has_shown_is_known_afterwards() -> None:
    problem = Problem(title="slow", status=504, code="model_timeout", retryable=True)
    turn = turn_of(Nlp([TurnDelta(index=0, text="Half"), TurnProblem(problem=problem)]), Screen())
    with pytest.raises(RoomRefused):
        await turn.run()
    assert turn.partial == {0: "Half"}


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
    turn.ending.ask()
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
    turn.ending.ask()
    assert await asyncio.wait_for(running, 5) == "stopped"
    assert screen.calls == [("open",), ("break_off", MARK_INDEX, "", "Stopped."), ("close", "stopped")]


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


async def test_an_answer_that_comes_soon_needs_no_typing_sign() -> None:
    screen = Screen()
    turn = turn_of(Nlp([reply("Good"), TurnDone()]), screen)
    turn.typing_after_s = 60
    await turn.run()
    assert screen.calls == [("finish", 0, "Good"), ("close", "finished")]


async def test_an_answer_waits_for_the_typing_sign_that_is_under_way() -> None:
    screen, asked = SlowToOpen(), asyncio.Event()

    async def think(_: TurnRequest) -> AsyncGenerator[TurnItem, None]:
        await asyncio.wait_for(screen.opening.wait(), 5)
        asked.set()
        yield reply("Good")
        yield TurnDone()

    turn = turn_of(Nlp(), screen)
    turn.think, turn.typing_after_s = think, 0.001
    running = asyncio.create_task(turn.run())
    await asked.wait()
    screen.goes_on.set()
    await running
    assert screen.calls == [("open",), ("finish", 0, "Good"), ("close", "finished")]


class SlowToOpen(Screen):
    """Its typing sign takes its time."""

    def __init__(self) -> None:
        super().__init__()
        self.opening, self.goes_on = asyncio.Event(), asyncio.Event()

    async def open(self) -> None:
        self.opening.set()
        await self.goes_on.wait()
        await super().open()
