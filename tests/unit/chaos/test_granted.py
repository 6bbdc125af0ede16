"""What people wanted of answers and did not get is found."""

from dataclasses import replace

from tests.chaos.history import STOPPED, Asked, History, Shown, Span, Streamed, Wish
from tests.chaos.oracle import violations
from tests.chaos.words import answer_to, mark_of, story


def good() -> History:
    """Two tales that were stopped, an answer on Telegram that was deleted, one on Slack that was rated."""
    asked = [
        Asked("s1n1e", "D1", "slack", "tale", 90.0, 90.1),
        Asked("s1n2e", "D1", "slack", "stream", 95.0, 95.1),
        Asked("t1n1e", "11", "telegram", "echo", 90.0, 90.1),
        Asked("w1n1e", "web", "web", "tale", 90.0, 90.1),
    ]
    shown = [
        Shown("D1", "s1n1e", begun("s1n1e", "\n\n_Stopped._"), 90.5, "m1"),
        Shown("D1", "s1n2e", answer_to("s1n2e", "stream"), 96.0, "m2"),
        Shown("11", "t1n1e", answer_to("t1n1e", "echo"), 90.5, "7", gone_at=93.0),
        Shown("web", "w1n1e", begun("w1n1e"), 91.5, "3-0"),
    ]
    wishes = [
        Wish("s1n1e", "stop", "D1", "", "c1", 91.0, 91.1, is_taken=True),
        Wish("s1n2e", "rate", "D1", "m2", "c2", 97.0, 97.1, is_taken=True),
        Wish("t1n1e", "delete", "11", "7", "c3", 92.0, 92.1, is_taken=True),
        Wish("w1n1e", "stop", "web", "", "c4", 91.0, 91.1, is_taken=True),
    ]
    kinds = ("said", "reply", "done")
    streamed = [Streamed("web", f"{n}-0", kind, "w1n1e") for n, kind in enumerate(kinds, 1)]
    return History(asked, shown, streamed=streamed, wishes=wishes, ratings=1)


def begun(mark: str, end: str = "") -> str:
    return " ".join(story(mark, "tale")[:9]) + end


def told(history: History) -> str:
    return "\n".join(violations(history))


def test_a_run_in_which_everybody_got_what_they_wanted_has_no_violation() -> None:
    assert violations(good()) == []


def test_half_an_answer_that_nobody_stopped_is_found() -> None:
    history = good()
    del history.wishes[0]
    assert told(history).startswith("s1n1e was answered with 's1n1e is word0")


def test_on_the_web_the_stop_of_another_answer_ends_none() -> None:
    history = good()
    history.wishes[3].mark = "t1n1e"
    assert told(history).startswith("w1n1e was answered with 'w1n1e is word0")


def test_another_text_than_the_beginning_is_found_though_it_was_stopped() -> None:
    history = good()
    history.shown[0] = replace(history.shown[0], text="s1n1e was Stopped.")
    assert told(history) == "s1n1e was answered with 's1n1e was Stopped.'"


def test_an_answer_that_was_whole_before_its_stop_is_fine() -> None:
    history = good()
    history.shown[0] = replace(history.shown[0], text=answer_to("s1n1e", "tale"), at=93.5)
    history.wishes[0].acked_at = 92.5
    assert violations(history) == []


def test_an_answer_that_becomes_whole_after_its_stop_is_found() -> None:
    history = good()
    history.shown[0] = replace(history.shown[0], text=answer_to("s1n1e", "tale"), at=93.5)
    assert told(history) == "s1n1e was stopped and became whole"
    history.spans.append(Span("kill", "worker1", 89.0, 91.0))
    assert violations(history) == []


def test_an_answer_that_was_stopped_before_its_first_word_may_be_missing() -> None:
    history = good()
    assert mark_of("_Stopped._") == STOPPED
    history.shown[0] = Shown("D1", STOPPED, "_Stopped._", 91.2, "m1")
    del history.shown[3]
    del history.streamed[1]
    assert violations(history) == []


def test_an_answer_that_is_missing_without_a_line_about_its_stop_is_found() -> None:
    history = good()
    del history.shown[0]
    assert told(history) == "s1n1e was accepted and never answered"


def test_half_an_answer_without_a_line_about_its_stop_is_found_but_on_the_web() -> None:
    history = good()
    history.shown[0] = replace(history.shown[0], text=begun("s1n1e"))
    assert told(history).startswith("s1n1e was answered with 's1n1e is word0")


def test_a_fault_in_the_middle_of_a_stop_may_leave_its_line_by_itself() -> None:
    history = good()
    history.shown[0] = replace(history.shown[0], text=begun("s1n1e"))
    history.shown.append(Shown("D1", STOPPED, "_Stopped._", 92.0, "m3"))
    assert told(history).startswith("s1n1e was answered with 's1n1e is word0")
    history.spans.append(Span("reset", "redis", 91.0, 91.5))
    assert violations(history) == []
    del history.shown[-1]
    assert told(history).startswith("s1n1e was answered with 's1n1e is word0")


def test_a_line_about_a_stop_where_nobody_stopped_anything_is_found() -> None:
    history = good()
    history.shown.append(Shown("11", STOPPED, "Stopped.", 95.0, "9"))
    assert told(history) == "nobody asked for 'Stopped.' in 11"


def test_an_answer_that_still_stands_though_it_was_deleted_is_found() -> None:
    history = good()
    history.shown[2] = replace(history.shown[2], gone_at=None)
    assert told(history) == "t1n1e was deleted and still stands"


def test_a_deletion_that_nobody_accepted_need_not_happen() -> None:
    history = good()
    history.shown[2] = replace(history.shown[2], gone_at=None)
    history.wishes[2].acked_at, history.wishes[2].is_taken = None, False
    assert violations(history) == []


def test_a_late_deletion_is_found_and_a_fault_gives_it_time() -> None:
    history = good()
    history.shown[2] = replace(history.shown[2], gone_at=113.0)
    assert told(history) == "t1n1e was deleted 20.9 s after the last fault"
    history.spans.append(Span("kill", "worker1", 100.0, 105.0))
    assert violations(history) == []


def test_a_fault_while_telegram_sent_it_may_leave_a_message_that_we_do_not_know() -> None:
    history = good()
    history.shown[2] = replace(history.shown[2], gone_at=None)
    history.spans.append(Span("kill", "worker1", 90.6, 90.7))
    assert violations(history) == []
    history.spans[0] = Span("kill", "worker1", 100.0, 105.0)
    assert told(history) == "t1n1e was deleted and still stands"


def test_an_answer_that_vanished_by_itself_is_found() -> None:
    history = good()
    history.shown[1] = replace(history.shown[1], gone_at=99.0)
    assert told(history) == "s1n2e vanished, and nobody had asked for that"


def test_a_page_that_hears_of_a_deletion_twice_is_found() -> None:
    history = good()
    history.streamed += [Streamed("web", f"{n}-0", "deleted", "w1n1e") for n in (4, 5)]
    assert told(history) == "w1n1e: the page saw 2 × deleted"


def test_what_was_acknowledged_and_not_accepted_is_found() -> None:
    history = good()
    history.shown[2] = replace(history.shown[2], gone_at=None)
    history.wishes[2].is_taken = False
    assert told(history) == "t1n1e: its delete was acknowledged and not accepted"


def test_slack_s_button_may_be_answered_in_words_only() -> None:
    history = good()
    history.wishes[0].is_taken = False
    assert violations(history) == []


def test_a_rating_that_is_lost_or_counts_twice_is_found() -> None:
    for counted in (0, 2):
        history = good()
        history.ratings = counted
        assert told(history) == f"1 answers were rated, and {counted} ratings are counted"


def test_what_people_of_a_group_say_to_one_another_gets_no_answer() -> None:
    history = good()
    history.asked.append(Asked("g1n1e", "-1", "telegram", "aside", 90.0, 90.1))
    assert violations(history) == []
    history.shown.append(Shown("-1", "g1n1e", "g1n1e aside", 91.0, "10"))
    assert told(history) == "g1n1e was answered though it is aside"
