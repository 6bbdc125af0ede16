"""prompts.yml: personas, where they answer, and its mistakes by file, line and key."""

from pathlib import Path

import pytest

from contracts.conversation import Conversation
from services.nlp.formats.prompts import Prompts, prompts_path, read_prompts
from services.nlp.formats.source import Source
from tests.unit.nlp.folders import mistakes

ROOT = Path(__file__).parents[4]
PROMPTS = """\
personas:
  plain: {instructions: Be plain.}
  office:
    title: For the office
    instructions:
      - Be brief.
      - {text: Look it up., needs_tool: web_search}
rules:
  - {channel: slack, bot: T1, chat: "C1*", persona: office}
  - {channel: telegram, persona: office}
default: plain
"""


def _read(folder: Path, text: str = PROMPTS) -> tuple[Prompts, list[str]]:
    path = folder / "prompts.yml"
    path.write_text(text, "utf-8")
    found: list[str] = []
    return read_prompts(Source(path, folder, found)), found


@pytest.mark.parametrize(
    ("conversation", "persona"),
    [
        ("slack:T1:C12:1.2", "office"),
        ("slack:T1:D12", "plain"),
        ("slack:T2:C12", "plain"),
        ("telegram:main:7", "office"),
        ("web:c1", "plain"),
    ],
)
def test_the_first_rule_that_fits_names_the_persona(tmp_path: Path, conversation: str, persona: str) -> None:
    prompts, found = _read(tmp_path)
    assert found == []
    assert prompts.name_for(Conversation.parse(conversation)) == persona


def test_what_needs_a_tool_is_left_out_where_there_is_none(tmp_path: Path) -> None:
    office = _read(tmp_path)[0].personas["office"]
    assert office.prompt() == "Be brief."
    assert office.prompt(frozenset({"web_search"})) == "Be brief.\nLook it up."


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("personas:\n  a: {}\n", "prompts.yml:2: a: no instructions; allowed: a text, or a list of texts"),
        ("personas: {}\n", "prompts.yml:1: personas: no persona"),
        ("personas:\n  a: {instructions: x, tone: y}\n", "prompts.yml:2: tone: the key 'tone'"),
        ("personas:\n  a: {instructions: x}\ndefault: b\n", "prompts.yml:3: default: the persona 'b'"),
        (
            "personas:\n  a: {instructions: x}\nrules:\n  - {chat: c}\n  - {persona: z}\n",
            "prompts.yml:5: persona: the persona 'z'; allowed: a",
        ),
        (
            "personas:\n  a: {instructions: x}\nrules:\n  - {persona: a, channel: fax}\n",
            "prompts.yml:4: channel: the channel 'fax'; allowed: telegram, slack, web",
        ),
        ("personas: [\n", "prompts.yml:2:"),
    ],
)
def test_a_mistake_names_file_line_key_and_what_is_allowed(tmp_path: Path, text: str, mistake: str) -> None:
    found = _read(tmp_path, text)[1]
    assert any(line.startswith(mistake) for line in found), found


def test_a_bot_with_wrong_prompts_is_refused_like_any_wrong_file(tmp_path: Path) -> None:
    rules = "- rule: r\n  steps: [{intent: hi}, {action: utter_hi}]"
    nlu = "nlu: [{intent: hi, examples: '- hi'}]"
    bot = f"{nlu}\nintents: [hi]\nresponses: {{utter_hi: [{{text: hi}}]}}\nrules:\n{rules}\n"
    assert mistakes(tmp_path, bot=bot) == []
    assert mistakes(tmp_path, bot=bot, prompts="personas: {}")[0].startswith("prompts.yml:1:")


def test_the_demo_bots_house_rules_search_the_web_only_with_a_tool_for_it() -> None:
    path = prompts_path(ROOT / "bots" / "demo")
    assert path
    taiwan = read_prompts(Source(path, path.parent, [])).personas["taiwan"]
    assert "上網" not in taiwan.prompt()
    assert "上網" in taiwan.prompt(frozenset({"web_search"}))
