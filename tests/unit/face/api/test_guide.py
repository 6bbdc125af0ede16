"""The guide says what the API does."""

import re
from pathlib import Path

import pytest

from contracts.problem import PROBLEM_MEDIA_TYPE
from services.face.bodies import MAX_PHOTOS, ONE_PHOTO_BYTES, PHOTOS_BYTES
from services.face.compreface import probability, similarity
from tests.unit.face.api.stand import document

GUIDE = (Path(__file__).parents[4] / "docs" / "face-api.md").read_text("utf-8")
API = "/api/v1/recognition"


def codes() -> dict[str, int]:
    """Each error's code and status, from the examples of OpenAPI."""
    return {
        code: int(status)
        for method, path in document().operations()
        for status, response in document().operation(method, path)["responses"].items()
        for code in response.get("content", {}).get(PROBLEM_MEDIA_TYPE, {}).get("examples", {})
    }


@pytest.mark.parametrize(("code", "status"), codes().items())
def test_every_code_is_told_beside_its_status(code: str, status: int) -> None:
    rows = [line for line in GUIDE.splitlines() if line.startswith(f"| {status} |")]
    assert any(f"`{code}`" in row for row in rows)


@pytest.mark.parametrize("path", sorted({path for _, path in document().operations()}))
def test_every_path_is_told(path: str) -> None:
    if path.startswith(API):
        assert path.removeprefix(API) in GUIDE
        return
    if path.endswith("/batch"):
        path = path.removesuffix("/batch")
        assert "/batch" in GUIDE
    short = path.replace("/v1/galleries/{gallery}/identities/{identity}", "…/identities/{id}")
    assert short.replace("{gallery}", "{g}") in GUIDE


def test_the_limits_are_told() -> None:
    assert f"photos in one request | {MAX_PHOTOS} |" in GUIDE
    one, several = ONE_PHOTO_BYTES // 10**6, PHOTOS_BYTES // 10**6
    assert f"a body | {one} MB with one photo, {several} MB with several" in GUIDE


@pytest.mark.parametrize(
    ("distance", "told"), [(0.6, "0.5 at a distance of 0.6"), (0.33, "about 0.98"), (0.9, "0.01 for two")]
)
def test_the_similarity_is_told(distance: float, told: str) -> None:
    assert told in re.sub(r"\s+", " ", GUIDE)
    assert f"{round(similarity(distance), 2):g}" in told


@pytest.mark.parametrize(
    ("score", "told"), [(0, "0.5 at the score 0"), (0.5, "0.88 at 0.5"), (1, "0.98 at 1")]
)
def test_the_probability_is_told(score: float, told: str) -> None:
    assert told in re.sub(r"\s+", " ", GUIDE)
    assert f"{round(probability(score), 2):g}" in told
