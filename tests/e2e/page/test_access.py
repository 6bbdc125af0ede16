"""The pages for everybody: keyboard, screen reader, phone, languages, dark, calm."""

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.page.conftest import Chat
from tests.fakes.page_api import PageApi
from tests.waiting import until

WIDE = "| a | b | c | d | e | f | g | h |\n|-|-|-|-|-|-|-|-|\n" + "| a long cell " * 8 + "|\n\n"
LONG = WIDE + "```\n" + "x" * 300 + "\n```\n\n" + "w" * 300 + "\n\nhttps://example.org/" + "a" * 300
YES = {"title": "Yes", "payload": "/yes"}
UNNAMED = """() => [...document.querySelectorAll("button, input, textarea, a[href], canvas, [tabindex='0']")]
  .filter((node) => node.checkVisibility() && node.type !== "file")
  .filter((node) => !(node.getAttribute("aria-label") || node.labels?.length || node.textContent.trim()))
  .map((node) => node.outerHTML)"""
CONTRAST = """(selector) => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const linear = (c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = numbers(colour).map((c) => linear(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (node) => {
    const colour = node ? getComputedStyle(node).backgroundColor : "rgb(255, 255, 255)";
    return numbers(colour)[3] === 0 ? ground(node.parentElement) : colour;
  };
  return [...document.querySelectorAll(selector)].map((node) => {
    const [a, b] = [light(getComputedStyle(node).color), light(ground(node))].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  });
}"""


@pytest.fixture
def announced(chat: Chat) -> list[str]:
    """What a screen reader would read out of the log: nodes added where it is live."""
    said: list[str] = []
    chat.page.expose_function("announced", lambda text: said.append(text))
    chat.page.evaluate(
        """() => new MutationObserver((changes) => changes.flatMap((change) => [...change.addedNodes])
          .filter((node) => node.closest?.("[aria-live]")?.getAttribute("aria-live") === "polite")
          .forEach((node) => window.announced(node.textContent)))
          .observe(document.querySelector("[role=log]"), { childList: true, subtree: true })"""
    )
    return said


def test_a_reply_is_announced_once_and_whole_and_never_its_pieces(
    chat: Chat, api: PageApi, announced: list[str]
) -> None:
    expect(chat.page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    event = chat.say("hello")
    api.delta(event, "Good ")
    expect(chat.draft).to_have_text("Good")
    api.reply(event, "Good morning", buttons=[{"title": "Thanks", "payload": "/thanks"}])
    api.done(event)
    chat.page.get_by_role("button", name="Thanks").click()
    api.heard(2)
    expect(chat.page.locator(".choice")).to_have_count(0)
    until(lambda: announced, "the reply is announced")
    assert len(announced) == 1
    assert "Good morning" in announced[0]


def test_the_history_is_not_read_out(chat: Chat, api: PageApi) -> None:
    expect(chat.page.locator("#log")).to_have_attribute("aria-relevant", "additions")
    api.answer(chat.say("hello"), "Hi")
    expect(chat.replies).to_have_count(1)
    chat.page.add_init_script(
        """addEventListener("DOMContentLoaded", () => new MutationObserver(() => {
          const log = document.querySelector("#log");
          if (log.childElementCount) window.liveAtFirst ??= log.getAttribute("aria-live");
        }).observe(document.querySelector("#log"), { childList: true }));"""
    )
    chat.open()
    expect(chat.replies).to_have_count(1)
    assert chat.page.evaluate("window.liveAtFirst") == "off"


def test_a_conversation_can_be_had_by_keyboard_alone(chat: Chat, api: PageApi) -> None:
    page = chat.page
    expect(chat.box).to_be_focused()
    page.keyboard.type("one")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("two")
    page.keyboard.press("Enter")
    event = api.event(api.heard()[0])
    assert api.heard()[0]["text"] == "one\ntwo"
    api.delta(event, "Well")
    expect(chat.stop_button).to_be_visible()
    page.keyboard.press("Escape")
    until(lambda: api.called("stop"), "Escape stops")
    assert api.called("stop")[0]["target"] == event
    api.answer(event, "Well?", buttons=[{"title": "Yes", "payload": "/yes"}])
    yes = page.get_by_role("button", name="Yes")
    expect(yes).to_be_visible()
    page.keyboard.press("Shift+Tab")  # past the button for photos
    for tool in ("Another answer", "Delete", "Not helpful", "Helpful", "Copy the answer"):
        page.keyboard.press("Shift+Tab")
        expect(page.get_by_role("button", name=tool, exact=True)).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(yes).to_be_focused()
    assert yes.evaluate("node => getComputedStyle(node).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    assert api.heard(2)[1]["payload"] == "/yes"
    expect(chat.box).to_be_focused()


def test_enter_while_a_word_is_composed_sends_nothing(chat: Chat, api: PageApi) -> None:
    chat.box.fill("ㄋㄧˇ")
    composing = """(node, how) => node.dispatchEvent(
      new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, ...how }))"""
    chat.box.evaluate(composing, {"isComposing": True})
    chat.box.evaluate(composing, {"keyCode": 229})
    expect(chat.box).to_have_value("ㄋㄧˇ")
    chat.box.press("Enter")
    assert len(api.heard()) == 1
    assert len(api.called("post")) == 1


def test_everything_that_can_be_used_has_a_name(chat: Chat, api: PageApi) -> None:
    event = chat.say("hello")
    api.reply(
        event, "```\ncode\n```\n[link](https://example.org)", buttons=[{"title": "Yes", "payload": "/y"}]
    )
    expect(chat.page.locator(".choice")).to_be_visible()
    assert chat.page.evaluate(UNNAMED) == []
    for role in ("banner", "main", "log", "contentinfo"):
        expect(chat.page.get_by_role(role)).to_have_count(1)
    chat.page.goto(f"{api.url}/admin")
    expect(chat.page.get_by_label("Administrator's token")).to_be_focused()
    assert chat.page.evaluate(UNNAMED) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast_in_both_themes(browser: Browser, api: PageApi, scheme: str) -> None:
    page = browser.new_page(color_scheme=scheme, locale="en", reduced_motion="reduce")  # type: ignore[arg-type]
    chat = Chat(page, api)
    chat.open()
    api.reply(
        chat.say("hello"), "> quote\n\n[a](https://x.org) `code`", buttons=[{"title": "Y", "payload": "/y"}]
    )
    expect(page.locator(".choice")).to_be_visible()
    texts = ".bubble, .prose p, .prose a, .prose code, blockquote, .stamp, .choice, h1, #stop, #text"
    ratios = page.evaluate(CONTRAST, texts)
    page.close()
    assert len(ratios) >= 9
    assert min(ratios) >= 4.5


@pytest.mark.parametrize("width", [320, 390])
def test_a_phone_scrolls_up_and_down_only(browser: Browser, api: PageApi, width: int) -> None:
    page = browser.new_page(
        viewport={"width": width, "height": 700}, has_touch=True, is_mobile=True, locale="en"
    )
    chat = Chat(page, api)
    chat.open()
    api.answer(
        chat.say("m" * 300),
        LONG,
        buttons=[{"title": "A rather long title of a button " * 3, "payload": "/y"}],
    )
    expect(page.locator(".choice")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate("document.querySelector('#scroll').scrollWidth") <= width
    assert float(chat.box.evaluate("node => parseFloat(getComputedStyle(node).fontSize)")) >= 16
    assert (
        page.evaluate("Math.round(document.querySelector('.bottom').getBoundingClientRect().bottom)") == 700
    )
    page.goto(f"{api.url}/admin")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.close()


def test_the_newest_line_stays_in_sight_unless_the_person_reads_above(chat: Chat, api: PageApi) -> None:
    api.answer(chat.say("hello"), "line\n\n" * 60)
    scroll = chat.page.locator("#scroll")
    below = "node => node.scrollHeight - node.scrollTop - node.clientHeight"
    until(lambda: scroll.evaluate("node => node.scrollTop") > 300, "the page follows")
    assert scroll.evaluate(below) < 2
    scroll.evaluate("node => { node.scrollTop = 0; }")
    latest = chat.page.get_by_role("button", name="To the latest message")
    expect(latest).to_be_visible()
    api.reply(f"web:{api.conversation}:other", "more")
    expect(chat.replies).to_have_count(2)
    assert scroll.evaluate("node => node.scrollTop") == 0
    latest.click()
    expect(latest).to_be_hidden()
    assert scroll.evaluate(below) < 2


GROW_BEFORE_THE_SCROLL_EVENT = """() => {
  const content = document.querySelector("#content");
  let left = 5;
  // What grows in a task behind the layout is there before the scrolling of that layout is told.
  const grow = () => setTimeout(() => {
    const taller = document.createElement("p");
    taller.style.height = "300px";
    document.querySelector("#log").append(taller);
  });
  new ResizeObserver(() => left-- > 0 && grow()).observe(content);
}"""


def test_what_grows_while_the_page_scrolls_down_does_not_stop_its_following(chat: Chat, api: PageApi) -> None:
    api.answer(chat.say("hello"), "line\n\n" * 60)
    scroll = chat.page.locator("#scroll")
    below = "node => node.scrollHeight - node.scrollTop - node.clientHeight"
    until(lambda: scroll.evaluate("node => node.scrollTop") > 300, "the page follows")
    chat.page.evaluate(GROW_BEFORE_THE_SCROLL_EVENT)
    expect(chat.page.locator("#log > p")).to_have_count(5)
    until(lambda: scroll.evaluate(below) < 2, "the page is at its end")
    expect(chat.page.locator("#latest")).to_be_hidden()


def test_a_turn_of_the_wheel_upwards_is_never_fought(chat: Chat, api: PageApi) -> None:
    event = chat.say("hello")
    api.delta(event, "line\n\n" * 60)
    scroll = chat.page.locator("#scroll")
    until(lambda: scroll.evaluate("node => node.scrollTop") > 300, "the page follows")
    end = scroll.evaluate("node => node.scrollTop")
    scroll.hover()
    chat.page.mouse.wheel(0, -40)
    until(lambda: scroll.evaluate("node => node.scrollTop") == end - 40, "it scrolls up a little")
    expect(chat.page.locator("#latest")).to_be_visible()
    api.delta(event, "more\n\n" * 20)
    expect(chat.draft).to_contain_text("more")
    assert scroll.evaluate("node => node.scrollTop") == end - 40


@pytest.mark.parametrize(
    ("locale", "language", "words"),
    [("zh-TW", "zh-Hant", "輸入訊息"), ("zh-HK", "zh-Hant", "輸入訊息"), ("zh-CN", "zh-Hans", "输入消息"),
     ("fr", "en", "Write a message")],
)  # fmt: skip
def test_the_page_speaks_the_browsers_language(
    browser: Browser, api: PageApi, locale: str, language: str, words: str
) -> None:
    page = browser.new_page(locale=locale)
    page.goto(api.url)
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.get_by_placeholder(words)).to_be_visible()
    page.close()


def test_reduced_motion_moves_nothing(browser: Browser, api: PageApi) -> None:
    page = browser.new_page(reduced_motion="reduce", locale="en")
    chat = Chat(page, api)
    chat.open()
    api.typing(chat.say("hello"))
    expect(page.locator("#lamps")).to_be_visible()
    assert page.evaluate("document.getAnimations().length") == 0
    page.close()
