"""A plan is a function of its seed."""

from tests.chaos.plan import QUIET_EVERY_S, QUIET_S, WAITED_FOR, Crowd, make_plan

CROWDS = (Crowd("telegram", "alpha", 3, ("echo",)), Crowd("web", "web", 2, ("echo", "forged")))
MENU = [("kill", "worker1"), ("stop", "nlp"), ("kill", "gateway")]


def test_the_same_seed_gives_the_same_run() -> None:
    assert make_plan(7, 300, CROWDS, MENU) == make_plan(7, 300, CROWDS, MENU)


def test_another_seed_gives_another_run() -> None:
    one, other = (make_plan(seed, 300, CROWDS, MENU) for seed in (7, 8))
    assert one.faults != other.faults
    assert one.people != other.people


def test_every_fault_of_the_menu_comes_before_one_comes_again() -> None:
    plan = make_plan(7, 600, CROWDS, MENU)
    first = [(fault.kind, fault.target) for fault in plan.faults[: len(MENU)]]
    assert sorted(first) == sorted(MENU)


def test_faults_come_one_after_another_and_leave_quiet_times() -> None:
    plan = make_plan(7, 600, CROWDS, MENU)
    assert len(plan.faults) > 30
    for earlier, later in zip(plan.faults, plan.faults[1:], strict=False):
        assert earlier.at_s + earlier.span_s < later.at_s
    for fault in plan.faults:
        assert fault.at_s % QUIET_EVERY_S <= QUIET_EVERY_S - QUIET_S
        assert fault.at_s + fault.span_s <= 600


def test_at_times_somebody_who_is_waited_for_is_long_away() -> None:
    menu = [*WAITED_FOR, ("kill", "gateway"), ("down", "model")]
    faults = make_plan(7, 3600, CROWDS, menu).faults
    long = {(fault.kind, fault.target) for fault in faults if fault.span_s > 60}
    assert long == set(WAITED_FOR)
    assert 0.1 < sum(fault.span_s > 60 for fault in faults) / len(faults) < 0.5


def test_everybody_s_marks_are_their_own_and_in_time() -> None:
    plan = make_plan(7, 300, CROWDS, MENU)
    sayings = [saying for person in plan.people for saying in person.sayings]
    assert len({saying.mark for saying in sayings}) == len(sayings) > 200
    assert all(0 <= saying.at_s < 300 for saying in sayings)
    assert {saying.kind for saying in sayings} == {"echo", "forged"}
