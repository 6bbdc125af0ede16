"""What some models think aloud before they answer, between <think> and </think>: no part of the answer."""

from typing import Literal

_OPEN = "<think>"
_CLOSE = "</think>"


class Thinking:
    """Takes an answer's words as they come, and gives those that are for the person."""

    def __init__(self) -> None:
        self._held = ""
        """What may yet be the beginning, or the end, of a thought."""
        self._place: Literal["before", "inside", "behind", "answer"] = "before"

    def without(self, words: str) -> str:
        """Of all words so far, those that can be told now."""
        if self._place == "answer":
            return words
        self._held += words
        if self._place == "before":
            begun = self._held.lstrip()
            if len(begun) < len(_OPEN) and _OPEN.startswith(begun):
                return ""
            if not begun.startswith(_OPEN):
                return self._answer(self._held)
            self._place, self._held = "inside", begun.removeprefix(_OPEN)
        if self._place == "inside":
            _, end, behind = self._held.partition(_CLOSE)
            if not end:
                self._held = self._held[-len(_CLOSE) :]
                return ""
            self._place, self._held = "behind", behind
        told = self._held.lstrip()
        return self._answer(told) if told else ""

    def rest(self) -> str:
        """What was held back when the stream has ended."""
        return self._held if self._place == "before" else ""

    def _answer(self, told: str) -> str:
        self._place, self._held = "answer", ""
        return told
