"""A bot's files of any content are read, or their mistakes are named: quickly, and nothing in them runs."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ruamel.yaml.error import YAMLError

from services.nlp.formats.bounded_yaml import MOST_DEPTH, MOST_REPEATED, load_yaml
from services.nlp.formats.loader import read_bot
from tests.fuzzing import JSON, fuzzed

LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)
)
KEYS = [
    "nlu",
    "stories",
    "rules",
    "responses",
    "slots",
    "intents",
    "entities",
    "forms",
    "pipeline",
    "policies",
]
KEYS += ["imports", "session_config", "version", "actions", "engines", "language", "skills"]
SIGNS = [
    "- ",
    "\n",
    "  ",
    ": ",
    "a",
    "intent",
    "examples: |",
    "story",
    "steps",
    "&a ",
    "*a ",
    "!!set ",
    "{",
    "}",
]
SIGNS += [
    "[",
    "]",
    "<<: ",
    "? ",
    "'",
    '"',
    "#",
    "|",
    ">",
    "%",
    "~",
    "1e999",
    "0x1",
    "2001-99-99",
    ".nan",
    "\t",
]
MARKS = [
    "## intent:a\n",
    "## s\n",
    "- ",
    "* ",
    "[",
    "](",
    ")",
    "{",
    "}",
    '"entity"',
    ":",
    "\n",
    "  - slot",
    "> ",
]
MARKS += ["<!--", "-->", "OR", "#", "a", "## regex:a\n", "## lookup:a\n"]
MARKS += ["../x\n", "\x00", "\ufeff", "```\n"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bot's, whose one file the tests write over."""
    return tmp_path_factory.mktemp("bots") / "bot"


def mistakes_of(folder: Path, text: str, name: str = "bot.yml") -> list[str]:
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    (folder / name).write_bytes(text.encode("utf-8", "replace"))
    return read_bot(folder)[1]


@pytest.mark.parametrize("key", KEYS)
def test_aliases_that_grow_a_million_fold_are_a_mistake(folder: Path, key: str) -> None:
    [mistake] = mistakes_of(folder, f"{LAUGHS}{key}: *a9\n")[:1]
    assert mistake.startswith("bot.yml:"), mistake
    assert "repeat too much" in mistake


@pytest.mark.parametrize("text", ["nlu: &a [*a]\n", "responses: &a {utter_a: *a}\n", "&a {nlu: *a}\n"])
def test_a_value_that_holds_itself_is_a_mistake(folder: Path, text: str) -> None:
    assert "holds itself" in mistakes_of(folder, text)[0]


BLOCKS = "nlu:\n" + "".join(" " * depth + "a:\n" for depth in range(1, 200))


@pytest.mark.parametrize("text", ["nlu: " + "[" * 200, "nlu: " + "{a: " * 200, BLOCKS])
def test_what_is_nested_too_deeply_is_a_mistake(folder: Path, text: str) -> None:
    assert "depth" in mistakes_of(folder, text)[0]


@pytest.mark.parametrize("value", ["9" * 100_000, "2001-99-99", "0b2", "1:99:99.9.9"])
def test_a_number_or_a_date_that_is_none_is_no_exception(folder: Path, value: str) -> None:
    mistakes_of(folder, f"version: {value}\n")


@pytest.mark.parametrize(
    "tag",
    [
        '!!python/object/apply:os.system ["touch {}"]',
        "!!python/name:os.system",
        '!!python/object/new:subprocess.Popen [["touch", "{}"]]',
        '!!python/module:os "{}"',
    ],
)
def test_a_tag_that_would_run_code_runs_none(folder: Path, tmp_path: Path, tag: str) -> None:
    mark = tmp_path / "ran"
    mistakes_of(folder, f"nlu: {tag.format(mark)}\nresponses:\n  utter_a: {tag.format(mark)}\n")
    assert not mark.exists()


def test_honest_aliases_and_depths_are_read() -> None:
    many = ", ".join(["*words"] * 50)
    found = load_yaml(
        f"words: &words [a, b]\nall: [{many}]\nbase: &base {{x: 1}}\nmore: {{<<: *base, y: 2}}\n"
    )
    assert found["all"][49] == ["a", "b"]
    assert dict(found["more"]) == {"x": 1, "y": 2}
    assert load_yaml("[" * (MOST_DEPTH - 1) + "]" * (MOST_DEPTH - 1))
    row = f"a: &a [{', '.join(['x'] * 999)}]\n"
    assert load_yaml(f"{row}b: [{', '.join(['*a'] * (MOST_REPEATED // 1000))}]\n")
    with pytest.raises(YAMLError):
        load_yaml(f"{row}b: [{', '.join(['*a'] * (MOST_REPEATED // 1000 + 1))}]\n")


def test_a_bot_names_no_file_outside_its_neighbourhood(folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("pomegranate\n")
    outside = "../" * 30 + str(secret).lstrip("/")
    for name in (str(secret), outside):
        yaml = f"nlu:\n- lookup: fruit\n  examples: |\n    - {name}\n- intent: a\n  examples: |\n    - b\n"
        assert any("is not there" in mistake for mistake in mistakes_of(folder, yaml))
        markdown = f"## lookup:fruit\n{name}\n\n## intent:a\n- b\n"
        assert any("is nowhere" in mistake for mistake in mistakes_of(folder, markdown, "nlu.md"))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "domain.yml").write_text("intents: [pomegranate]\n")
    imported = mistakes_of(folder, f"imports: ['{tmp_path / 'other'}']\n", "config.yml")
    assert any("holds no bot" in mistake for mistake in imported)


@fuzzed
@given(st.lists(st.sampled_from(KEYS), max_size=3), st.lists(st.sampled_from(SIGNS), max_size=25))
@example(["nlu"], ["!!set ", "a"])
def test_any_yaml_is_a_bot_or_mistakes(folder: Path, keys: list[str], signs: list[str]) -> None:
    text = "".join(f"{key}:\n" for key in keys) + "".join(signs)
    assert all(isinstance(mistake, str) for mistake in mistakes_of(folder, text))


@fuzzed
@given(st.dictionaries(st.sampled_from(KEYS), JSON, max_size=4))
@example({"imports": ["a" * 5000]})
@example({"imports": ["\ud800"]})
def test_keys_of_any_value_are_a_bot_or_mistakes(folder: Path, content: dict[str, object]) -> None:
    mistakes_of(folder, json.dumps(content))


@fuzzed
@given(st.lists(st.sampled_from(MARKS), max_size=40).map("".join), st.sampled_from(["nlu.md", "stories.md"]))
@example("## intent:a\n- " + "[a](" * 3000, "nlu.md")
@example("## s\n* a{" + "{" * 5000, "stories.md")
@example('## s\n* a{"x":' + "[" * 5000 + "}", "stories.md")
@example('## s\n* a{"x":' + "9" * 10_000 + "}\n - utter", "stories.md")
@example("<!--" * 3000, "nlu.md")
def test_any_markdown_is_a_bot_or_mistakes(folder: Path, text: str, name: str) -> None:
    mistakes_of(folder, text, name)


@fuzzed
@given(st.binary(max_size=100))
def test_any_bytes_are_yaml_or_none(content: bytes) -> None:
    with suppress(YAMLError):
        load_yaml(content.decode("utf-8", "replace"))
