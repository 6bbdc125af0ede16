"""The pages before a stand-in of the gateway that the test plays itself."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from skimage import data

from tests.fakes.page_api import PageApi

FACE = {"left": 171, "top": 71, "width": 103, "height": 103}
SIZE = {"width": 512, "height": 512}


@pytest.fixture
def api() -> Iterator[PageApi]:
    """The gateway as the page sees it."""
    server = PageApi()
    server.start()
    yield server
    server.stop()


class Chat:
    """What a person does on the chat page."""

    def __init__(self, page: Page, api: PageApi) -> None:
        self.page = page
        self.api = api
        self.box = page.get_by_role("textbox", name="Message")
        self.lines = page.locator("#log > .line")
        self.replies = page.locator("#log > .bot")
        self.draft = page.locator("#drafts .draft")
        self.stop_button = page.get_by_role("button", name="Stop the answer")

    def open(self) -> None:
        """Load the page and wait until it listens."""
        self.page.goto(self.api.url)
        expect(self.page.locator("#connection")).to_have_attribute("data-state", "live")

    def say(self, text: str) -> str:
        """Write a line and send it; gives its event id, once the server has it."""
        before = len(self.api.called("message"))
        self.box.fill(text)
        self.box.press("Enter")
        return self.api.event(self.api.heard(before + 1)[-1])


@pytest.fixture
def chat(page: Page, api: PageApi) -> Chat:
    """The chat page, open and connected."""
    chat = Chat(page, api)
    chat.open()
    return chat


@pytest.fixture(scope="session")
def portrait() -> bytes:
    """A photo with a real face, at FACE."""
    out = io.BytesIO()
    Image.fromarray(data.astronaut()).save(out, "JPEG")  # type: ignore[no-untyped-call]
    return out.getvalue()


def look_alike(identity: str, **more: Any) -> dict[str, Any]:
    """A match of the portrait with an enrolled person who has the same one."""
    return {
        "identity_id": identity,
        "name": "Eileen Collins",
        "percent": 93,
        "distance": 0.2,
        "same_person": True,
        "photo_url": f"/api/v1/galleries/default/identities/{identity}/photo",
        "photo_size": SIZE,
        "photo_box": FACE,
        "face": FACE,
        "image": SIZE,
        "faces_found": 1,
        **more,
    }
