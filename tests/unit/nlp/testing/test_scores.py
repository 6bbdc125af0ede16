"""Entities are scored each for itself and all together, as whole spans."""

import pytest

from services.nlp.testing.scores import Span, entity_report

CITY: Span = (0, 4, "city", "", "")
LATER: Span = (8, 12, "city", "to", "")
DAY: Span = (20, 26, "day", "", "")


def test_each_entity_has_precision_recall_f1_and_support_of_its_own() -> None:
    figures = entity_report([{CITY, LATER}, {DAY}, set()], [{CITY}, {DAY}, {DAY}])
    assert figures["city"] == pytest.approx({"precision": 1, "recall": 0.5, "f1-score": 2 / 3, "support": 2})
    assert figures["day"] == pytest.approx({"precision": 0.5, "recall": 1, "f1-score": 2 / 3, "support": 1})


def test_the_averages_count_spans_entities_or_both() -> None:
    figures = entity_report([{CITY, LATER}, {DAY}], [{CITY, LATER}, set()])
    assert figures["micro avg"] == pytest.approx(
        {"precision": 1, "recall": 2 / 3, "f1-score": 0.8, "support": 3}
    )
    assert figures["macro avg"] == pytest.approx(
        {"precision": 0.5, "recall": 0.5, "f1-score": 0.5, "support": 3}
    )
    assert figures["weighted avg"]["recall"] == pytest.approx(2 / 3)


@pytest.mark.parametrize("found", [(0, 5, "city", "", ""), (0, 4, "city", "to", ""), (0, 4, "day", "", "")])
def test_a_span_that_differs_in_place_name_or_role_is_wrong(found: Span) -> None:
    assert entity_report([{CITY}], [{found}])["city"]["recall"] == 0


def test_an_entity_that_is_only_found_is_shown_as_wrong() -> None:
    figures = entity_report([set()], [{DAY}])
    assert figures["day"] == {"precision": 0.0, "recall": 0.0, "f1-score": 0.0, "support": 0}
