"""Chinese scripts."""

import pytest

from services.nlp.nlu.script import in_script


@pytest.mark.parametrize("text", ["台北今天陰", "平台暫停交易", "一家店，一台車", "plain"])
def test_what_is_written_in_traditional_characters_is_not_corrected(text: str) -> None:
    assert in_script(text, "hant") == text


def test_simplified_text_is_put_into_traditional_characters() -> None:
    assert in_script("没有这个台", "hant") == "沒有這個臺"
    assert in_script("沒有這個", "hans") == "没有这个"
