"""Names in Markdown, and the words for how alike and how well seen."""

import re
from pathlib import Path

import pytest

from contracts.face import Quality
from services.nlp.skills.look_alike import flaw, likeness, ordinal
from services.nlp.skills.markdown import address, bold
from services.nlp.skills.words import CHINESE, ENGLISH
from services.worker.channels.rich_text import rich_text

CLEAR = Quality(eye_distance=60, roll=0, yaw=0, sharpness=150, brightness=120)
NAMES = [
    "Tilda Swinton",
    "*Star* _Under_ **Both**",
    "`code` ~~gone~~ \\",
    "[link](https://example.org)",
    "<b>AT&amp;T</b> <https://example.org>",
    "Robert Downey Jr.",
    "# Not a heading",
    "王菲",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("url", [None, "https://example.org/people/x"])
def test_a_name_is_bold_and_itself_whatever_characters_it_has(name: str, url: str | None) -> None:
    shown = rich_text(f"You look like {bold(name, url)}: yes.")
    assert shown.text == f"You look like {name}: yes."
    spans = {(span.kind, shown.text[span.start : span.end]) for span in shown.spans}
    assert spans == {("bold", name)} | ({("text_link", name)} if url else set())


def test_a_name_over_several_lines_starts_no_paragraph() -> None:
    assert bold("Ann\n\n# Bell") == "**Ann \\# Bell**"


@pytest.mark.parametrize(
    ("template", "alias", "url"),
    [
        ("https://example.org/p/{alias}", "tilda-swinton", "https://example.org/p/tilda-swinton"),
        ("https://example.org/p/{alias}", "a/b?c#d (e)", "https://example.org/p/a%2Fb%3Fc%23d%20%28e%29"),
        ("https://example.org/p/{alias}", "王菲", "https://example.org/p/%E7%8E%8B%E8%8F%B2"),
        ("https://example.org/(p)/{alias}", "x", "https://example.org/%28p%29/x"),
        ("https://example.org/p/{alias}", " ", None),
        ("", "tilda-swinton", None),
    ],
)
def test_a_persons_page_is_the_template_with_the_alias_escaped(
    template: str, alias: str, url: str | None
) -> None:
    assert address(template, alias) == url


def test_closer_than_more_people_is_said_in_stronger_words() -> None:
    said = [likeness(percentile) for percentile in (0, 19.9, 20, 50, 80, 95, 100)]
    words = ["faint", "faint", "some", "clear", "strong", "striking", "striking"]
    assert said == [f"utter_likeness_{word}" for word in words]


@pytest.mark.parametrize(
    ("change", "response"),
    [
        ({}, None),
        ({"eye_distance": 12}, "utter_face_small"),
        ({"brightness": 30}, "utter_face_dark"),
        ({"sharpness": 5}, "utter_face_blurred"),
        ({"eye_distance": 12, "brightness": 30, "sharpness": 5}, "utter_face_small"),
    ],
)
def test_only_what_most_hides_a_face_is_spoken_of(change: dict[str, float], response: str | None) -> None:
    assert flaw(CLEAR.model_copy(update=change)) == response


def test_a_face_of_unknown_quality_is_not_criticized() -> None:
    assert flaw(None) is None


def test_ordinals_are_english() -> None:
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 112)] == [
        *("1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "112th")
    ]


def test_both_languages_say_the_same_things() -> None:
    assert set(CHINESE) == set(ENGLISH)
    facts = {"ordinal": "number"}  # a number has no ending in Chinese
    for name, text in ENGLISH.items():
        said = {facts.get(slot, slot) for slot in re.findall(r"{(\w+)}", text)}
        assert said == set(re.findall(r"{(\w+)}", CHINESE[name])), name


def test_every_response_about_photos_is_in_the_guide() -> None:
    guide = Path("docs/bots.md").read_text("utf-8")
    ours = [name for name in ENGLISH if name.startswith(("utter_face_", "utter_photo_", "utter_likeness_"))]
    assert len(ours) > 15
    missing = [name for name in ours if f"`{name}`" not in guide and f"`_{name.split('_')[-1]}`" not in guide]
    assert missing == []
