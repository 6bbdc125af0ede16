"""The page in a real Chromium against the whole stack, as a person uses it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import photos
from tests.e2e.stack import Stack
from tests.fakes.openai_server import OpenAIServer
from tests.waiting import until

ADMIN = "admin-token-for-this-test"
STORY = [f"word{number} " for number in range(80)]
LAST = "word78 word79"
"""Two words: behind "word7" the page shows the time, which may well begin with a 9."""


@pytest.fixture(scope="module")
def model() -> Iterator[OpenAIServer]:
    server = OpenAIServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, model: OpenAIServer) -> Iterator[Stack]:
    folder: Path = tmp_path_factory.mktemp("page")
    stack = Stack(folder, {"ADMIN_TOKEN": ADMIN, "OPENAI_BASE_URL": model.url})
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


@pytest.fixture
def chat(stack: Stack, page: Page) -> Page:
    page.goto(stack.url)
    expect(page.locator("#connection")).to_have_attribute("data-state", "live")
    return page


def say(page: Page, text: str) -> None:
    page.get_by_role("textbox", name="Message").fill(text)
    page.keyboard.press("Enter")


def test_a_streamed_answer_grows_and_then_stands_once_also_after_a_reload(
    chat: Page, model: OpenAIServer
) -> None:
    model.script(STORY, pace_s=0.03)
    say(chat, "explain quantum chromodynamics")
    expect(chat.locator("#drafts .draft")).to_contain_text("word3")
    expect(chat.locator("#drafts")).not_to_contain_text(LAST)
    reply = chat.locator("#log > .bot")
    expect(reply).to_contain_text(LAST)
    expect(chat.locator("#drafts .draft")).to_have_count(0)
    said = chat.locator("#log").inner_text().replace("Sending…", "")
    chat.reload()
    expect(reply).to_have_count(1)
    expect(chat.locator("#log > .person")).to_have_count(1)
    expect(reply).to_contain_text(LAST)
    assert "quantum" in said


def test_stop_ends_the_answer_and_keeps_what_was_said(chat: Page, model: OpenAIServer) -> None:
    model.script(STORY, pace_s=0.1)
    say(chat, "explain quantum chromodynamics")
    expect(chat.locator("#drafts .draft")).to_contain_text("word3")
    left = model.closed_early
    chat.get_by_role("button", name="Stop the answer").click()
    reply = chat.locator("#log > .bot")
    expect(reply).to_contain_text("word3")
    expect(reply).not_to_contain_text(LAST)
    until(lambda: model.closed_early > left, "the model's stream is closed: a stopped turn stops paying")


def test_a_button_of_a_reply_is_pressed_and_answered(chat: Page) -> None:
    say(chat, "hello there")
    chat.get_by_role("button", name="Great").click()
    expect(chat.locator("#log > .bot").last).to_contain_text("good to hear")
    expect(chat.locator("#log > .person").last).to_contain_text("Great")


def test_a_person_is_enrolled_found_on_a_photo_and_removed(stack: Stack, page: Page, tmp_path: Path) -> None:
    portrait, probe = tmp_path / "portrait.jpg", tmp_path / "probe.jpg"
    portrait.write_bytes(photos.encoded(photos.astronaut()))
    probe.write_bytes(photos.mirrored())
    page.goto(f"{stack.url}/admin")
    page.locator("#token").fill(ADMIN)
    page.keyboard.press("Enter")
    page.get_by_label("Name", exact=False).first.fill("Eileen Collins")
    page.locator("#photo").set_input_files(portrait)
    page.locator("#enroll-button").click()
    expect(page.locator("#people")).to_contain_text("Eileen Collins")

    page.goto(stack.url)
    page.locator("#photo-input").set_input_files(probe)
    page.get_by_role("button", name="Send").click()
    reply = page.locator("#log > .bot")
    expect(reply).to_contain_text("Eileen Collins")
    expect(reply).to_contain_text("%")
    expect(reply.locator("canvas")).to_have_count(2)

    page.goto(f"{stack.url}/admin")
    page.get_by_role("button", name="Remove").first.click()
    page.locator("#confirm").get_by_role("button", name="Remove").click()
    expect(page.locator("#people")).not_to_contain_text("Eileen Collins")


def test_a_lost_connection_is_resumed_and_nothing_is_doubled(stack: Stack, chat: Page) -> None:
    say(chat, "hello there")
    expect(chat.locator("#log > .bot")).to_have_count(1)
    stack["gateway"].kill()
    expect(chat.locator("#connection")).not_to_have_attribute("data-state", "live")
    stack["gateway"].start()
    expect(chat.locator("#connection")).to_have_attribute("data-state", "live", timeout=30_000)
    say(chat, "goodbye")
    expect(chat.locator("#log > .bot")).to_have_count(2)
    expect(chat.locator("#log > .person")).to_have_count(2)
