"""One person's rate does not touch another's, and people who were not heard for long are forgotten."""

from services.gateway.intake import MOST_PEOPLE, Rate


class Clock:
    """A time that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_one_message_too_many_is_refused_and_others_are_not() -> None:
    rate = Rate(3)
    assert [rate.count("web:a") for _ in range(4)] == [True, True, True, False]
    assert rate.count("web:b")


def test_after_a_minute_there_is_room_again() -> None:
    clock = Clock()
    rate = Rate(2, clock)
    assert [rate.count("web:a") for _ in range(3)] == [True, True, False]
    clock.now += 59
    assert not rate.count("web:a")
    clock.now += 2
    assert rate.count("web:a")


def test_a_refused_message_does_not_lengthen_the_wait() -> None:
    clock = Clock()
    rate = Rate(1, clock)
    assert rate.count("web:a")
    for _ in range(6):
        clock.now += 10
        rate.count("web:a")
    clock.now += 1
    assert rate.count("web:a")


def test_of_too_many_people_the_one_who_was_not_heard_for_longest_is_forgotten() -> None:
    rate = Rate(1)
    for number in range(MOST_PEOPLE + 1):
        assert rate.count(f"web:{number}")
    assert not rate.count(f"web:{MOST_PEOPLE}")
    assert rate.count("web:0")
