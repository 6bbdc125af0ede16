"""What a person can do with what was said: another answer, more of it, a rating, deletion, another wording."""

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.e2e.page.conftest import Chat
from tests.fakes.page_api import PageApi
from tests.waiting import until


def tool(place: Page | Locator, name: str) -> Locator:
    return place.get_by_role("button", name=name, exact=True)


def said(chat: Chat) -> Locator:
    return chat.page.locator("#log :is(.bubble, .prose, .note > p)")


def test_another_answer_takes_the_place_of_the_newest(chat: Chat, api: PageApi) -> None:
    api.answer(chat.say("hello"), "Hi")
    asked = chat.say("a joke")
    api.answer(asked, "A dull one")
    expect(tool(chat.page, "Another answer")).to_have_count(1)
    tool(chat.page, "Another answer").click()
    event = api.asked("regenerate")
    assert api.called("regenerate")[0]["target"] == asked
    expect(said(chat)).to_have_text(["hello", "Hi", "a joke"])
    expect(chat.page.locator("#lamps")).to_be_visible()
    api.delta(event, "A bet")
    expect(chat.draft).to_have_text("A bet")
    api.answer(event, "A better one")
    expect(said(chat)).to_have_text(["hello", "Hi", "a joke", "A better one"])
    tool(chat.page, "Another answer").click()
    api.asked("regenerate", 2)
    assert api.called("regenerate")[1]["target"] == asked


def test_another_answer_that_is_under_way_survives_a_reload(chat: Chat, api: PageApi) -> None:
    api.answer(chat.say("a joke"), "A dull one")
    tool(chat.page, "Another answer").click()
    event = api.asked("regenerate")
    api.delta(event, "A bet")
    expect(chat.draft).to_have_text("A bet")
    chat.open()
    expect(said(chat)).to_have_text(["a joke"])
    expect(chat.draft).to_have_text("A bet")
    expect(chat.stop_button).to_be_visible()
    api.delta(event, "ter one")
    api.answer(event, "A better one")
    expect(said(chat)).to_have_text(["a joke", "A better one"])
    chat.open()
    expect(said(chat)).to_have_text(["a joke", "A better one"])


def test_a_stopped_answer_says_so_and_goes_on_when_asked(chat: Chat, api: PageApi) -> None:
    event = chat.say("a story")
    api.reply(event, "Once upon")
    api.done(event, "stopped")
    expect(said(chat)).to_have_text(["a story", "Once upon", "Stopped."])
    tool(chat.page, "Go on").click()
    more = api.asked("continue")
    assert api.called("continue")[0]["target"] == event
    api.answer(more, "a time")
    expect(said(chat)).to_have_text(["a story", "Once upon", "Stopped.", "a time"])
    expect(tool(chat.page, "Go on")).to_have_count(0)
    tool(chat.page, "Another answer").click()
    api.asked("regenerate")
    assert api.called("regenerate")[0]["target"] == event
    expect(said(chat)).to_have_text(["a story"])


def test_an_answer_that_the_model_cut_off_can_go_on(chat: Chat, api: PageApi) -> None:
    event = chat.say("a story")
    api.reply(event, "Once upon")
    api.done(event, cut_off=True)
    tool(chat.page, "Go on").click()
    api.asked("continue")
    assert api.called("continue")[0]["target"] == event


def test_a_fault_after_partial_text_leaves_it_marked_with_a_way_to_try_again(
    chat: Chat, api: PageApi
) -> None:
    event = chat.say("a story")
    api.reply(event, "Once upon")
    api.done(event, "failed")
    expect(said(chat)).to_have_text(["a story", "Once upon", "Something went wrong here."])
    tool(chat.page, "Try again").click()
    again = api.asked("regenerate")
    assert api.called("regenerate")[0]["target"] == event
    api.answer(again, "Once upon a time")
    expect(said(chat)).to_have_text(["a story", "Once upon a time"])


def test_an_apology_is_not_said_twice(chat: Chat, api: PageApi) -> None:
    event = chat.say("hello")
    api.reply(event, "Sorry, something went wrong.", index=1000)
    api.done(event, "failed")
    expect(tool(chat.page, "Try again")).to_be_visible()
    expect(said(chat)).to_have_text(["hello", "Sorry, something went wrong."])


def test_an_edit_opens_a_branch_and_the_later_lines_are_gone(chat: Chat, api: PageApi) -> None:
    first = chat.say("hello")
    api.answer(first, "Hi")
    api.answer(chat.say("and then"), "Then this")
    tool(chat.lines.first, "Edit").click()
    field = chat.page.get_by_role("textbox", name="Edit your message")
    expect(field).to_be_focused()
    expect(field).to_have_value("hello")
    field.fill("good evening")
    field.press("Enter")
    expect(said(chat)).to_have_text(["good evening"])
    event = api.asked("edit")
    assert (api.called("edit")[0]["target"], api.called("edit")[0]["text"]) == (first, "good evening")
    api.answer(event, "Good evening")
    expect(said(chat)).to_have_text(["good evening", "Good evening"])
    chat.open()
    expect(said(chat)).to_have_text(["good evening", "Good evening"])


def test_an_edit_of_a_running_turn_stops_it_and_its_late_words_are_not_shown(
    chat: Chat, api: PageApi
) -> None:
    first = chat.say("tell me of cats")
    api.delta(first, "Cats are")
    expect(chat.draft).to_have_text("Cats are")
    tool(chat.lines.first, "Edit").click()
    chat.page.get_by_role("textbox", name="Edit your message").fill("tell me of dogs")
    tool(chat.page, "Send").first.click()
    event = api.asked("edit")
    assert [call.method for call in api.calls if call.method in ("stop", "edit")] == ["stop", "edit"]
    api.delta(first, " animals")
    api.reply(first, "Cats are animals")
    api.done(first, "stopped")
    api.answer(event, "Dogs bark")
    expect(said(chat)).to_have_text(["tell me of dogs", "Dogs bark"])
    expect(chat.draft).to_have_count(0)


def test_escape_leaves_a_message_as_it_was_and_stops_nothing(chat: Chat, api: PageApi) -> None:
    event = chat.say("hello")
    api.typing(event)
    expect(chat.stop_button).to_be_visible()
    tool(chat.lines.first, "Edit").click()
    chat.page.keyboard.type(" there")
    chat.page.keyboard.press("Escape")
    expect(said(chat)).to_have_text(["hello"])
    expect(tool(chat.lines.first, "Edit")).to_be_focused()
    assert api.called("stop") == api.called("edit") == []


def test_an_edit_that_could_not_be_sent_can_be_discarded_and_nothing_is_lost(
    chat: Chat, api: PageApi
) -> None:
    api.answer(chat.say("hello"), "Hi")
    api.fail("edit", status=413, body={"code": "too_large"})
    tool(chat.lines.first, "Edit").click()
    chat.page.get_by_role("textbox", name="Edit your message").fill("good evening")
    chat.page.keyboard.press("Enter")
    expect(chat.lines.get_by_role("alert")).to_contain_text("too large")
    tool(chat.page, "Discard").click()
    expect(said(chat)).to_have_text(["hello", "Hi"])


def test_a_rating_is_shown_on_its_button_also_after_a_reload(chat: Chat, api: PageApi) -> None:
    api.answer(chat.say("hello"), "Hi")
    helpful, unhelpful = tool(chat.page, "Helpful"), tool(chat.page, "Not helpful")
    helpful.click()
    expect(helpful).to_have_attribute("aria-pressed", "true")
    expect(helpful).to_be_focused()
    unhelpful.click()
    expect(unhelpful).to_have_attribute("aria-pressed", "true")
    expect(helpful).to_have_attribute("aria-pressed", "false")
    until(lambda: len(api.called("feedback")) == 2, "both verdicts come")
    assert [given["helpful"] for given in api.called("feedback")] == [True, False]
    chat.open()
    expect(unhelpful).to_have_attribute("aria-pressed", "true")


def test_a_verdict_that_did_not_arrive_is_taken_back_and_said(chat: Chat, api: PageApi) -> None:
    api.answer(chat.say("hello"), "Hi")
    api.fail("feedback", status=404, body={"code": "message_unknown"})
    tool(chat.page, "Helpful").click()
    expect(chat.page.locator("#notice")).to_contain_text("Not done")
    expect(tool(chat.page, "Helpful")).to_have_attribute("aria-pressed", "false")


def test_a_deleted_answer_is_gone_here_in_other_tabs_and_after_a_reload(
    chat: Chat, api: PageApi, browser_context: BrowserContext
) -> None:
    api.answer(chat.say("hello"), "Hi")
    other = Chat(browser_context.new_page(), api)
    other.open()
    expect(other.replies).to_have_count(1)
    tool(chat.page, "Delete").click()
    expect(chat.page.get_by_text("Delete this answer for good?")).to_be_visible()
    tool(chat.page, "Delete").click()
    expect(said(chat)).to_have_text(["hello"])
    expect(said(other)).to_have_text(["hello"])
    chat.open()
    expect(said(chat)).to_have_text(["hello"])


def test_a_deletion_is_asked_about_and_escape_means_no(chat: Chat, api: PageApi) -> None:
    api.answer(chat.say("hello"), "Hi")
    tool(chat.page, "Delete").click()
    expect(tool(chat.page, "Delete")).to_be_focused()
    chat.page.keyboard.press("Escape")
    expect(tool(chat.page, "Helpful")).to_be_visible()
    expect(tool(chat.page, "Delete")).to_be_focused()
    assert api.called("delete") == []


def test_an_answer_that_was_deleted_meanwhile_goes_without_a_word(chat: Chat, api: PageApi) -> None:
    api.answer(chat.say("hello"), "Hi")
    expect(chat.replies).to_have_count(1)
    api.fail("delete", status=404, body={"code": "message_unknown"})
    tool(chat.page, "Delete").click()
    tool(chat.page, "Delete").click()
    expect(chat.replies).to_have_count(0)
    expect(chat.page.locator("#notice")).to_be_empty()


def test_an_earlier_answer_can_be_deleted_while_another_turn_waits(chat: Chat, api: PageApi) -> None:
    api.answer(chat.say("hello"), "Hi")
    event = chat.say("and then")
    api.typing(event)
    tool(chat.replies.first, "Delete").click()
    tool(chat.replies.first, "Delete").click()
    expect(said(chat)).to_have_text(["hello", "and then"])
    api.answer(event, "Then this")
    expect(said(chat)).to_have_text(["hello", "and then", "Then this"])


def test_what_needs_the_server_rests_while_offline(
    chat: Chat, api: PageApi, browser_context: BrowserContext
) -> None:
    api.answer(chat.say("hello"), "Hi")
    names = ("Another answer", "Helpful", "Not helpful", "Delete", "Edit")
    browser_context.set_offline(True)
    for name in names:
        expect(tool(chat.page, name)).to_be_disabled()
    expect(tool(chat.page, "Copy the answer")).to_be_enabled()
    browser_context.set_offline(False)
    for name in names:
        expect(tool(chat.page, name)).to_be_enabled()


def test_an_answer_is_copied_as_it_was_written(
    chat: Chat, api: PageApi, browser_context: BrowserContext
) -> None:
    browser_context.grant_permissions(["clipboard-read", "clipboard-write"])
    api.answer(chat.say("hello"), "**Hi** there")
    tool(chat.page, "Copy the answer").click()
    expect(tool(chat.page, "Copied")).to_be_visible()
    assert chat.page.evaluate("navigator.clipboard.readText()") == "**Hi** there"


def test_a_message_with_a_photo_is_neither_edited_nor_answered_anew(chat: Chat, api: PageApi) -> None:
    event = f"web:{api.conversation}:photo-01"
    api.publish({"type": "said", "event_id": event, "text": "who?", "has_photo": True, "at": 1})
    api.answer(event, "Eileen")
    expect(tool(chat.page, "Helpful")).to_be_visible()
    expect(tool(chat.page, "Edit")).to_have_count(0)
    expect(tool(chat.page, "Another answer")).to_have_count(0)


def test_nothing_moves_when_a_growing_answer_becomes_whole(chat: Chat, api: PageApi) -> None:
    event = chat.say("hello")
    api.delta(event, "Hi there")
    expect(chat.draft).to_have_text("Hi there")
    height = "() => document.querySelector('#content').getBoundingClientRect().height"
    top = "() => document.querySelector('.bot .prose').getBoundingClientRect().top"
    before = (chat.page.evaluate(height), chat.page.evaluate(top))
    api.answer(event, "Hi there")
    expect(tool(chat.page, "Helpful")).to_be_visible()
    expect(chat.page.locator("#lamps")).to_be_hidden()
    chat.page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished))")
    assert (chat.page.evaluate(height), chat.page.evaluate(top)) == before


@pytest.mark.parametrize("width", [320, 390])
def test_on_a_phone_every_tool_is_there_without_hovering(browser: Browser, api: PageApi, width: int) -> None:
    page = browser.new_page(
        viewport={"width": width, "height": 700}, has_touch=True, is_mobile=True, locale="en"
    )
    chat = Chat(page, api)
    chat.open()
    event = chat.say("a story")
    api.reply(event, "Once upon")
    api.done(event, "stopped")
    for name in ("Helpful", "Not helpful", "Delete", "Edit", "Another answer", "Go on"):
        box = tool(page, name).bounding_box()
        assert box
        assert box["x"] + box["width"] <= width
        assert min(box["width"], box["height"]) >= 36
    tool(page, "Edit").tap()
    expect(page.get_by_role("textbox", name="Edit your message")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.close()
