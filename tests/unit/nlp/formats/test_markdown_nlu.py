"""nlu.md of Rasa 1 becomes examples, synonyms, patterns and lookup tables."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.nlp.formats.bot import Bot, Example, Lookup, Mention, Pattern
from services.nlp.formats.markdown_nlu import read_markdown


def read(folder: Path, text: str | bytes, name: str = "nlu.md") -> tuple[Bot, list[str]]:
    """The bot of this one file, and its mistakes."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    bot, mistakes = Bot("any"), list[str]()
    read_markdown(path, folder, mistakes, bot)
    return bot, mistakes


def test_the_four_kinds_of_sections_are_read(tmp_path: Path) -> None:
    bot, mistakes = read(
        tmp_path,
        "## intent:go\n- to [Rome](city)\n* to [NY](city:New York)\n+ back\n\n"
        "## intent:faq/ask_name\n- who are you\n"
        "## synonym:Bologna\n- BLQ\n## regex:zip\n- [0-9]{5}\n## lookup:city\n- Rome\n- Paris\n",
    )
    assert mistakes == []
    assert bot.examples == [
        Example("go", "to Rome", (Mention(3, 7, "city", "Rome"),)),
        Example("go", "to NY", (Mention(3, 5, "city", "New York"),)),
        Example("go", "back"),
        Example("faq", "who are you", (), "ask_name"),
    ]
    assert bot.synonyms == {"ny": "New York", "blq": "Bologna"}
    assert bot.patterns == [Pattern("zip", "[0-9]{5}")]
    assert bot.lookups == [Lookup("city", ("Rome", "Paris"))]
    assert bot.format_version == "1"


def test_comments_are_left_out_and_lines_still_counted(tmp_path: Path) -> None:
    text = "<!-- one\ntwo -->\n## intent:a <!-- greets -->\n- hi <!-- x -->\n- [b]{c}\n"
    bot, mistakes = read(tmp_path, text)
    assert bot.examples == [Example("a", "hi")]
    assert mistakes == [
        'nlu.md:5: intent: {c} is no JSON; allowed: [text](entity) or [text]{"entity": "name"}'
    ]


def test_a_comment_that_never_ends_is_none(tmp_path: Path) -> None:
    bot, _ = read(tmp_path, "## intent:a <!-- x -->\n- hi\n<!-- open\n- ho\n")
    assert [example.text for example in bot.examples] == ["hi", "ho"]
    assert bot.warnings == ["nlu.md:3: a line without a dash is left out"]


@pytest.mark.parametrize("piece", ["<!--", "## intent:a\n", "## lookup:a\n- b\n", "- b\n", "* a\n- b\n"])
def test_a_long_file_is_read_at_once(tmp_path: Path, piece: str) -> None:
    started = time.process_time()
    read(tmp_path, "## lookup:x\n" + piece * (100_000 // len(piece)))
    assert time.process_time() - started < 2


def test_every_mistake_is_told_with_its_line(tmp_path: Path) -> None:
    _, mistakes = read(
        tmp_path,
        "## intents:a\n- hi\n## regex:b\n- [0-9\n- a{99999999999}\n"
        "## lookup:c\nwords.txt\n## synonym:\n- x\n",
    )
    assert mistakes == [
        "nlu.md:1: ##: the section 'intents'; allowed: intent, synonym, regex, lookup",
        "nlu.md:4: regex: the pattern '[0-9' (unterminated character set at position 0); "
        "allowed: a regular expression",
        "nlu.md:5: regex: the pattern 'a{99999999999}' (the repetition number is too large); "
        "allowed: a regular expression",
        "nlu.md:7: lookup: the file 'words.txt' is nowhere; allowed: a file of one word a line",
        "nlu.md:8: synonym: a section without a name; allowed: ## synonym:name",
    ]


@pytest.mark.parametrize("line", ["cities.txt", "- cities.txt", "  data/cities.txt"])
def test_a_lookup_may_name_a_file_beside_it_or_below_the_bot(tmp_path: Path, line: str) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "cities.txt").write_text("Rome\n\n北京\n", "utf-8")
    (folder / "nlu.md").write_text(f"## lookup:city\n{line}\n", "utf-8")
    bot, mistakes = Bot("any"), list[str]()
    read_markdown(folder / "nlu.md", tmp_path, mistakes, bot)
    assert (bot.lookups, mistakes) == ([Lookup("city", ("Rome", "北京"))], [])


def test_a_forgotten_dash_is_a_warning(tmp_path: Path) -> None:
    bot, mistakes = read(tmp_path, "## intent:a\nhi\n- ho\n")
    assert [example.text for example in bot.examples] == ["ho"]
    assert (mistakes, bot.warnings) == ([], ["nlu.md:2: a line without a dash is left out"])


def test_a_heading_without_a_kind_is_a_remark_inside_a_section(tmp_path: Path) -> None:
    bot, _ = read(tmp_path, "## intent:a\n- hi\n## from the users\n- hello\n")
    assert [(e.intent, e.text) for e in bot.examples] == [("a", "hi"), ("a", "hello")]


def test_a_heading_behind_a_dash_is_still_one(tmp_path: Path) -> None:
    bot, _ = read(tmp_path, "## synonym:a\n- b\n- ## synonym:c\n- d\n")
    assert bot.synonyms == {"b": "a", "d": "c"}


def test_examples_and_stories_may_share_a_file(tmp_path: Path) -> None:
    bot, mistakes = read(tmp_path, "## intent:a\n- hi\n## story\n* a\n  - utter_a\n## intent:b\n- ho\n")
    assert mistakes == []
    assert [example.intent for example in bot.examples] == ["a", "b"]
    assert [(story.name, story.line, len(story.steps)) for story in bot.stories] == [("story", 3, 2)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("README.md", "# Bot\n## Usage\n* greet\n  - run\n"),
        ("README.md", "# Bot\n```\n## intent:a\n- hi\n```\n"),
        ("notes.md", "## Install it\n\n* First do this:\n  - and then that\n\n> Note well\n"),
        ("empty.md", ""),
    ],
)
def test_prose_is_left_alone(tmp_path: Path, name: str, text: str) -> None:
    assert read(tmp_path, text, name) == (Bot("any"), [])


def test_answers_of_retrieval_intents_become_responses(tmp_path: Path) -> None:
    bot, mistakes = read(
        tmp_path, "## name\n* faq/ask_name\n  - I am Sara.\n  - Sara!\n\n## age\n* faq/ask_age\n  - Two.\n"
    )
    assert mistakes == []
    assert {name: [v.text for v in said] for name, said in bot.responses.items()} == {
        "utter_faq/ask_name": ["I am Sara.", "Sara!"],
        "utter_faq/ask_age": ["Two."],
    }


def test_a_file_that_is_no_text_is_told_of(tmp_path: Path) -> None:
    assert read(tmp_path, b"## intent:a\n- \xff\n")[1] == ["nlu.md:1: not UTF-8; allowed: text in UTF-8"]


@pytest.mark.parametrize(
    ("file", "examples", "mentions", "synonyms", "patterns"),
    [
        ("chitchat-zh-1x/data/nlu/chitchat_nlu.md", 144, 0, 0, 0),
        ("chitchat-zh-1x/data/nlu/number_nlu.md", 108, 128, 33, 2),
        ("chitchat-zh-1x/data/nlu/weather_nlu.md", 62, 68, 0, 0),
        ("medicare-1x/data/nlu_data.md", 944, 208, 8, 1),
    ],
)
def test_every_line_of_public_bots_is_understood(
    test_data: Path, file: str, examples: int, mentions: int, synonyms: int, patterns: int
) -> None:
    path = test_data / "nlu/bots" / file
    bot, mistakes = Bot("any"), list[str]()
    read_markdown(path, test_data, mistakes, bot)
    found = (
        len(bot.examples),
        sum(len(e.mentions) for e in bot.examples),
        len(bot.synonyms),
        len(bot.patterns),
    )
    assert found == (examples, mentions, synonyms, patterns)
    assert (mistakes, bot.warnings) == ([], [])


_LINES = st.sampled_from(
    [
        "## intent:a",
        "## lookup:b",
        "## regex:c",
        "## synonym:d",
        "## x",
        "- [a]{",
        "- (",
        "words.txt",
        "* a{",
        "> c{",
        "* a",
        "- b",
    ]
)


@given(text=st.lists(_LINES | st.text(max_size=12)).map("\n".join).map(str.encode) | st.binary(max_size=60))
def test_whatever_a_file_holds_nothing_is_raised(
    tmp_path_factory: pytest.TempPathFactory, text: bytes
) -> None:
    bot, mistakes = read(tmp_path_factory.getbasetemp(), text, "fuzz.md")
    assert all(mistake.startswith("fuzz.md:") and "; allowed: " in mistake for mistake in mistakes)
    assert bot.format_version in "13"
