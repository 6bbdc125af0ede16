"""An administrator's browser: a cookie no script and no other site can use, and few tries at the token."""

from collections.abc import Iterator

import httpx
import pytest

from tests.integration.gateway.fake_face import FaceServer
from tests.integration.gateway.room import ADMIN_TOKEN, GatewayRoom
from tests.integration.gateway.web_page import WebPage

ADMIN = "/api/v1/admin"
SHOWN = {"Authorization": f"Bearer {ADMIN_TOKEN}"}


@pytest.fixture
def browser(gateway: GatewayRoom) -> Iterator[httpx.Client]:
    """Signed in."""
    with httpx.Client(base_url=gateway.url, trust_env=False) as http:
        assert http.post(f"{ADMIN}/sign-in", headers=SHOWN).status_code == 204
        yield http


def test_the_cookie_is_for_the_administration_alone_and_for_no_script(gateway: GatewayRoom) -> None:
    answer = gateway.client.post(f"{ADMIN}/sign-in", headers=SHOWN)
    cookie = answer.headers["set-cookie"].lower()
    assert {"httponly", "samesite=strict", f"path={ADMIN}"} <= {part.strip() for part in cookie.split(";")}
    assert ADMIN_TOKEN not in cookie


def test_who_signed_in_may_administer_until_signing_out(browser: httpx.Client) -> None:
    assert browser.get(f"{ADMIN}/identities").status_code == 200
    assert browser.post(f"{ADMIN}/sign-out").status_code == 204
    assert browser.get(f"{ADMIN}/identities").status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
    ],
)
def test_no_page_of_another_site_changes_anything_with_a_persons_cookies(
    gateway: GatewayRoom, face: FaceServer, browser: httpx.Client, headers: dict[str, str]
) -> None:
    page = WebPage(gateway.url)
    posts = [
        browser.delete(f"{ADMIN}/identities/id-1", headers=headers),
        browser.post(f"{ADMIN}/identities", headers=headers, content=b""),
        browser.post(f"{ADMIN}/sign-out", headers=headers),
        page.http.post(
            f"{page.path}/messages", headers=headers, json={"client_id": "message-1", "text": "x"}
        ),
        page.http.post(f"{page.path}/stop", headers=headers, json={"client_id": "message-2"}),
    ]
    assert {(answer.status_code, answer.json()["code"]) for answer in posts} == {(403, "cross_site")}
    assert not face.calls
    page.http.close()


def test_the_page_itself_may(browser: httpx.Client, gateway: GatewayRoom) -> None:
    for headers in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": gateway.url}):
        assert browser.delete(f"{ADMIN}/identities/id-1", headers=headers).status_code == 204


def test_after_too_many_wrong_tokens_the_right_one_waits_too_and_others_do_not(gateway: GatewayRoom) -> None:
    guesser, other = ({"X-Forwarded-For": f"93.184.216.{number}"} for number in (7, 8))
    wrong = list[httpx.Response]()
    while not wrong or (len(wrong) < 100 and wrong[-1].status_code == 401):  # a try comes back every 3 s
        guess = {"Authorization": f"Bearer guess-{len(wrong)}"}
        wrong.append(gateway.client.post(f"{ADMIN}/sign-in", headers=guesser | guess))
    assert 20 < len(wrong) < 100
    assert int(wrong[-1].headers["retry-after"]) > 0
    assert gateway.client.post(f"{ADMIN}/sign-in", headers=guesser | SHOWN).status_code == 429
    assert gateway.client.post(f"{ADMIN}/sign-in", headers=other | SHOWN).status_code == 204
