"""What is said and answered on the chat page, also over a bad connection."""

import re

from playwright.sync_api import BrowserContext, expect

from tests.e2e.page.conftest import Chat
from tests.fakes.page_api import PageApi
from tests.waiting import until


def test_a_streamed_reply_grows_and_is_replaced_by_the_whole_one(chat: Chat, api: PageApi) -> None:
    event = chat.say("hello")
    api.typing(event)
    expect(chat.page.locator("#lamps")).to_be_visible()
    api.delta(event, "Good **mor")
    expect(chat.draft).to_have_text("Good **mor")
    api.delta(event, "ning** to")
    expect(chat.draft.locator("strong")).to_have_text("morning")
    expect(chat.page.locator("#lamps")).to_be_hidden()
    api.reply(event, "Good **morning** to you")
    api.done(event)
    expect(chat.replies.locator(".prose")).to_have_text("Good morning to you")
    expect(chat.draft).to_have_count(0)


def test_a_lost_connection_resumes_and_doubles_nothing(chat: Chat, api: PageApi) -> None:
    event = chat.say("hello")
    api.delta(event, "one ")
    expect(chat.draft).to_have_text("one")
    listened = len(api.called("listen"))
    api.cut_streams()
    until(lambda: len(api.called("listen")) > listened, "the page listens again")
    api.delta(event, "two ")
    expect(chat.draft).to_have_text("one two")
    api.cut_streams()
    api.reply(event, "one two three")
    api.publish(api.streams[api.conversation][-1][1])
    api.done(event)
    expect(chat.stop_button).to_be_hidden()
    expect(chat.replies.locator(".prose")).to_have_text(["one two three"])
    expect(chat.lines).to_have_count(2)


def test_the_deltas_of_an_older_attempt_are_void(chat: Chat, api: PageApi) -> None:
    event = chat.say("hello")
    api.delta(event, "from the worker that died", attempt=1)
    expect(chat.draft).to_have_text("from the worker that died")
    api.delta(event, "anew", attempt=2)
    api.delta(event, " and late", attempt=1)
    api.delta(event, ", whole", attempt=2)
    expect(chat.draft).to_have_text("anew, whole")


def test_a_line_whose_answer_is_lost_is_sent_again_under_the_same_name_and_counts_once(
    chat: Chat, api: PageApi
) -> None:
    api.fail("post", drop=True, act=True)
    event = chat.say("hello")
    until(lambda: len(api.called("post")) == 2, "the line is sent again")
    first, second = api.called("post")
    assert first["client_id"] == second["client_id"]
    api.answer(event, "Hi")
    expect(chat.lines.locator(".bubble, .prose")).to_have_text(["hello", "Hi"])
    assert len(api.called("message")) == 1


def test_what_could_not_be_sent_says_why_and_goes_by_the_retry_button(chat: Chat, api: PageApi) -> None:
    api.fail("post", times=3, status=503, body={"code": "queue_down"})
    chat.box.fill("hello")
    chat.box.press("Enter")
    alert = chat.lines.get_by_role("alert")
    expect(alert).to_contain_text("the service is busy")
    alert.get_by_role("button", name="Send again").click()
    event = api.event(api.heard()[0])
    api.answer(event, "Hi")
    expect(chat.lines.locator(".bubble, .prose")).to_have_text(["hello", "Hi"])
    assert len({post["client_id"] for post in api.called("post")}) == 1


def test_offline_is_said_and_the_line_goes_when_the_connection_is_back(
    chat: Chat, api: PageApi, browser_context: BrowserContext
) -> None:
    browser_context.set_offline(True)
    expect(chat.page.locator("#connection")).to_have_text("Offline")
    chat.box.fill("hello")
    chat.box.press("Enter")
    expect(chat.lines.get_by_role("alert")).to_contain_text("offline")
    browser_context.set_offline(False)
    event = api.event(api.heard()[0])
    api.answer(event, "Hi")
    expect(chat.lines.locator(".bubble, .prose")).to_have_text(["hello", "Hi"])
    expect(chat.page.locator("#connection")).to_have_text("")


def test_what_a_gateway_that_was_away_did_not_get_goes_when_the_page_hears_it_again(
    chat: Chat, api: PageApi
) -> None:
    chat.page.route("**/messages", lambda route: route.abort())
    chat.page.evaluate(
        "() => Object.defineProperty(navigator, 'onLine', { value: false, configurable: true })"
    )
    chat.box.fill("hello")
    chat.box.press("Enter")
    expect(chat.lines.get_by_role("alert")).to_contain_text("offline")
    chat.page.evaluate("() => delete navigator.onLine")
    chat.page.unroute("**/messages")
    api.cut_streams()
    event = api.event(api.heard()[0])
    api.answer(event, "Hi")
    expect(chat.lines.locator(".bubble, .prose")).to_have_text(["hello", "Hi"])


def test_a_dropped_message_is_called_too_many_and_goes_again_under_a_new_name(
    chat: Chat, api: PageApi
) -> None:
    api.outcome = "dropped"
    chat.box.fill("hello")
    chat.box.press("Enter")
    alert = chat.lines.get_by_role("alert")
    expect(alert).to_contain_text("too many messages")
    expect(chat.stop_button).to_be_hidden()
    api.outcome = "accepted"
    alert.get_by_role("button", name="Send again").click()
    api.heard()
    first, second = api.called("post")
    assert first["client_id"] != second["client_id"]
    expect(chat.page.locator(".bubble")).to_have_text(["hello"])


def test_a_message_over_the_size_limit_is_refused_in_plain_words(chat: Chat, api: PageApi) -> None:
    api.fail("post", status=413, body={"code": "too_large"})
    chat.box.fill("hello")
    chat.box.press("Enter")
    expect(chat.lines.get_by_role("alert")).to_contain_text("too large")
    chat.page.get_by_role("button", name="Discard").click()
    expect(chat.lines).to_have_count(0)


def test_a_text_over_4000_characters_cannot_be_sent(chat: Chat) -> None:
    chat.box.fill("字" * 4001)
    expect(chat.page.locator("#too-long")).to_have_text("1 characters too many")
    expect(chat.page.get_by_role("button", name="Send", exact=True)).to_be_disabled()
    chat.box.fill("字" * 4000)
    expect(chat.page.get_by_role("button", name="Send", exact=True)).to_be_enabled()


def test_lines_are_sent_in_the_order_written(chat: Chat, api: PageApi) -> None:
    api.fail("post", status=503, body={})
    for text in ("one", "two", "three"):
        chat.box.fill(text)
        chat.box.press("Enter")
    assert [message["text"] for message in api.heard(3)] == ["one", "two", "three"]


def test_a_button_sends_its_payload_and_shows_its_title(chat: Chat, api: PageApi) -> None:
    event = chat.say("hello")
    api.answer(event, "How are you?", buttons=[{"title": "Great", "payload": "/mood_great"}])
    chat.page.get_by_role("button", name="Great").click()
    pressed = api.heard(2)[1]
    assert (pressed["payload"], pressed["title"]) == ("/mood_great", "Great")
    expect(chat.page.locator(".bubble").last).to_have_text("Great")
    expect(chat.page.get_by_role("button", name="Great")).to_have_count(0)


def test_only_the_last_reply_offers_its_buttons(chat: Chat, api: PageApi) -> None:
    event = chat.say("hello")
    api.reply(event, "First", buttons=[{"title": "Old", "payload": "/old"}])
    api.reply(event, "Second", index=1, buttons=[{"title": "New", "payload": "/new"}])
    api.done(event)
    expect(chat.page.get_by_role("button", name="New", exact=True)).to_be_visible()
    expect(chat.page.get_by_role("button", name="Old")).to_have_count(0)


def test_a_button_that_opens_a_page_is_a_link_that_stays(chat: Chat, api: PageApi) -> None:
    event = chat.say("blue")
    page, trick = "https://widget.example/?id=1", "javascript:alert(1)"
    buttons = [
        {"title": "Listen", "payload": "", "url": page},
        {"title": "Trick", "payload": "x", "url": trick},
    ]
    api.answer(event, "Blue", buttons=buttons)
    link = chat.page.get_by_role("link", name="Listen")
    expect(link).to_have_attribute("href", page)
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
    expect(chat.page.get_by_role("button", name="Trick")).to_be_visible()
    api.answer(chat.say("thanks"), "Any time")
    expect(link).to_be_visible()
    expect(chat.page.get_by_role("button", name="Trick")).to_have_count(0)


def test_stop_shows_while_a_turn_runs_and_ends_it(chat: Chat, api: PageApi) -> None:
    event = chat.say("tell me a story")
    api.delta(event, "Once upon")
    chat.stop_button.click()
    until(lambda: api.called("stop"), "the stop arrives")
    api.reply(event, "Once upon")
    api.done(event, "stopped")
    expect(chat.stop_button).to_be_hidden()
    expect(chat.replies).to_have_count(1)
    expect(chat.lines.last.locator("p")).to_have_text("Stopped.")


def test_a_failed_turn_without_an_answer_says_so(chat: Chat, api: PageApi) -> None:
    api.done(chat.say("hello"), "failed")
    expect(chat.lines.last).to_contain_text("Something went wrong")


def test_a_reload_keeps_the_conversation_and_a_running_answer(chat: Chat, api: PageApi) -> None:
    api.answer(chat.say("hello"), "Hi")
    event = chat.say("a story")
    api.delta(event, "Once upon ")
    expect(chat.draft).to_have_text("Once upon")
    chat.open()
    expect(chat.lines.locator(".bubble, .prose")).to_have_text(["hello", "Hi", "a story"])
    expect(chat.draft).to_have_text("Once upon")
    expect(chat.stop_button).to_be_visible()
    api.delta(event, "a time")
    expect(chat.draft).to_have_text("Once upon a time")
    assert len(api.streams) == 1


def test_a_conversation_that_is_gone_makes_way_for_a_new_one(chat: Chat, api: PageApi) -> None:
    api.streams.clear()
    chat.open()
    assert len(api.streams) == 1
    api.answer(chat.say("hello"), "Hi")
    expect(chat.replies).to_have_count(1)


def test_a_conversation_that_goes_while_the_page_is_open_makes_way_too(chat: Chat, api: PageApi) -> None:
    old = api.conversation
    api.streams.clear()
    api.cut_streams()
    until(lambda: api.streams and api.conversation != old, "a new conversation")
    expect(chat.page.locator("#connection")).to_have_attribute("data-state", "live")
    api.answer(chat.say("hello"), "Hi")
    expect(chat.replies).to_have_count(1)


def test_a_new_conversation_is_empty_and_the_old_one_can_be_had_back(chat: Chat, api: PageApi) -> None:
    old = api.conversation
    api.answer(chat.say("hello"), "Hi")
    expect(chat.replies).to_have_count(1)
    chat.page.get_by_role("button", name="New conversation").click()
    expect(chat.page.get_by_role("heading", name=re.compile("Hello"))).to_be_visible()
    assert api.conversation != old
    chat.page.get_by_role("button", name="Go back").click()
    expect(chat.replies.locator(".prose")).to_have_text("Hi")
    chat.page.get_by_role("button", name="New conversation").click()
    expect(chat.page.get_by_role("button", name="Go back")).to_be_visible()
    chat.say("something new")
    expect(chat.page.locator("#notice")).to_be_empty()


def test_every_earlier_conversation_can_be_opened_from_the_list_also_after_a_reload(
    chat: Chat, api: PageApi
) -> None:
    api.answer(chat.say("about cats"), "Meow")
    expect(chat.replies).to_have_count(1)
    chat.page.get_by_role("button", name="New conversation").click()
    expect(chat.lines).to_have_count(0)
    event = chat.say("about dogs")
    api.answer(event, "Woof")
    expect(chat.replies).to_have_count(1)
    chat.open()
    chat.page.get_by_role("button", name="Conversations").click()
    dialog = chat.page.get_by_role("dialog", name="Conversations")
    expect(dialog.get_by_role("listitem").locator("span")).to_have_text(["about dogs", "about cats"])
    expect(dialog.locator("[aria-current]")).to_contain_text("about dogs")
    dialog.get_by_role("button", name="about cats").click()
    expect(chat.lines.locator(".bubble, .prose")).to_have_text(["about cats", "Meow"])


def test_escape_closes_the_list_and_stops_no_answer(chat: Chat, api: PageApi) -> None:
    api.typing(chat.say("hello"))
    expect(chat.stop_button).to_be_visible()
    chat.page.get_by_role("button", name="Conversations").click()
    chat.page.keyboard.press("Escape")
    expect(chat.page.get_by_role("dialog")).to_have_count(0)
    expect(chat.stop_button).to_be_visible()
    assert api.called("stop") == []


def test_a_gateway_that_is_away_at_first_is_waited_for(chat: Chat, api: PageApi) -> None:
    api.answer(chat.say("hello"), "Hi")
    api.fail("read", status=503, body={"code": "queue_down"})
    chat.page.goto(api.url)
    expect(chat.page.locator("#notice")).to_contain_text("cannot be loaded")
    expect(chat.replies.locator(".prose")).to_have_text("Hi")
    expect(chat.page.locator("#notice")).to_be_empty()


def test_a_block_of_code_can_be_copied(chat: Chat, api: PageApi, browser_context: BrowserContext) -> None:
    browser_context.grant_permissions(["clipboard-read", "clipboard-write"])
    api.answer(chat.say("hello"), "```\nif a < b:\n    go()\n```")
    chat.page.get_by_role("button", name="Copy", exact=True).click()
    expect(chat.page.get_by_role("button", name="Copied")).to_be_visible()
    assert chat.page.evaluate("navigator.clipboard.readText()") == "if a < b:\n    go()"


def test_without_a_clipboard_no_copy_is_offered(chat: Chat, api: PageApi) -> None:
    chat.page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    chat.open()
    api.answer(chat.say("hello"), "```\ncode\n```")
    expect(chat.replies.locator("pre")).to_have_text("code")
    expect(chat.page.get_by_role("button", name="Copy")).to_have_count(0)


def test_silence_while_an_answer_is_due_makes_the_page_connect_anew(chat: Chat, api: PageApi) -> None:
    chat.page.clock.install()
    chat.open()
    api.typing(chat.say("hello"))
    expect(chat.stop_button).to_be_visible()
    listened = len(api.called("listen"))
    chat.page.clock.fast_forward(40_000)
    until(lambda: len(api.called("listen")) > listened, "the page listens again")
    api.answer(api.event(api.heard()[0]), "Hi")
    expect(chat.replies.locator(".prose")).to_have_text(["Hi"])
