"""A chunk of Chat Completions as parts of an answer: servers leave out, null and wrap what they like."""

import json
from collections.abc import Iterator
from typing import Any

from openai import OpenAIError

from services.nlp.engines.llm.parts import CallPart, CutOff, Filtered, Part, Refused, Spent

Json = dict[str, Any]


def parts_of(chunk: Any) -> Iterator[Part]:
    """The parts, "" for a sign of life; raises OpenAIError where the chunk tells of an error."""
    told = _mapping(chunk)
    if told.get("error") or told.get("object") == "error":  # the second: older vLLM
        raise OpenAIError("an error in place of an answer")
    yield from _spent(_mapping(told.get("usage")))
    choices = _listed(told.get("choices"))
    if not choices:  # the usage chunk has none
        return
    choice = _mapping(choices[0])
    delta = _mapping(choice["delta"] if "delta" in choice else choice.get("message"))
    yield _text(delta.get("content"))
    if refusal := _text(delta.get("refusal")):
        yield Refused(refusal)
    yield from (_call(call) for call in _listed(delta.get("tool_calls")) if isinstance(call, dict))
    reason = choice.get("finish_reason")
    if reason == "content_filter":
        yield Filtered()
    elif reason == "length":
        yield CutOff()


def _spent(usage: Json) -> Iterator[Spent]:
    prompt, completion = usage.get("prompt_tokens"), usage.get("completion_tokens")
    if isinstance(prompt, int):
        yield Spent(prompt, completion if isinstance(completion, int) else 0)


def _call(call: Json) -> CallPart:
    function, place = _mapping(call.get("function")), call.get("index")
    arguments = function.get("arguments")
    if isinstance(arguments, dict):  # an object where a text is due
        arguments = json.dumps(arguments, ensure_ascii=False)
    return CallPart(
        place if isinstance(place, int) else None,
        _text(call.get("id")),
        _text(function.get("name")),
        _text(arguments),
    )


def _text(content: Any) -> str:
    """A text, or the texts of a list of parts: what a model thinks is of another type."""
    if isinstance(content, str):
        return content
    parts = (_mapping(part) for part in _listed(content))
    return "".join(str(part.get("text") or "") for part in parts if part.get("type") == "text")


def _mapping(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
