"""A bot's own actions.py, run inside the room: in threads of its own, on copies, within a time."""

import asyncio
import inspect
import logging
import os
import pickle
import weakref
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

from services.nlp.actions.answer import answer
from services.nlp.actions.base import ActionCall, ActionFailed, ActionRejected, ActionResult, ActionRunner
from services.nlp.actions.modules import BotModules
from services.nlp.actions.sdk import install_sdk
from services.nlp.actions.sdk.executor import CollectingDispatcher
from services.nlp.actions.sdk.forms import FormAction
from services.nlp.actions.sdk.interfaces import Action, ActionExecutionRejection, Tracker
from services.nlp.actions.sdk.utils import all_subclasses
from services.nlp.actions.threads import Threads

log = logging.getLogger(__name__)
TIMEOUT_S = 10.0
THREADS = 8


class ActionsBroken(Exception):
    """The bot's Python cannot be loaded; `mistakes` say where and why, one a line: `file:line: why`."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class LocalActions(ActionRunner):
    """The actions of one version of a bot; one instance of each class serves every conversation.

    Its threads and modules go when the last turn has let go of it.
    """

    def __init__(self, modules: BotModules, actions: dict[str, Action], timeout_s: float) -> None:
        self._modules = modules
        self._actions = actions
        self._timeout_s = timeout_s
        self._threads = Threads(THREADS, "action")
        self._domain = _Copies()
        weakref.finalize(self, _let_go, self._threads, modules)

    @classmethod
    def load(cls, folder: Path, timeout_s: float = TIMEOUT_S) -> "LocalActions | None":
        """The actions of a bot's folder as they are there now; None where it has no Python for any.

        Raises ActionsBroken.
        """
        install_sdk()
        modules = BotModules(folder)
        if not modules.holds("actions"):
            modules.forget()
            return None
        actions, mistakes = _loaded(modules)
        if mistakes:
            modules.forget()
            raise ActionsBroken(list(dict.fromkeys(mistakes)))
        return cls(modules, actions, timeout_s)

    @property
    def names(self) -> tuple[str, ...]:
        """The actions' names, in alphabetical order."""
        return tuple(sorted(self._actions))

    def has(self, action: str) -> bool:
        """Whether the bot's Python has this action."""
        return action in self._actions

    def is_form(self, name: str) -> bool:
        """Whether it is a form of Rasa 1.x: a FormAction."""
        return isinstance(self._actions.get(name), FormAction)

    async def run(self, call: ActionCall) -> ActionResult:
        """Run an action on copies of what the call holds. Raises ActionRejected or ActionFailed."""
        action = self._actions.get(call.action)
        if action is None:
            raise ActionFailed(f"{call.action} is not among the bot's actions")
        tracker = Tracker.from_dict({"sender_id": call.sender_id, **pickle.loads(pickle.dumps(call.tracker))})
        domain = self._domain.of(call.domain)
        perform = partial(_perform, self._modules, call.action, action, tracker, domain, self._timeout_s)
        outcome = await self._outcome(call.action, perform)
        if isinstance(outcome, ActionResult):
            return outcome
        if isinstance(outcome, ActionFailed | ActionRejected):
            raise outcome
        if isinstance(outcome, ActionExecutionRejection):
            raise ActionRejected(f"{call.action} will not run now")
        raise self._failed(call.action, outcome)

    async def _outcome(
        self, action: str, perform: Callable[[], ActionResult | BaseException]
    ) -> ActionResult | BaseException:
        """What came of it within the time."""
        future = self._threads.submit(perform)
        waiting = asyncio.wrap_future(future)
        try:
            done, _ = await asyncio.wait([waiting], timeout=self._timeout_s)
        finally:
            was_waiting = future.cancel()
        if done:
            return waiting.result()
        if was_waiting:
            seconds = f"{self._timeout_s:g} s"
            return ActionFailed(f"{action} was not begun within {seconds}: {THREADS} others still run")
        return ActionFailed(f"{action} took longer than {self._timeout_s:g} s")

    def _failed(self, action: str, error: BaseException) -> ActionFailed:
        # Never the message: it may quote a person.
        kind, frames = type(error).__name__, self._modules.frames(error)
        log.warning("nlp.action.failed", extra={"action": action, "type": kind, "frames": frames})
        return ActionFailed(f"{action} raised {kind}")


def _let_go(threads: Threads, modules: BotModules) -> None:
    threads.close()
    modules.forget()


class _Copies:
    """Copies of the domain: the engine hands in the same one each time, so it is taken apart once."""

    def __init__(self) -> None:
        self._last: dict[str, Any] | None = None
        self._pickled = b""

    def of(self, domain: dict[str, Any]) -> dict[str, Any]:
        if self._last is not domain:
            self._last, self._pickled = domain, pickle.dumps(domain)
        copy: dict[str, Any] = pickle.loads(self._pickled)
        return copy


def _perform(
    modules: BotModules,
    name: str,
    action: Any,
    tracker: Tracker,
    domain: dict[str, Any],
    timeout_s: float,
) -> ActionResult | BaseException:
    """Run it to its end in this thread. An async action gets a loop here: it too may block.

    What it raises is returned: a future would take StopIteration and CancelledError as its own.
    """
    dispatcher = CollectingDispatcher()
    try:
        with modules.running():
            events = action.run(dispatcher, tracker, domain)
            if inspect.isawaitable(events):
                events = asyncio.run(_within(events, timeout_s))
        return answer(name, events or None, dispatcher.messages)
    except BaseException as error:  # foreign code: sys.exit() too ends its call only
        return error


async def _within(events: Awaitable[Any], timeout_s: float) -> Any:
    """Cancelled a little behind the time at which the caller gave up."""
    async with asyncio.timeout(timeout_s + 0.1):
        return await events


def _loaded(modules: BotModules) -> tuple[dict[str, Action], list[str]]:
    actions: dict[str, Action] = {}
    with modules.running():
        mistakes = modules.load("actions")
        for found in all_subclasses(Action):
            if found.__module__.startswith(f"{modules.package}.") and not inspect.isabstract(found):
                _add(found, modules, actions, mistakes)
    return actions, mistakes


def _add(found: Any, modules: BotModules, actions: dict[str, Action], mistakes: list[str]) -> None:
    try:
        action = found()
        name = action.name()
    except NotImplementedError:
        return  # a base of others
    except (Exception, SystemExit) as error:  # foreign code
        place = (modules.frames(error) or [_place(found, modules)])[-1]
        mistakes.append(f"{place}: {found.__name__} cannot be made: {type(error).__name__}: {error}")
        return
    if isinstance(name, str) and name:
        actions[name] = action
        return
    mistakes.append(f"{_place(found, modules)}: {found.__name__}.name() returns {name!r}; allowed: a name")


def _place(found: Any, modules: BotModules) -> str:
    """Where a class stands: `file:line`; one that was put together while the module ran has no line."""
    file = os.path.relpath(inspect.getfile(found), modules.folder)
    try:
        return f"{file}:{inspect.getsourcelines(found)[1]}"
    except OSError:
        return f"{file}:1"
