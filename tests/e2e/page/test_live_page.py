"""The live page of interactive learning, as a browser shows it."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from services.nlp.formats.story import ActionStep, Story, UserStep
from services.nlp.showing.graph import build_graph, path_of
from services.nlp.showing.live_page import LivePage
from services.nlp.showing.svg import to_svg


@pytest.fixture
def live() -> Iterator[LivePage]:
    """The page's server, not started yet."""
    live = LivePage()
    yield live
    live.stop()


def _talk(*actions: str) -> str:
    """The picture of a conversation so far."""
    steps = tuple(step for action in actions for step in (UserStep(f"ask_{action}"), ActionStep(action)))
    talk = Story("now", steps)
    graph = build_graph([], ongoing=talk)
    return to_svg(graph, path_of(graph, talk))


def test_graph_history_and_slots_grow_with_the_conversation(live: LivePage, page: Page) -> None:
    live.show(_talk("utter_a"), [("you", "<b>你好</b>")], {"city": None})
    page.goto(live.start(0))
    expect(page.get_by_role("status")).to_have_text("live")
    expect(page.locator("svg .now text")).to_have_text("utter_a")
    expect(page.locator("#history")).to_contain_text("<b>你好</b>")
    expect(page.locator("#slots")).to_have_text("city–")
    live.show(_talk("utter_a", "utter_b"), [("you", "<b>你好</b>"), ("bot", "hi")], {"city": "Rome"})
    expect(page.locator("svg .now text")).to_have_text("utter_b")
    expect(page.locator("#history tr")).to_have_count(2)
    expect(page.locator("#slots")).to_have_text("cityRome")


def test_the_current_node_of_a_long_conversation_is_in_sight(live: LivePage, page: Page) -> None:
    live.show(_talk(*(f"utter_{number}" for number in range(40))), [], {})
    page.goto(live.start(0))
    expect(page.locator("svg .now")).to_be_in_viewport()


def test_the_page_finds_its_way_back_to_a_server_that_was_gone(live: LivePage, page: Page) -> None:
    url = live.start(0)
    page.goto(url)
    expect(page.get_by_role("status")).to_have_text("live")
    live.stop()
    expect(page.get_by_role("status")).to_have_text("not connected, trying again")
    live.show(_talk("utter_back"), [], {})
    live.start(urlsplit(url).port or 0)
    expect(page.locator("svg .now text")).to_have_text("utter_back")
    expect(page.get_by_role("status")).to_have_text("live")


def test_what_the_graph_brings_along_runs_no_script(live: LivePage, page: Page) -> None:
    mean = '<svg xmlns="http://www.w3.org/2000/svg"><text class="now">x</text><script>document.title="taken"</script></svg>'
    live.show(mean, [], {})
    page.goto(live.start(0))
    expect(page.locator("svg .now")).to_be_attached()
    expect(page).to_have_title("Interactive learning")
