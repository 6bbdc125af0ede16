"""The estimate of tokens."""

import pytest

from services.nlp.engines.llm.tokens import estimate


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("", 0, 0),
        ("The quick brown fox jumps over the lazy dog.", 9, 14),  # 10 in today's vocabularies
        ("今天天氣怎麼樣？明天會下雨嗎？", 9, 15),
        ("Привет, как дела сегодня?", 6, 14),
        ("1234567890", 3, 5),
    ],
)
def test_an_estimate_is_near_what_models_count_and_not_far_below(text: str, least: int, most: int) -> None:
    assert least <= estimate(text) <= most


def test_more_text_is_never_fewer_tokens() -> None:
    text = "Hello, 世界! Привет 123 🙂"
    counts = [estimate(text[:end]) for end in range(len(text) + 1)]
    assert counts == sorted(counts)
