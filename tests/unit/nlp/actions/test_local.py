"""A bot's own Python: found, kept apart, run on copies, stopped in time."""

import asyncio
import copy
import logging
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.nlp.actions.base import ActionFailed, ActionRejected, ActionResult
from services.nlp.actions.local import THREADS, ActionsBroken, LocalActions
from tests.unit.nlp.actions.bots import HEAD, call, load, one, write
from tests.waiting import until


def broken(folder: Path) -> list[str]:
    with pytest.raises(ActionsBroken) as raised:
        LocalActions.load(folder, 1)
    return raised.value.mistakes


def test_a_folder_without_actions_has_none(tmp_path: Path) -> None:
    (tmp_path / "actions").mkdir()
    assert LocalActions.load(tmp_path, 1) is None


@pytest.mark.parametrize(
    "place", ["actions", "actions/actions", "actions/__init__", "actions/sub", "actions/sub/__init__"]
)
async def test_actions_are_found_wherever_rasa_finds_them(tmp_path: Path, place: str) -> None:
    write(tmp_path, {place: HEAD + one("return [SlotSet('a', 1)]")})
    actions = LocalActions.load(tmp_path, 1)
    assert actions is not None
    assert actions.names == ("action_it",)
    assert (await actions.run(call())).events == [{"event": "slot", "name": "a", "value": 1}]


async def test_the_bots_own_modules_can_be_imported_at_the_top_and_in_a_method(tmp_path: Path) -> None:
    body = "import lib.deep as d\nfrom . import near\nreturn [SlotSet('a', [x, d.y, near.z, lib.deep.y])]"
    files = {
        "actions/__init__": "",
        "actions/near": "z = 3",
        "actions/actions": HEAD + "import lib.deep\nfrom actions.words import x\n" + one(body),
        "actions/words": "x = 1",
        "lib/deep": "y = 2",
    }
    write(tmp_path, files)
    actions = LocalActions.load(tmp_path, 1)
    assert actions is not None
    assert (await actions.run(call())).events[0]["value"] == [1, 2, 3, 2]


async def test_two_bots_with_the_same_names_keep_their_own_code(tmp_path: Path) -> None:
    code = "from actions.words import word\n" + one("return [SlotSet('a', word)]")
    loaded = []
    for name in ("one", "two"):
        files = {"actions/words": f"word = {name!r}", "actions/actions": HEAD + code}
        loaded.append(LocalActions.load(write(tmp_path / name, files), 1))
    values = [(await actions.run(call())).events[0]["value"] for actions in loaded if actions]
    assert values == ["one", "two"]


async def test_loading_again_brings_the_new_code_and_leaves_the_old_at_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Python's own cache of compiled files goes by seconds and size: here it would bring the old code.
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    loaded = []
    for value in (1, 2):
        write(tmp_path, {"actions": HEAD + one(f"return [SlotSet('a', {value})]")})
        os.utime(tmp_path / "actions.py", (1_000_000, 1_000_000))
        loaded.append(LocalActions.load(tmp_path, 5))
    assert [(await actions.run(call())).events[0]["value"] for actions in loaded if actions] == [1, 2]
    assert os.listdir(tmp_path) == ["actions.py"]


def test_a_syntax_error_is_told_with_file_and_line(tmp_path: Path) -> None:
    write(tmp_path, {"actions": "x = 1\ndef broken(:\n"})
    assert broken(tmp_path) == ["actions.py:2: invalid syntax"]


def test_every_broken_file_is_told_once(tmp_path: Path) -> None:
    files = {"__init__": "", "a": "from actions.b import x", "b": "\n\n1 / 0", "c": "import not_there_at_all"}
    write(tmp_path / "actions", files)
    assert broken(tmp_path) == [
        "actions/b.py:3: ZeroDivisionError: division by zero",
        "actions/c.py:1: the module 'not_there_at_all' is neither in the bot's folder nor installed in this"
        " room",
    ]


def test_a_file_that_ends_the_program_is_a_mistake_too(tmp_path: Path) -> None:
    write(tmp_path, {"actions": "import sys\nsys.exit(3)"})
    assert broken(tmp_path) == ["actions.py:2: SystemExit: 3"]


def test_a_class_that_cannot_be_made_is_a_mistake(tmp_path: Path) -> None:
    write(tmp_path, {"actions": HEAD + "class A(Action):\n    def __init__(self, x): pass\n"})
    assert "A cannot be made: TypeError" in broken(tmp_path)[0]


def test_a_class_without_lines_of_its_own_is_told_by_its_file(tmp_path: Path) -> None:
    write(tmp_path, {"actions": HEAD + "A = type('A', (Action,), {'name': lambda self: 5})\n"})
    assert broken(tmp_path) == ["actions.py:1: A.name() returns 5; allowed: a name"]


def test_a_name_that_is_no_text_is_a_mistake(tmp_path: Path) -> None:
    write(tmp_path, {"actions": HEAD + "class A(Action):\n    def name(self): return 5\n"})
    assert broken(tmp_path) == ["actions.py:7: A.name() returns 5; allowed: a name"]


def test_bases_without_a_name_are_passed_over_and_classes_below_them_found(tmp_path: Path) -> None:
    code = """
from abc import ABC, abstractmethod
class Base(Action):
    pass
class Other(Action, ABC):
    def name(self): return "other"
    @abstractmethod
    def more(self): ...
class Below(Base):
    def name(self): return "below"
"""
    assert load(tmp_path, code).names == ("below",)


def test_a_form_of_1x_is_told_apart(tmp_path: Path) -> None:
    code = "class F(FormAction):\n    def name(self): return 'a_form'\n"
    actions = load(tmp_path, code + one("return []"))
    assert [actions.is_form(name) for name in ("a_form", "action_it", "nowhere")] == [True, False, False]
    assert [actions.has(name) for name in ("a_form", "action_it", "nowhere")] == [True, True, False]


@pytest.mark.parametrize("kind", ["def", "async def"])
async def test_an_action_speaks_and_tells_events(tmp_path: Path, kind: str) -> None:
    body = "dispatcher.utter_message('Hi', extra=tracker.sender_id)\nreturn [SlotSet('a', domain['b'])]"
    result = await load(tmp_path, one(body, kind=kind)).run(call(domain={"b": 7}))
    said: dict[str, Any] = {
        "text": "Hi",
        "buttons": [],
        "elements": [],
        "custom": {},
        "template": None,
        "response": None,
    }
    said |= {"image": None, "attachment": None, "extra": "ann"}
    assert result == ActionResult([{"event": "slot", "name": "a", "value": 7}], [said])


@pytest.mark.parametrize("nothing", ["return None", "pass", "return []", "return ()"])
async def test_nothing_returned_is_no_event(tmp_path: Path, nothing: str) -> None:
    assert await load(tmp_path, one(nothing)).run(call()) == ActionResult()


async def test_an_action_that_rejects_is_rejected(tmp_path: Path) -> None:
    actions = load(tmp_path, one("raise ActionExecutionRejection('action_it', 'no')"))
    with pytest.raises(ActionRejected):
        await actions.run(call())


async def test_an_unknown_action_fails(tmp_path: Path) -> None:
    with pytest.raises(ActionFailed, match="nowhere is not among the bot's actions"):
        await load(tmp_path, one("return []")).run(call("nowhere"))


RAISING = [
    "ValueError('my secret')",
    "SystemExit('my secret')",
    "KeyboardInterrupt('my secret')",
    "StopIteration('my secret')",
    "TimeoutError('my secret')",
    "__import__('asyncio').CancelledError('my secret')",
]


@pytest.mark.parametrize("kind", ["def", "async def"])
@pytest.mark.parametrize("error", RAISING)
async def test_an_action_that_raises_fails_by_type_and_line_without_its_words(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str, error: str
) -> None:
    actions = load(tmp_path, one(f"raise {error}", kind=kind))
    with caplog.at_level(logging.WARNING), pytest.raises(ActionFailed) as raised:
        await actions.run(call())
    assert str(raised.value).startswith("action_it raised ")
    record = next(record for record in caplog.records if record.message == "nlp.action.failed")
    assert vars(record)["frames"] == ["actions.py:13"]
    assert "secret" not in repr(vars(record)) + str(raised.value)


async def test_a_raising_or_meddling_action_leaves_the_call_as_it_was(tmp_path: Path) -> None:
    body = """tracker.slots['list'].append(1)
tracker.events.clear()
tracker.latest_message['intent']['name'] = 'other'
domain['slots']['list']['type'] = 'other'
raise ValueError"""
    asked = call(slots={"list": []}, domain={"slots": {"list": {"type": "list"}}})
    before = copy.deepcopy(asked)
    actions = load(tmp_path, one(body))
    for _ in range(2):
        with pytest.raises(ActionFailed):
            await actions.run(asked)
    assert asked == before


async def test_the_next_call_sees_another_domain_when_it_is_another(tmp_path: Path) -> None:
    actions = load(tmp_path, one("return [SlotSet('a', domain['b'])]"))
    seen = [(await actions.run(call(domain={"b": b}))).events[0]["value"] for b in (1, 2)]
    assert seen == [1, 2]


async def test_events_are_not_shared_with_the_action(tmp_path: Path) -> None:
    actions = load(tmp_path, "KEPT = []\n" + one("return [SlotSet('a', KEPT)]"))
    (await actions.run(call())).events[0]["value"].append(1)
    assert (await actions.run(call())).events[0]["value"] == []


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("def", "import threading\nthreading.Event().wait(9)"),
        ("async def", "import threading\nthreading.Event().wait(9)"),
        ("async def", "import asyncio\nawait asyncio.sleep(9)"),
    ],
)
async def test_a_hanging_action_fails_in_time_and_the_loop_goes_on(
    tmp_path: Path, kind: str, body: str
) -> None:
    actions = load(tmp_path, one(body, kind=kind), timeout_s=0.3)
    began = time.monotonic()
    with pytest.raises(ActionFailed, match=r"action_it took longer than 0.3 s"):
        await actions.run(call())
    assert time.monotonic() - began < 5


async def test_an_async_action_is_cancelled_once_it_is_late(tmp_path: Path) -> None:
    ended = tmp_path / "ended"
    body = f"""import asyncio, pathlib
try:
    await asyncio.sleep(30)
finally:
    pathlib.Path({str(ended)!r}).touch()"""
    actions = load(tmp_path, one(body, kind="async def"), timeout_s=0.2)
    with pytest.raises(ActionFailed):
        await actions.run(call())
    until(ended.exists, "the action is cancelled", timeout_s=5)


async def test_a_caller_that_gives_up_is_free_at_once(tmp_path: Path) -> None:
    actions = load(tmp_path, one("import threading\nthreading.Event().wait(9)"))
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(actions.run(call()), 0.1)
    assert time.monotonic() - began < 5


async def test_hung_actions_fill_the_pool_and_the_next_one_says_so(tmp_path: Path) -> None:
    code = one("import threading\nthreading.Event().wait(9)")
    actions = load(tmp_path, code, timeout_s=0.1)
    for _ in range(THREADS):
        with pytest.raises(ActionFailed, match="took longer"):
            await actions.run(call())
    with pytest.raises(ActionFailed, match=f"not begun within 0.1 s: {THREADS} others still run"):
        await actions.run(call())


async def test_actions_that_nobody_holds_end_their_threads_and_forget_their_modules(tmp_path: Path) -> None:
    body = "import threading\nreturn [SlotSet('a', [threading.get_ident(), __name__])]"
    actions = load(tmp_path, one(body))
    ident, module = (await actions.run(call())).events[0]["value"]
    assert module in sys.modules
    del actions
    until(lambda: module not in sys.modules, "the module is forgotten", timeout_s=5)
    thread = next((each for each in threading.enumerate() if each.ident == ident), None)
    if thread is not None:
        thread.join(5)
        assert not thread.is_alive()


nonsense = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["event", "name", "value", "timestamp", "slot"]) | st.text(max_size=3),
            inner | st.sampled_from(["slot", "form", "active_loop", "followup", "form_validation"]),
            max_size=4,
        )
        | st.tuples(inner)
        | st.sets(st.integers(), max_size=2)
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(returned=nonsense, said=nonsense)
async def test_nonsense_fails_or_becomes_events_that_name_what_happened(
    returned: Any, said: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    actions = _nonsense_bot(tmp_path_factory)
    asked = call(slots={"returned": returned, "said": said})
    try:
        result = await actions.run(asked)
    except (ActionFailed, ActionRejected):
        return
    assert all(isinstance(event["event"], str) and event["event"] for event in result.events)
    assert all(event["name"] and "value" in event for event in result.events if event["event"] == "slot")
    assert all(isinstance(response, dict) for response in result.responses)


_BOTS: list[LocalActions] = []


def _nonsense_bot(factory: pytest.TempPathFactory) -> LocalActions:
    body = "dispatcher.messages = tracker.slots['said']\nreturn tracker.slots['returned']"
    if not _BOTS:
        _BOTS.append(load(factory.mktemp("nonsense"), one(body)))
    return _BOTS[0]
