"""What a refusal of Slack's streams says about the next one."""

import pytest

from services.worker.channels.slack_streams import AGAIN_S, StreamRights


class Clock:
    """A clock that is set by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("name", "here", "elsewhere", "later"),
    [
        ("missing_scope", False, False, False),
        ("not_allowed_token_type", False, False, False),
        ("channel_type_not_supported", False, True, False),
        ("thread_not_found", False, True, True),
        ("some_new_error", False, True, True),
    ],
)
def test_a_refusal_ends_streams_where_it_will_be_repeated_and_else_for_a_minute(
    name: str, here: bool, elsewhere: bool, later: bool
) -> None:
    clock = Clock()
    rights = StreamRights("native", clock)
    rights.refuse("T1", "C1", name)
    assert (rights.allow("T1", "C1"), rights.allow("T1", "C2")) == (here, elsewhere)
    assert rights.allow("T2", "C1")
    clock.now += AGAIN_S
    assert rights.allow("T1", "C1") is later
