"""The page in a real Chromium against the whole stack, as a person uses it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e import photos
from tests.e2e.stack import Stack
from tests.fakes.openai_server import METHOD, OpenAIServer
from tests.waiting import until

ADMIN = "admin-token-for-this-test"
STORY = [f"word{number} " for number in range(80)]
QUESTION = "explain quantum chromodynamics"
LAST = "word78 word79"
"""Two words: behind "word7" the page shows the time, which may well begin with a 9."""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, model: OpenAIServer) -> Iterator[Stack]:
    folder: Path = tmp_path_factory.mktemp("page")
    settings = {"ADMIN_TOKEN": ADMIN, "OPENAI_BASE_URL": model.url, "WORKER_ATTEMPTS": "1"}
    with Stack(folder, settings) as stack:
        yield stack


@pytest.fixture
def chat(stack: Stack, page: Page) -> Page:
    page.goto(stack.url)
    expect(page.locator("#connection")).to_have_attribute("data-state", "live")
    return page


def say(page: Page, text: str) -> None:
    page.get_by_role("textbox", name="Message").fill(text)
    page.keyboard.press("Enter")


def tool(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def said(page: Page) -> Locator:
    return page.locator("#log :is(.bubble, .prose, .note > p)")


def test_a_streamed_answer_grows_and_then_stands_once_also_after_a_reload(
    chat: Page, model: OpenAIServer
) -> None:
    model.script(STORY, pace_s=0.03)
    say(chat, QUESTION)
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
    say(chat, QUESTION)
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


def test_a_stopped_answer_is_marked_and_goes_on(chat: Page, model: OpenAIServer) -> None:
    model.script(STORY, pace_s=0.1)
    say(chat, QUESTION)
    expect(chat.locator("#drafts .draft")).to_contain_text("word3")
    chat.get_by_role("button", name="Stop the answer").click()
    expect(chat.locator(".note > p")).to_have_text("Stopped.")
    model.script(["and the rest."])
    tool(chat, "Go on").click()
    expect(chat.locator("#log .prose").last).to_have_text("and the rest.")
    chat.reload()
    expect(chat.locator("#log .prose")).to_have_count(2)


def test_another_answer_and_other_words_take_the_place_of_the_old_ones(
    chat: Page, model: OpenAIServer
) -> None:
    model.script(["the first answer"])
    say(chat, QUESTION)
    expect(said(chat)).to_have_text([QUESTION, "the first answer"])
    model.script(["the second answer"])
    tool(chat, "Another answer").click()
    expect(said(chat)).to_have_text([QUESTION, "the second answer"])
    model.script(["the third answer"])
    tool(chat, "Edit").click()
    chat.get_by_role("textbox", name="Edit your message").fill(f"{QUESTION} to a child")
    chat.keyboard.press("Enter")
    expect(said(chat)).to_have_text([f"{QUESTION} to a child", "the third answer"])
    shown = [part["content"] for part in model.called(METHOD)[-1]["messages"][1:]]
    assert shown == [f"{QUESTION} to a child"], "the model is not told of what was put aside"
    chat.reload()
    expect(said(chat)).to_have_text([f"{QUESTION} to a child", "the third answer"])


def test_a_failed_answer_keeps_its_part_and_is_tried_again(chat: Page, model: OpenAIServer) -> None:
    model.script(STORY, pace_s=0.02)
    model.breaks_after = 30
    say(chat, QUESTION)
    expect(chat.locator(".note > p")).to_have_text("Something went wrong here.", timeout=20_000)
    expect(chat.locator("#log .prose")).to_contain_text("word3")
    model.script(["whole now"])
    tool(chat, "Try again").click()
    expect(said(chat)).to_have_text([QUESTION, "whole now"])


def test_a_deleted_answer_is_gone_in_every_tab_and_a_verdict_stays(
    stack: Stack, chat: Page, model: OpenAIServer
) -> None:
    model.script(["a secret"])
    say(chat, QUESTION)
    expect(said(chat)).to_have_text([QUESTION, "a secret"])
    tool(chat, "Helpful").click()
    until(lambda: "worker.message.rated" in stack.logs(), "the verdict is counted")
    other = chat.context.new_page()
    other.goto(stack.url)
    expect(tool(other, "Helpful")).to_have_attribute("aria-pressed", "true")
    tool(chat, "Delete").click()
    tool(chat, "Delete").click()
    for page in (chat, other):
        expect(said(page)).to_have_text([QUESTION])
    chat.reload()
    expect(said(chat)).to_have_text([QUESTION])
