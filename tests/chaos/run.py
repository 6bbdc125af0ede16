"""One run: start everything, let people talk while things break, wait, gather the history."""

import asyncio
import threading
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx

from tests.chaos import findings
from tests.chaos.faults import BREAKING, Faults, menu
from tests.chaos.history import History
from tests.chaos.keeper import Keeper
from tests.chaos.log import RunLog
from tests.chaos.page import Page
from tests.chaos.plan import Plan, make_plan
from tests.chaos.senders import SlackSender, TelegramSender, WebSender
from tests.chaos.traffic import Sender, Street
from tests.chaos.world import CROWDS, FIRST_CHAT, WORKERS, World

LONGEST_WAIT_S = 60.0
"""Without any answer, when the last Event is in; far more than the promise, so that the oracle tells."""
QUIET_S = 3.0
SENDING = ("redis", *WORKERS)
"""Who has a hand in a call between its place in the rate limit and the platform."""


@dataclass(frozen=True)
class Talk:
    """Everybody who talks, and the pages that listen."""

    senders: list[Sender]
    pages: list[Page]


def run(seed: int, seconds: float, folder: Path, kinds: frozenset[str] = frozenset(BREAKING)) -> History:
    """The whole run's history; the log and the rooms' logs stay in the folder."""
    world = World(folder / "stack")
    plan = make_plan(seed, seconds, CROWDS, menu(world.has_volume, bool(world.clocks), kinds))
    log = RunLog(folder)
    log.write("run.began", seed=seed, seconds=seconds, faults=len(plan.faults))
    keeper = Keeper(world.stack, log)
    faults = Faults(world, keeper, log)
    ticking = world.network.begin(world.watch.watch_loop("proxies"))
    try:
        world.start()
        keeper.start()
        world.watch.start(partial(keeper.pids, SENDING))
        history = asyncio.run(_talk(plan, world, faults, log))
        history.spans, history.stalls = faults.spans, world.watch.spans
        history.left_out += [] if world.has_volume else ["disk (no root, or no mount)"]
        history.left_out += [] if world.clocks else ["clock (no C compiler)"]
        _look(world, history)
    finally:
        world.watch.stop()
        ticking.cancel()
        keeper.stop()
        world.stop()
    history.leaked += findings.left_behind(world.stack)
    return history


async def _talk(plan: Plan, world: World, faults: Faults, log: RunLog) -> History:
    over, stopping = asyncio.Event(), threading.Event()
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
    async with httpx.AsyncClient(base_url=world.front, limits=limits, timeout=10) as http:
        street = Street(http, time.monotonic(), log, over)
        talk = await _open(plan, street, world)
        ticking = asyncio.create_task(world.watch.watch_loop("people"))
        listening = [asyncio.create_task(page.listen(over)) for page in talk.pages]
        breaking = asyncio.create_task(asyncio.to_thread(faults.run, plan, street.began_at, stopping))
        try:
            await asyncio.gather(*(sender.run() for sender in talk.senders))
            await breaking
            await _until_idle(world, talk)
            return await _gather(world, http, talk)
        finally:
            over.set()
            stopping.set()
            for task in (*listening, ticking):
                task.cancel()
            await asyncio.gather(*listening, ticking, return_exceptions=True)


async def _open(plan: Plan, street: Street, world: World) -> Talk:
    talk = Talk([], [])
    for person in plan.people:
        sender: Sender
        if person.channel == "web":
            talk.pages.append(await _open_page(street.http))
            sender = WebSender(street, person, talk.pages[-1])
        elif person.channel == "slack":
            sender = SlackSender(street, person, world.slack)
        else:
            sender = TelegramSender(street, person, FIRST_CHAT[person.account], world.telegram)
        talk.senders.append(sender)
    return talk


async def _open_page(http: httpx.AsyncClient) -> Page:
    answer = await http.post("/api/v1/conversations")
    cookies = answer.cookies
    http.cookies.clear()
    return Page(http, answer.json()["id"], cookies)


async def _until_idle(world: World, talk: Talk) -> None:
    """Until nothing waits in Redis, or nothing has been answered for far longer than the promise says."""
    client = findings.open_redis(world.stack.redis.port)
    answered, since, idle_since = 0, time.monotonic(), 0.0
    while time.monotonic() - since < LONGEST_WAIT_S:
        await asyncio.sleep(0.1)
        now = time.monotonic()
        if (count := _answered(world, talk)) > answered:
            answered, since = count, now
        idle_since = (idle_since or now) if findings.is_idle(client) else 0.0
        if idle_since and now - idle_since > QUIET_S:
            return


def _answered(world: World, talk: Talk) -> int:
    """How much has been shown so far."""
    pages = sum(len(page.got) for page in talk.pages)
    return pages + len(world.telegram.record.shown_at) + len(world.slack.record.shown_at)


async def _gather(world: World, http: httpx.AsyncClient, talk: Talk) -> History:
    history = History(asked=[asked for sender in talk.senders for asked in sender.asked.values()])
    history.wishes = [wish for sender in talk.senders for wish in sender.wishes]
    history.shown = [*world.telegram.shown(), *world.slack.shown()]
    history.calls = [*world.telegram.record.made, *world.slack.record.made]
    history.streamed = [streamed for page in talk.pages for streamed in page.got]
    for page in talk.pages:
        history.shown += await page.shown()
    return history


def _look(world: World, history: History) -> None:
    with findings.open_redis(world.stack.redis.port) as client:
        history.undone = findings.undone(client)
        history.lasting = findings.lasting(client)
        history.dead = findings.dead_marks(client)
        history.ratings = findings.ratings(client)
        for wish in history.wishes:
            wish.is_taken = findings.is_claimed(client, wish.claim)
        history.leaked += findings.leaked(world.stack, client)
