"""What README and docs name is there: pages, their headings, files, commands."""

import re
from pathlib import Path

import pytest

from deploy.settings import ROOT
from switchboard.__main__ import COMMANDS

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FOLDERS = "services|contracts|deploy|docs|tests|switchboard|bots|foundation|benchmarks|requirements"
OF_A_BOT_OF_YOURS = ("bots/mine/", "tests/http/")


def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text("utf-8"), flags=re.S)


def anchors(page: Path) -> set[str]:
    """The headings of a page, as links name them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_to_a_page_and_a_heading(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if link.startswith("http"):
            continue
        file, _, heading = link.partition("#")
        target = page.parent / file if file else page
        assert target.exists(), link
        assert not heading or heading in anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_file_that_is_named_is_there(page: Path) -> None:
    paths = re.findall(rf"`((?:{FOLDERS})/[\w./*-]+)", page.read_text("utf-8"))
    assert [
        path for path in paths if not path.startswith(OF_A_BOT_OF_YOURS) and not any(ROOT.glob(path))
    ] == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_that_is_named_is_one(page: Path) -> None:
    text = page.read_text("utf-8")
    commands = re.findall(r"(?:^|`|bin/|(?:gateway|worker|nlp|face) )switchboard ([a-z]+)", text, re.M)
    assert set(commands) <= set(COMMANDS)
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.M)) <= targets
