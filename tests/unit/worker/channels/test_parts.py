"""Replies as messages of each platform."""

import pytest
from telegram import InlineKeyboardMarkup

from contracts.reply import Button, Reply
from services.worker.channels.slack_parts import ROOM, slack_parts
from services.worker.channels.telegram_parts import telegram_parts


def callbacks(markup: InlineKeyboardMarkup) -> list[object]:
    return [row[0].callback_data for row in markup.inline_keyboard]


@pytest.mark.parametrize("parts", [telegram_parts, slack_parts])
def test_a_reply_that_says_nothing_is_no_message(parts: object) -> None:
    assert callable(parts)
    assert parts(Reply(text=" \n ")) == ()


def test_a_payload_that_is_too_long_is_named_in_the_keyboard_and_kept_beside_it() -> None:
    longer = Button(title="天" * 30, payload="y" * 65)
    [part] = telegram_parts(Reply(buttons=(Button(title="t", payload="z" * 64), longer)))
    assert part.keyboard
    short, name = callbacks(part.keyboard)
    assert short == "z" * 64
    assert part.long_payloads == ((name, longer.payload),)
    assert len(str(name).encode()) <= 64


LISTEN = Button(title="Listen", payload="x" * 90, url="https://widget.example/?id=1&type=song")


def test_a_button_with_a_page_opens_it_and_says_nothing() -> None:
    [part] = telegram_parts(Reply(text="Blue", buttons=(LISTEN, Button(title="Yes", payload="/affirm"))))
    assert part.keyboard
    [[listen], [yes]] = part.keyboard.inline_keyboard
    assert (listen.url, listen.callback_data, yes.callback_data) == (LISTEN.url, None, "/affirm")
    assert part.long_payloads == ()
    [pressed, _] = slack_parts(Reply(text="Blue", buttons=(LISTEN, LISTEN)))[0].blocks()[-1]["elements"]
    assert (pressed["url"], pressed["action_id"], "value" in pressed) == (LISTEN.url, "link:0", False)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "ftp://x.example", "https://", "https://a b", "mailto:a@b"]
)
def test_a_page_that_is_none_of_the_webs_is_an_ordinary_button(url: str) -> None:
    button = Button(title="Go", payload="/go", url=url)
    [part] = telegram_parts(Reply(text="Go?", buttons=(button,)))
    assert part.keyboard
    assert callbacks(part.keyboard) == ["/go"]
    [element] = slack_parts(Reply(text="Go?", buttons=(button,)))[0].blocks()[-1]["elements"]
    assert (element["value"], "url" in element) == ("/go", False)


def test_the_plainest_form_of_a_telegram_message_has_no_addresses_in_its_keyboard() -> None:
    home = Button(title="Home", payload="", url="http://localhost/")
    [part] = telegram_parts(Reply(text="Go?", buttons=(home, Button(title="Yes", payload="/affirm"))))
    plainest = part.forms()[-1].keyboard
    assert plainest
    assert callbacks(plainest) == ["/affirm"]
    assert telegram_parts(Reply(text="Go?", buttons=(home,)))[0].forms()[-1].keyboard is None


def test_the_keyboard_is_below_the_last_message_of_a_long_reply() -> None:
    parts = telegram_parts(Reply(text="word " * 1500, buttons=(Button(title="More", payload="/more"),)))
    assert [part.keyboard is not None for part in parts] == [False, True]


def test_buttons_alone_have_a_text_above_them() -> None:
    buttons = (Button(title="Yes", payload="/affirm"),)
    assert telegram_parts(Reply(buttons=buttons))[0].text
    assert slack_parts(Reply(buttons=buttons))[0].forms()[-1]["text"]


def test_at_most_a_hundred_entities_go_into_a_message() -> None:
    parts = telegram_parts(Reply(text="**b** " * 250))
    assert [len(part.entities) for part in parts] == [100, 100, 50]


def test_each_form_of_a_telegram_message_is_plainer() -> None:
    [part] = telegram_parts(Reply(text="**Look**", image="https://example.org/c.jpg"))
    picture, linked, plain = part.forms()
    assert (picture.photo, linked.photo, plain.photo) == ("https://example.org/c.jpg", None, None)
    assert linked.text == plain.text == "Look\n\nhttps://example.org/c.jpg"
    assert (len(linked.entities), plain.entities) == (1, ())


def test_a_plain_message_has_one_form_only() -> None:
    [part] = telegram_parts(Reply(text="hello"))
    assert part.forms() == (part,)


def test_a_long_reply_is_several_slack_messages() -> None:
    parts = slack_parts(Reply(text="word " * 5000, image="https://example.org/c.jpg"))
    assert [part.image for part in parts] == [None, None, "https://example.org/c.jpg"]
    assert all(len(part.markdown) <= ROOM for part in parts)
