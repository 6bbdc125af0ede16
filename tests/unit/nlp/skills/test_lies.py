"""Sources that answer in the right shape and lie in it: any value of an answer may be anything."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from foundation.words import say
from services.nlp.skills.base import Answer, Asked, SkillProblem
from tests.skill_samples import OUTWARD, SAMPLES
from tests.unit.nlp.skills.sources import Web

URL = "https://source.example"
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
LIES: tuple[Any, ...] = (
    *(None, True, -1, 0, 10**400, 1e308, float("nan"), float("inf")),
    *("", " ", "-", "\x00", "\ud83d", "\u202e"),
    *("9" * 5000, "x" * 30_000, "行" * 5000, "[a](javascript:b) *c* `d` <b>e</b>", "\n\n# f\n", "{g} {0} %s"),
    *([], {}, [[]], [None], {"a": 1}, [{"a": []}], "https://", "javascript:alert(1)", "file:///etc/passwd"),
)


def lied(truth: Any, lie: Any) -> Iterator[Any]:
    """The answer with each of its values in turn replaced by the lie."""
    yield lie
    inner = truth.items() if isinstance(truth, dict) else enumerate(truth) if isinstance(truth, list) else ()
    for key, value in inner:
        for other in lied(value, lie):
            changed = dict(truth) if isinstance(truth, dict) else list(truth)
            changed[key] = other
            yield changed


class Liar:
    """A skill whose source is told what to say."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.says = {f"{URL}/{path}": answer for path, answer in SAMPLES[name].says.items()}
        self.web = Web(**self.says)
        settings = {**dict.fromkeys(SAMPLES[name].urls, URL), **SAMPLES[name].settings}
        self.workshop = self.web.workshop(**settings)

    async def answer(self, **lies: Any) -> Answer | SkillProblem:
        """By address."""
        self.web.pages = {**self.says, **lies}
        self.web.requests.clear()
        skill = self.workshop.make(Path("none"), (self.name,))[self.name]
        try:
            found = await skill.run(Asked(SAMPLES[self.name].args, "en", NOW))
        except SkillProblem as problem:
            return problem
        assert isinstance(found, Answer)
        return found


@pytest.mark.parametrize("name", [name for name in OUTWARD if name != "news"])
async def test_no_lie_is_more_than_an_answer_or_a_sentence(name: str) -> None:
    liar = Liar(name)
    assert isinstance(await liar.answer(), Answer)
    for address, truth in liar.says.items():
        contents = {json.dumps(answer).encode() for lie in LIES for answer in lied(truth, lie)}
        for content in contents:
            found = await liar.answer(**{address: content})
            if isinstance(found, SkillProblem):
                assert found.key != "skill_failed", content[:500]
                assert say(found.key, "en", **found.places)
            else:
                assert len(found.reply.model_dump_json()) < 20_000
                assert not re.search(r"(?<!\\)\]\((?!https?://)", found.reply.text), content[:500]
                json.dumps(found.facts).encode()
