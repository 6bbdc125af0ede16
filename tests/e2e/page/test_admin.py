"""The page to enroll and remove people."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.page.conftest import FACE, SIZE
from tests.fakes.page_api import PageApi
from tests.fakes.page_people import TOKEN


@pytest.fixture
def sign_in(page: Page, api: PageApi) -> Callable[[], None]:
    """Open the page and show a token."""

    def act(token: str = TOKEN) -> None:
        page.goto(f"{api.url}/admin")
        page.get_by_label("Administrator's token").fill(token)
        page.keyboard.press("Enter")

    return act


def fill_form(page: Page, photo: bytes, name: str = "Eileen Collins") -> None:
    page.locator("#photo").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo})
    page.get_by_role("textbox", name="Name", exact=True).fill(name)


def test_a_person_is_enrolled_and_stands_in_the_list_with_the_photo(
    page: Page, api: PageApi, sign_in: Callable[[], None], portrait: bytes
) -> None:
    sign_in()
    expect(page.get_by_text("Nobody is enrolled yet.")).to_be_visible()
    fill_form(page, portrait)
    expect(page.locator("#preview")).to_be_visible()
    page.get_by_label("Short name").fill("eileen-collins")
    page.get_by_label("Role").fill("astronaut")
    page.get_by_label("Licence").fill("Public domain")
    page.get_by_label("Source of the photo").fill("NASA")
    page.get_by_role("button", name="Enroll a person").click()
    expect(page.get_by_role("status")).to_have_text("Eileen Collins is enrolled.")
    person = page.get_by_role("listitem")
    expect(person).to_contain_text("astronaut · eileen-collins")
    portrait_shown = person.get_by_role("img", name="Photo of Eileen Collins")
    expect(portrait_shown).to_be_visible()
    assert portrait_shown.evaluate("node => node.decode().then(() => node.naturalWidth)") == 512
    [enrolled] = api.gallery.people.values()
    assert (enrolled.alias, enrolled.licence, enrolled.source) == ("eileen-collins", "Public domain", "NASA")
    assert api.gallery.photos[enrolled.id] == portrait
    expect(page.get_by_role("textbox", name="Name", exact=True)).to_have_value("")


def test_several_faces_are_told(
    page: Page, api: PageApi, sign_in: Callable[[], None], portrait: bytes
) -> None:
    api.gallery.faces_found = 3
    sign_in()
    fill_form(page, portrait)
    page.get_by_role("button", name="Enroll a person").click()
    expect(page.get_by_role("status")).to_contain_text("shows 3 faces; the main one was taken")


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (422, "no_face", "No face was found"),
        (413, "photo_too_large", "too large"),
        (415, "photo_unsupported", "not a photo that can be read"),
        (503, "face_down", "did not work"),
    ],
)
def test_what_goes_wrong_is_said_plainly_and_the_form_keeps_its_text(
    page: Page, api: PageApi, sign_in: Callable[[], None], portrait: bytes, status: int, code: str, words: str
) -> None:
    api.gallery.problem = (status, code)
    sign_in()
    fill_form(page, portrait)
    page.get_by_role("button", name="Enroll a person").click()
    expect(page.get_by_role("alert")).to_contain_text(words)
    expect(page.get_by_role("textbox", name="Name", exact=True)).to_have_value("Eileen Collins")
    expect(page.get_by_role("button", name="Enroll a person")).to_be_enabled()


def test_a_form_without_photo_or_name_is_not_sent(
    page: Page, api: PageApi, sign_in: Callable[[], None], portrait: bytes
) -> None:
    sign_in()
    button = page.get_by_role("button", name="Enroll a person")
    button.click()
    expect(page.get_by_role("alert")).to_have_text("Choose a photo first.")
    fill_form(page, portrait, name=" ")
    button.click()
    expect(page.get_by_role("alert")).to_have_text("Give a name first.")
    assert api.gallery.people == {}


def test_a_person_is_removed_only_after_a_yes(
    page: Page, api: PageApi, sign_in: Callable[[], None], portrait: bytes
) -> None:
    api.gallery.enroll(portrait, SIZE, FACE, name="Eileen Collins")  # type: ignore[arg-type]
    sign_in()
    remove = page.get_by_role("button", name="Remove Eileen Collins")
    remove.click()
    dialog = page.get_by_role("dialog", name="Remove Eileen Collins?")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(remove).to_be_focused()
    assert len(api.gallery.people) == 1
    remove.click()
    dialog.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("status")).to_have_text("Eileen Collins is removed.")
    expect(page.get_by_role("listitem")).to_have_count(0)
    assert api.gallery.people == {}


def test_somebody_removed_elsewhere_leaves_the_list(
    page: Page, api: PageApi, sign_in: Callable[[], None], portrait: bytes
) -> None:
    api.gallery.enroll(portrait, SIZE, FACE, name="Eileen Collins")  # type: ignore[arg-type]
    sign_in()
    page.get_by_role("button", name="Remove Eileen Collins").click()
    api.gallery.people.clear()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_role("alert")).to_contain_text("removed already")
    expect(page.get_by_role("listitem")).to_have_count(0)


@pytest.mark.parametrize("token", ["wrong", "密碼"])
def test_a_wrong_token_is_told_and_not_kept(page: Page, api: PageApi, token: str) -> None:
    page.goto(f"{api.url}/admin")
    page.get_by_label("Administrator's token").fill(token)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text("This token is not right.")
    assert page.evaluate("sessionStorage.length") == 0
    expect(page.locator("#office")).to_be_hidden()


def test_who_is_signed_in_stays_so_until_signing_out_and_no_script_can_read_the_token(
    page: Page, sign_in: Callable[[], None], api: PageApi
) -> None:
    sign_in()
    expect(page.locator("#office")).to_be_visible()
    page.reload()
    expect(page.locator("#office")).to_be_visible()
    assert page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length") == 0
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#office")).to_be_hidden()
    page.reload()
    expect(page.get_by_label("Administrator's token")).to_be_visible()
    expect(page.locator("#office")).to_be_hidden()


def test_admin_pages_that_are_off_say_how_to_turn_them_on(
    page: Page, api: PageApi, sign_in: Callable[[], None]
) -> None:
    api.gallery.admin_on = False
    sign_in()
    expect(page.get_by_role("alert")).to_contain_text("Set ADMIN_TOKEN")


def test_names_are_text_and_never_markup(
    page: Page, api: PageApi, sign_in: Callable[[], None], portrait: bytes
) -> None:
    name = "<img src=x onerror=window.hacked=1>"
    api.gallery.enroll(portrait, SIZE, FACE, name=name)  # type: ignore[arg-type]
    sign_in()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    assert page.evaluate("window.hacked") is None


def test_the_list_says_how_often_each_was_found_and_which_never(
    page: Page, api: PageApi, sign_in: Callable[[], None], portrait: bytes
) -> None:
    for name, found in (("Ann", 1), ("Bell", 0), ("Cleo", 7)):
        api.gallery.enroll(portrait, SIZE, FACE, name=name, found=found)  # type: ignore[arg-type]
    sign_in()
    people = page.get_by_role("listitem")
    expect(people).to_contain_text(["Found once", "Never found", "Found 7 times"])
    expect(page.locator("#found")).to_have_text("2 of them found as look-alikes so far, 1 never.")
    page.get_by_label("Show").select_option("Most often found first")
    expect(people.get_by_role("heading")).to_have_text(["Cleo", "Ann", "Bell"])
    page.get_by_label("Show").select_option("Never found")
    expect(people.get_by_role("heading")).to_have_text(["Bell"])
    page.get_by_role("searchbox").fill("cleo")
    expect(page.locator("#nobody")).to_have_text("Nobody by this name.")
    page.get_by_role("searchbox").fill("")
    page.get_by_label("Show").select_option("All, by name")
    expect(people.get_by_role("heading")).to_have_text(["Ann", "Bell", "Cleo"])


def test_where_everybody_was_found_nobody_is_listed_as_never_found(
    page: Page, api: PageApi, sign_in: Callable[[], None], portrait: bytes
) -> None:
    api.gallery.enroll(portrait, SIZE, FACE, name="Ann", found=2)  # type: ignore[arg-type]
    sign_in()
    page.get_by_label("Show").select_option("Never found")
    expect(page.locator("#nobody")).to_have_text("Everybody has been found.")
