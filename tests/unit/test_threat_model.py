"""docs/threat-model.md names tests that exist, one at least for each threat."""

import re

import pytest

from deploy.settings import ROOT

TEXT = (ROOT / "docs" / "threat-model.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", TEXT)))
ROWS = [line for line in TEXT.splitlines() if line.startswith("| ") and "---" not in line][1:]


@pytest.mark.parametrize(("path", "test"), NAMED)
def test_a_test_that_is_named_exists(path: str, test: str) -> None:
    content = (ROOT / path).read_text("utf-8")
    assert re.search(rf"^(async )?def {test or 'test_'}", content, re.MULTILINE)


def test_every_threat_has_a_test() -> None:
    assert len(ROWS) > 15
    for row in ROWS:
        assert "`tests/" in row.split("|")[3], row
