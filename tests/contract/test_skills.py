"""One suite for every shipped skill: what it says of itself, and what it says when its source lies."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from contracts.turn import TurnNeed
from foundation.words import LANGUAGES, catalogue, say
from services.nlp.settings import NlpSettings
from services.nlp.skills.base import Answer, ArgumentMissing, Asked, Skill, SkillProblem
from services.nlp.skills.names import RESERVED, SHIPPED, known
from tests.fakes.source_server import FAULTS, SourceServer
from tests.skill_kit import workshop
from tests.skill_samples import OUTWARD, SAMPLES

DAY = datetime(2026, 3, 4, 12, tzinfo=UTC)
DEADLINE_S = 1.0
"""For sources that fail; one of them never answers."""
PATIENCE_S = 30


@pytest.fixture(scope="module")
def server() -> Iterator[SourceServer]:
    server = SourceServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


def made(name: str, server: SourceServer, http: httpx.AsyncClient, timeout_s: float = PATIENCE_S) -> Skill:
    """The skill as a bot has it, its source being the server."""
    server.reset()
    sample = SAMPLES[name]
    for path, content in sample.says.items():
        server.says(path, content)
    settings = {**dict.fromkeys(sample.urls, server.url), **sample.settings}
    return workshop(http, timeout_s=timeout_s, **settings).make(SHIPPED.parent, (name,))[name]


def asked(name: str, language: str = "en", **more: Any) -> Asked:
    return Asked(SAMPLES[name].args, language, DAY, **more)  # type: ignore[arg-type]


def test_every_shipped_skill_has_a_sample() -> None:
    assert {*known(Path("no-such-bot"))} == {*SAMPLES}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_skill_says_what_it_is(name: str, server: SourceServer, http: httpx.AsyncClient) -> None:
    skill = made(name, server, http)
    assert (skill.name, name in RESERVED) == (name, False)
    assert re.fullmatch("[a-z][a-z0-9_]{0,31}", name)
    assert re.fullmatch(r"[A-Z][^\n]{10,300}\.", skill.description)
    assert bool(skill.hosts) == bool(SAMPLES[name].urls)


@pytest.mark.parametrize("name", SAMPLES)
def test_its_parameters_are_a_schema_of_plain_values(
    name: str, server: SourceServer, http: httpx.AsyncClient
) -> None:
    schema = made(name, server, http).parameters
    assert schema["type"] == "object"
    assert {*schema.get("required", ())} <= {*schema["properties"]}
    assert {*SAMPLES[name].args} <= {*schema["properties"]}
    for argument in schema["properties"].values():
        assert argument["type"] in ("string", "integer", "number", "boolean")


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_help_shows_its_command(name: str, language: str) -> None:
    assert f"`/{name}" in say(f"help_{name}", language)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", OUTWARD)
def test_its_default_sources_are_https_and_declared(name: str, http: httpx.AsyncClient) -> None:
    skill = workshop(http, **SAMPLES[name].settings).make(SHIPPED.parent, (name,))[name]
    for setting in SAMPLES[name].urls:
        urls = re.findall(r'https?://[^"\s]+', NlpSettings.model_fields[setting.lower()].default)
        assert urls
        for url in map(httpx.URL, urls):
            assert url.scheme == "https"
            assert any(host == url.host or "{" in url.host for host in skill.hosts)


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_it_answers_in_every_language(
    name: str, language: str, server: SourceServer, http: httpx.AsyncClient
) -> None:
    answer = await made(name, server, http).run(asked(name, language))
    if need := SAMPLES[name].needs:
        assert isinstance(answer, TurnNeed)
        assert answer.kind == need
        return
    assert isinstance(answer, Answer)
    assert answer.reply.text
    assert answer.facts


@pytest.mark.parametrize("name", SAMPLES)
async def test_without_arguments_it_answers_or_asks_in_a_sentence(
    name: str, server: SourceServer, http: httpx.AsyncClient
) -> None:
    try:
        answer = await made(name, server, http).run(Asked({}, "en", DAY))
        assert isinstance(answer, Answer | TurnNeed)
    except SkillProblem as problem:
        _assert_worded(problem)


@pytest.mark.parametrize("name", SAMPLES)
async def test_arguments_of_any_shape_end_in_a_sentence(
    name: str, server: SourceServer, http: httpx.AsyncClient
) -> None:
    skill = made(name, server, http)
    for value in ("", " ", "x" * 5000, 7, -1, True, [], {"a": 1}, "\u0000", "../../etc/passwd", "🙂"):
        args = dict.fromkeys(skill.parameters["properties"], value)
        try:
            await skill.run(Asked(args, "en", DAY))
        except SkillProblem as problem:
            _assert_worded(problem)


@pytest.mark.parametrize("name", OUTWARD)
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_source_that_fails_or_lies_is_a_sentence_in_time(
    name: str, fault: str, server: SourceServer, http: httpx.AsyncClient
) -> None:
    skill = made(name, server, http, DEADLINE_S)
    server.lie(fault)
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(SkillProblem) as problem:
            await skill.run(asked(name))
    assert not isinstance(problem.value, ArgumentMissing)
    _assert_worded(problem.value)


def _assert_worded(problem: SkillProblem) -> None:
    """In a sentence of its own: `skill_failed` is said where the code has raised something else."""
    assert problem.key != "skill_failed"
    for language in LANGUAGES:
        assert say(problem.key, language, **problem.places)
        assert problem.key in catalogue(language)
