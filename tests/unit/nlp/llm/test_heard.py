"""Tool calls put together from what servers stream, each in its own way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.nlp.engines.llm.heard import Heard
from services.nlp.engines.llm.parts import CallPart, Filtered, Refused, ToolCall
from services.nlp.engines.llm.tools.running import MAX_CALLS
from services.nlp.engines.llm.transcript import Transcript

TWO = [("a", '{"x": 1}'), ("b", '{"y": 2}')]


def _heard(*parts: CallPart) -> list[tuple[str, str]]:
    heard = Heard()
    for part in parts:
        heard.take(part)
    return [(call.name, call.arguments) for call in heard.calls]


@pytest.mark.parametrize(
    "parts",
    [
        [  # OpenAI: numbered, named once, arguments in pieces, here of both at once
            CallPart(0, "c1", "a"),
            CallPart(1, "c2", "b"),
            CallPart(0, arguments='{"x": '),
            CallPart(1, arguments='{"y": 2}'),
            CallPart(0, arguments="1}"),
        ],
        [CallPart(0, "c1", "a", '{"x": 1}'), CallPart(0, "c2", "b", '{"y": 2}')],  # every call is number 0
        [CallPart(None, "c1", "a", '{"x": 1}'), CallPart(None, "c2", "b", '{"y": 2}')],  # no numbers
        [CallPart(None, "", "a", '{"x": 1}'), CallPart(None, "", "b", '{"y": 2}')],  # neither numbers nor ids
        [CallPart(0, "", "a", '{"x": 1}'), CallPart(0, "", "b", '{"y": 2}')],
        [  # name and id with every piece
            CallPart(0, "c1", "a", '{"x":'),
            CallPart(0, "c1", "a", " 1}"),
            CallPart(1, "c2", "b", '{"y": 2}'),
        ],
        [
            CallPart(None, "c1", "a", '{"x"'),
            CallPart(None, arguments=": 1}"),
            CallPart(None, "c2", "b"),
            CallPart(None, "c2", arguments='{"y": 2}'),
        ],
    ],
)
def test_calls_are_told_apart_by_number_id_or_name(parts: list[CallPart]) -> None:
    assert _heard(*parts) == TWO


@given(
    st.lists(
        st.builds(
            CallPart,
            st.none() | st.integers(-1, 3),
            st.sampled_from(["", "c1", "c2"]),
            st.sampled_from(["", "a", "b c", "é" * 99]),
            st.text(max_size=9),
        ),
        max_size=9,
    )
)
def test_whatever_is_streamed_becomes_calls_that_a_server_takes_back(parts: list[CallPart]) -> None:
    heard, transcript = Heard(), Transcript()
    for part in parts:
        heard.take(part)
    transcript.hear(heard, "")
    transcript.call(heard, posts=1)
    calls = transcript.waiting()
    assert sorted("".join(c.arguments for c in calls)) == sorted("".join(p.arguments for p in parts))
    assert len({call.id for call in calls}) == len(calls)
    for call in calls:
        assert len(call.id) == 9
        assert call.id.isalnum()
        assert 1 <= len(call.name) <= 64
        assert call.name.isascii()
        assert call.sent_back.startswith("{")


def test_arguments_that_are_no_object_are_sent_back_as_none() -> None:
    sent = [ToolCall("c", "a", text).sent_back for text in ('{"x": 1}', "[1]", '{"x"', "", "[" * 100_000)]
    assert sent == ['{"x": 1}', "{}", "{}", "{}", "{}"]


def test_an_answer_that_was_refused_or_filtered_calls_nothing() -> None:
    for end in (Refused("no"), Filtered()):
        heard = Heard()
        heard.take(CallPart(0, "c1", "a", "{}"))
        assert heard.wants_tools
        heard.take(end)
        assert not heard.wants_tools


def test_of_a_thousand_calls_in_one_answer_a_few_are_kept() -> None:
    heard, talk = Heard(), Transcript(rounds=1)
    for number in range(1000):
        heard.take(CallPart(number, f"c{number}", "a", "{}"))
    talk.call(heard, posts=0)
    assert MAX_CALLS < len(talk.waiting()) <= 2 * MAX_CALLS
