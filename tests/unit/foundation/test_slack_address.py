"""Which addresses a token of Slack's may go to."""

import pytest

from foundation.slack_address import is_slacks

API = "https://slack.com/api/"


@pytest.mark.parametrize(
    ("url", "api_url", "ours"),
    [
        ("https://files.slack.com/files-pri/T1-F1/a.jpg", API, True),
        ("https://hooks.slack.com/actions/T1/1", API, True),
        ("https://files.slack-gov.com/files-pri/T1-F1/a.jpg", "https://slack-gov.com/api/", True),
        ("http://127.0.0.1:1/files-pri/F1", "http://127.0.0.1:1/api/", True),
        ("http://files.slack.com/a.jpg", API, False),
        ("http://slack.com/a.jpg", API, False),
        ("https://files.slack.com.example.org/a.jpg", API, False),
        ("https://notslack.com/a.jpg", API, False),
        ("https://example.org/?slack.com", API, False),
        ("https://slack.com@example.org/", API, False),
        ("", API, False),
    ],
)
def test_only_slacks_own_hosts_by_https_and_where_the_api_is(url: str, api_url: str, ours: bool) -> None:
    assert is_slacks(url, api_url) is ours
