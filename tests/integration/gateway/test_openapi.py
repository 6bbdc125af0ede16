"""Whatever is asked of the gateway's API, what comes is what OpenAPI says, and never a fault of its own."""

from collections.abc import Mapping

from schemathesis import Case

from tests.integration.gateway.room import ADMIN_TOKEN, GatewayRoom
from tests.integration.gateway.web_page import WebPage
from tests.openapi_fuzzing import fuzz
from tests.payloads import TELEGRAM_SECRET

EXAMPLES = 5


def test_any_question_gets_an_answer_as_declared(gateway: GatewayRoom) -> None:
    page = WebPage(gateway.url)
    conversation = page.path.rpartition("/")[2]

    def prepare(case: Case) -> Mapping[str, str]:
        if "conversation" in case.path_parameters and not case.path.endswith("/events"):  # those never end
            case.path_parameters["conversation"] = conversation
        if "/admin/" in case.path:
            return {"Authorization": f"Bearer {ADMIN_TOKEN}"}
        cookie = f"switchboard_person={page.http.cookies['switchboard_person']}"
        return {"X-Telegram-Bot-Api-Secret-Token": TELEGRAM_SECRET, "Cookie": cookie}

    before = len(gateway.log)
    asked = fuzz(gateway.url, EXAMPLES, prepare)
    page.http.close()
    assert len(asked) > 15
    assert '"level": "error"' not in gateway.log[before:]
