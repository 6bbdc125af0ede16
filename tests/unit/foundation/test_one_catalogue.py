"""What people read stands in the catalogue: the rooms' sources hold no phrases of their own in Chinese."""

import io
import re
import tokenize
from pathlib import Path

import services

ROOT = Path(services.__file__).parent
HAN = re.compile("[\u3400-\u9fff]{2}")
RAW = re.compile("f?r", re.IGNORECASE)
"""Begins a pattern: what people write, not what they read."""
UNDERSTANDING = {
    *(f"nlp/nlu/{name}.py" for name in ("quantities", "script")),
    *(f"nlp/skills/{name}.py" for name in ("choosing", "days", "lunar", "places", "spelled", "units")),
    *(f"nlp/skills/{name}.py" for name in ("calendar", "topics")),
    "gateway/channels/slack.py",
}
"""Words that people write, and names of days and units: tables of what is understood, not of what is said."""
RESPONSES = {"nlp/skills/words.py"}
"""The bots' own responses, which their domains may word anew."""


def chinese_in(path: Path) -> list[str]:
    """The string literals with Chinese words in them, but for patterns and docstrings."""
    tokens = list(tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline))
    parts = (tokenize.NEWLINE, tokenize.INDENT, tokenize.NL, tokenize.ENCODING, tokenize.COMMENT)
    found = []
    for before, token in zip([None, *tokens], tokens, strict=False):
        begins = before is None or before.type in parts
        is_docstring = begins and token.string.startswith('"""')
        is_read = token.type == tokenize.STRING and not is_docstring and not RAW.match(token.string)
        if is_read and HAN.search(token.string):
            found.append(token.string)
    return found


def test_no_module_words_in_chinese_what_the_catalogue_should() -> None:
    sources = {path.relative_to(ROOT).as_posix(): chinese_in(path) for path in sorted(ROOT.rglob("*.py"))}
    with_chinese = {name for name, found in sources.items() if found}
    assert with_chinese - UNDERSTANDING - RESPONSES == set()


def test_the_list_of_exceptions_names_only_modules_that_need_it() -> None:
    assert {name for name in UNDERSTANDING | RESPONSES if not chinese_in(ROOT / name)} == set()
