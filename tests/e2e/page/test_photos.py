"""Photos on the chat page: by button, paste and drop; the look-alike that comes back."""

import base64

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.page.conftest import FACE, SIZE, Chat, look_alike
from tests.fakes.page_api import PageApi

CARRY = """([kind, encoded, name, type]) => {
  const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], name, { type }));
  const more = { bubbles: true, cancelable: true };
  const event = kind === "paste"
    ? new ClipboardEvent(kind, { clipboardData: carried, ...more })
    : new DragEvent(kind, { dataTransfer: carried, ...more });
  document.querySelector("#text").dispatchEvent(event);
}"""
MEAN_COLOUR = """(canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const sum = [0, 0, 0];
  for (let i = 0; i < data.length; i += 4) for (let c = 0; c < 3; c += 1) sum[c] += data[i + c];
  return sum.map((one) => (4 * one) / data.length);
}"""


def choose(page: Page, content: bytes, name: str = "me.jpg", kind: str = "image/jpeg") -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add a photo").click()
    chooser.value.set_files({"name": name, "mimeType": kind, "buffer": content})


def carry(page: Page, how: str, content: bytes) -> None:
    page.evaluate(CARRY, [how, base64.b64encode(content).decode(), "me.jpg", "image/jpeg"])


@pytest.mark.parametrize("how", ["button", "paste", "drop"])
def test_a_photo_is_previewed_and_sent_byte_for_byte(
    chat: Chat, api: PageApi, portrait: bytes, how: str
) -> None:
    if how == "button":
        choose(chat.page, portrait)
    else:
        carry(chat.page, how, portrait)
    expect(chat.page.locator("#tray-image")).to_be_visible()
    chat.box.press("Enter")
    [message] = api.heard()
    assert api.photos[message["photo_id"]] == portrait
    assert api.called("photo") == [{"type": "image/jpeg"}]
    expect(chat.page.locator("#tray")).to_be_hidden()
    expect(chat.page.locator(".own-photo")).to_be_visible()


def test_a_dragged_photo_is_shown_where_to_go(chat: Chat, portrait: bytes) -> None:
    carry(chat.page, "dragenter", portrait)
    expect(chat.page.get_by_text("Drop the photo here")).to_be_visible()
    carry(chat.page, "dragleave", portrait)
    expect(chat.page.get_by_text("Drop the photo here")).to_be_hidden()


def test_a_preview_can_be_removed_by_button_and_by_escape(chat: Chat, portrait: bytes) -> None:
    choose(chat.page, portrait)
    chat.page.get_by_role("button", name="Remove the photo").click()
    expect(chat.page.locator("#tray")).to_be_hidden()
    choose(chat.page, portrait)
    expect(chat.page.locator("#tray")).to_be_visible()
    chat.page.keyboard.press("Escape")
    expect(chat.page.locator("#tray")).to_be_hidden()
    expect(chat.page.get_by_role("button", name="Send", exact=True)).to_be_disabled()


@pytest.mark.parametrize(
    ("content", "name", "kind", "words"),
    [
        (b"x" * 10_000_001, "big.jpg", "image/jpeg", "10.1 MB. The most is 10 MB"),
        (b"hello", "notes.txt", "text/plain", "not a photo"),
        (b"", "none.jpg", "image/jpeg", "empty"),
    ],
)
def test_a_file_that_cannot_be_sent_is_refused_in_plain_words(
    chat: Chat, api: PageApi, content: bytes, name: str, kind: str, words: str
) -> None:
    choose(chat.page, content, name, kind)
    expect(chat.page.get_by_role("alert")).to_contain_text(words)
    expect(chat.page.locator("#tray")).to_be_hidden()
    assert api.called("photo") == []


def test_a_photo_that_the_server_refuses_says_so(chat: Chat, api: PageApi, portrait: bytes) -> None:
    api.fail("photo", status=413, body={"code": "too_large"})
    choose(chat.page, portrait)
    chat.box.press("Enter")
    expect(chat.lines.get_by_role("alert")).to_contain_text("too large")
    assert api.called("post") == []


def test_a_lost_upload_answer_still_makes_one_message(chat: Chat, api: PageApi, portrait: bytes) -> None:
    api.fail("post", drop=True, act=True)
    choose(chat.page, portrait)
    chat.box.press("Enter")
    event = api.event(api.heard()[0])
    api.answer(event, "Nice")
    expect(chat.replies).to_have_count(1)
    expect(chat.page.locator(".own-photo")).to_have_count(1)


def test_a_look_alike_shows_both_faces_with_name_and_percent(
    chat: Chat, api: PageApi, portrait: bytes
) -> None:
    send_and_match(chat, api, portrait)
    figure = chat.page.get_by_role("figure", name="Your photo beside Eileen Collins: 93% alike")
    expect(figure).to_contain_text("Eileen Collins")
    expect(figure).to_contain_text("93% alike")
    drawn = figure.locator("canvas.drawn")
    expect(drawn).to_have_count(2)
    mine, theirs = (drawn.nth(place).evaluate(MEAN_COLOUR) for place in (0, 1))
    assert mine == pytest.approx(theirs, abs=3)
    assert all(40 < channel < 230 for channel in mine)


def test_the_name_in_the_comparison_leads_to_the_persons_page(
    chat: Chat, api: PageApi, portrait: bytes
) -> None:
    send_and_match(chat, api, portrait, url="https://example.org/people/eileen-collins")
    link = chat.page.get_by_role("figure").get_by_role("link", name="Eileen Collins")
    expect(link).to_have_attribute("href", "https://example.org/people/eileen-collins")
    expect(link).to_have_attribute("rel", "noopener noreferrer")


@pytest.mark.parametrize("url", [None, "javascript:alert(1)", "//example.org"])
def test_a_name_without_a_safe_address_is_no_link(
    chat: Chat, api: PageApi, portrait: bytes, url: str | None
) -> None:
    send_and_match(chat, api, portrait, url=url)
    expect(chat.page.get_by_role("figure").get_by_text("Eileen Collins", exact=True).last).to_be_visible()
    expect(chat.page.get_by_role("figure").get_by_role("link")).to_have_count(0)


def test_the_crop_is_the_square_around_the_face_and_stays_inside(page: Page, api: PageApi) -> None:
    page.goto(api.url)
    crop = "async ([box, size]) => (await import('/static/comparison.js')).cropOf(box, size)"
    found = page.evaluate(crop, [FACE, SIZE])
    assert found["side"] == pytest.approx(195.7)
    assert found["left"] + found["side"] / 2 == pytest.approx(222.5)
    corner = page.evaluate(crop, [{"left": -20, "top": -10, "width": 90, "height": 90}, SIZE])
    assert (corner["left"], corner["top"]) == (0, 0)
    whole = page.evaluate(
        crop, [{"left": 0, "top": 0, "width": 90, "height": 90}, {"width": 100, "height": 80}]
    )
    assert whole["side"] == 80


def test_after_a_reload_the_enrolled_face_stands_alone(chat: Chat, api: PageApi, portrait: bytes) -> None:
    send_and_match(chat, api, portrait)
    expect(chat.page.locator("canvas.drawn")).to_have_count(2)
    chat.open()
    expect(chat.page.locator("canvas.drawn")).to_have_count(1)
    expect(chat.page.get_by_role("img", name="Eileen Collins")).to_be_visible()
    expect(chat.page.locator(".photo-gone")).to_be_visible()


def test_a_match_without_a_photo_still_names_and_counts(chat: Chat, api: PageApi, portrait: bytes) -> None:
    send_and_match(chat, api, portrait, photo_url=None, photo_size=None, photo_box=None)
    expect(chat.page.locator("canvas.drawn")).to_have_count(1)
    expect(chat.page.get_by_role("figure")).to_contain_text("93% alike")


def send_and_match(chat: Chat, api: PageApi, portrait: bytes, **more: str | None) -> None:
    enrolled = api.gallery.enroll(portrait, SIZE, FACE, name="Eileen Collins")  # type: ignore[arg-type]
    choose(chat.page, portrait)
    chat.box.press("Enter")
    event = api.event(api.heard()[0])
    api.answer(event, "You look like Eileen Collins.", look_alike=look_alike(enrolled.id, **more))
    expect(chat.replies).to_have_count(1)
