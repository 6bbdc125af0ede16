"""The line behind a text that came to no end."""

import pytest

from contracts.reply import Button, Reply
from services.worker.channels.marks import closed, marked
from services.worker.channels.rich_text import rich_text


def test_the_mark_is_the_last_paragraph_and_the_rest_of_the_reply_stays() -> None:
    again = Button(title="Again", payload="/again")
    reply = marked(Reply(text="Once upon", buttons=(again,)), "Stopped.")
    assert reply == Reply(text="Once upon\n\n_Stopped._", buttons=(again,))


def test_a_reply_without_text_is_the_mark_alone() -> None:
    assert marked(Reply(), "已停止。").text == "_已停止。_"


@pytest.mark.parametrize("text", ["```py\nprint(1)", "~~~\na ``` b", "```\na\n```\nthen\n````md\n```"])
def test_no_program_swallows_the_mark(text: str) -> None:
    shown = rich_text(marked(Reply(text=text), "Stopped.").text)
    assert shown.text.endswith("Stopped.")
    assert "_" not in shown.text
    assert closed(text) == closed(closed(text))


@pytest.mark.parametrize("text", ["", "words", "```\na\n```", "a ``` b"])
def test_what_is_closed_stays_as_it_is(text: str) -> None:
    assert closed(text) == text
