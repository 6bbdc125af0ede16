"""Runs the calls of a model: side by side, each within its time and size, none ever raising."""

import asyncio
import json
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from prometheus_client import Counter

from contracts.turn import MAX_ROUNDS
from services.nlp.actions.base import TrackerEvent
from services.nlp.engines.base import Turn
from services.nlp.engines.llm.parts import Tool, ToolCall
from services.nlp.engines.llm.tools.base import Calling, Offered, Outcome, Source
from services.nlp.engines.llm.tools.schema import misfit

log = logging.getLogger(__name__)

CALLS = Counter("switchboard_tool_calls", "Tools that the language model called", ["tool", "outcome"])
MAX_CALLS = 8
"""So many calls of one round are run."""
MAX_TOLD = 8_000
"""So many characters of a result is the model told."""
CUT = " … (the rest is cut off)"
UNKNOWN = "unknown"
"""Stands for a name that no tool has: the model may have made it of a person's words."""
CALL_PREFIX = "tool:"
"""Of the ids of what a tool needs the worker to do."""


@dataclass(frozen=True)
class Ran:
    """One call that was run, with its line for the trace."""

    call: ToolCall
    outcome: Outcome
    trace: TrackerEvent


@dataclass(frozen=True)
class Toolbox:
    """The tools of one turn."""

    turn: Turn
    offered: Mapping[str, Offered]
    """By name."""
    wait_s: float
    """One call that takes longer has failed."""

    @classmethod
    def of(cls, turn: Turn, sources: Sequence[Source], wait_s: float) -> "Toolbox":
        """Every source's tools; of two with the same name the first counts."""
        found: dict[str, Offered] = {}
        for source in sources:
            for offered in source.tools(turn):
                found.setdefault(offered.tool.name, offered)
        return cls(turn, found, wait_s)

    @property
    def tools(self) -> tuple[Tool, ...]:
        """What the model is told of them."""
        return tuple(offered.tool for offered in self.offered.values())

    async def run(self, calls: Sequence[ToolCall], has_begun: bool) -> list[Ran]:
        """What came of each, in their order."""
        running = (self._run(call, place < MAX_CALLS, has_begun) for place, call in enumerate(calls))
        return list(await asyncio.gather(*running))

    async def _run(self, call: ToolCall, has_room: bool, has_begun: bool) -> Ran:
        begun = time.perf_counter()
        if has_room:
            outcome = await self._outcome(call, has_begun)
        else:
            outcome = _wrong("too_many_calls", "Too many calls at once: call this one again if you need it")
        return Ran(call, outcome, self._trace(call, outcome, (time.perf_counter() - begun) * 1000))

    async def _outcome(self, call: ToolCall, has_begun: bool) -> Outcome:
        offered = self.offered.get(call.name)
        if offered is None:
            return _wrong(
                "unknown_tool", f"There is no tool of this name. There are: {', '.join(self.offered)}"
            )
        try:
            args, mistake = _arguments(call.arguments, offered.tool.parameters)
            if mistake:
                return _wrong("bad_arguments", mistake)
            calling = Calling(self.turn, args, CALL_PREFIX + call.id, has_begun)
            async with asyncio.timeout(self.wait_s):
                outcome = await offered.call(calling)
        except TimeoutError:
            return _wrong("timeout", "It did not answer in time")
        except Exception as error:  # the outermost edge of a tool: a bot's own skill may raise anything
            log.warning("nlp.tool.failed", extra={"tool": call.name, "error": type(error).__name__})
            return _wrong("failed", "It does not work at the moment")
        if outcome.need and len(self.turn.request.results) >= MAX_ROUNDS - 1:
            return _wrong("too_many_needs", "It cannot be done in this turn")
        return replace(outcome, told=_bounded(outcome.told))

    def _trace(self, call: ToolCall, outcome: Outcome, ms: float) -> TrackerEvent:
        name = call.name if call.name in self.offered else UNKNOWN
        if outcome.need is None:
            CALLS.labels(name, outcome.problem or "ok").inc()
            log.info("nlp.tool.called", extra={"tool": name, "ms": round(ms), "problem": outcome.problem})
        return {
            "event": "tool_called",
            "name": name,
            "ms": round(ms),
            "ok": not outcome.problem,
            "problem": outcome.problem,
        }


def _arguments(text: str, parameters: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """The arguments, and what is wrong with them for the model to read."""
    try:
        args = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}, "The arguments are no JSON"
    if args is None:  # as some models write that there are none
        args = {}
    if not isinstance(args, dict):
        return {}, "The arguments must be a JSON object"
    return args, misfit(parameters, args)


def _wrong(problem: str, why: str) -> Outcome:
    return Outcome(json.dumps({"error": why}, ensure_ascii=False), problem)


def _bounded(text: str) -> str:
    return text if len(text) <= MAX_TOLD else text[: MAX_TOLD - len(CUT)] + CUT
