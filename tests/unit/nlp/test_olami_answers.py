"""What OLAMI's modules answer, as replies."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.nlp.engines.olami.answers import reply_of
from services.nlp.engines.olami.client import signature
from services.worker.channels.rich_text import rich_text
from tests.fakes.olami_server import MODULES

ANSWERS = {
    "放一首歌": "https://music.test/1",
    "放沒有的歌": "找不到這首歌。",
    "誰是李白": "李白，唐代詩人。",
    "講個笑話": "一隻貓走進圖書館。",
    "番茄炒蛋怎麼做": "先炒蛋，再炒番茄。",
    "李白的詩": "請選一首\n\n1. 靜夜思，作者：李白\n2. 早發白帝城，作者：李白",
    "有什麼菜": "請選一道\n\n1. 番茄炒蛋\n2. 麻婆豆腐",
    "選電影": "對不起，你說的我還不懂，能換個說法嗎？",
    "台積電股價": "台積電目前 600 元。",
    "三百乘以七": "2100",
    "今天幾號": "今天是十一月二十一日。",
    "一公里幾公尺": "1000 公尺。",
    "你好嗎": "我很好。",
    "嗚啦啦": "我聽不懂。\n請用 /help 指令看看我能怎麼幫助您。",
    "空的百科": "沒有資料。",
}


@pytest.mark.parametrize(("asked", "answer"), ANSWERS.items())
def test_each_module_is_read_where_it_keeps_its_answer(asked: str, answer: str) -> None:
    reply = reply_of(MODULES[asked], "zh-Hant")
    assert reply
    assert reply.text == answer


def test_a_list_offers_its_numbers_as_buttons() -> None:
    reply = reply_of(MODULES["李白的詩"], "zh-Hant")
    assert reply
    assert [(button.title, button.payload) for button in reply.buttons] == [("1", "1"), ("2", "2")]


def test_what_olami_says_is_text_and_not_formatting() -> None:
    reply = reply_of({"type": "math", "desc_obj": {"result": "2*3*4 = 24\n[x](javascript:y)"}}, "zh-Hant")
    assert reply
    assert rich_text(reply.text).text == "2*3*4 = 24\n[x](javascript:y)"
    assert not rich_text(reply.text).spans


def test_an_entry_without_a_name_keeps_the_numbers_of_the_others() -> None:
    titles = [{"title": "甲"}, {"title": None}, 7, {"title": "*丁*"}]
    reply = reply_of({"type": "selection", "desc_obj": {"type": "news"}, "data_obj": titles}, "zh-Hant")
    assert reply
    assert reply.text == "1. 甲\n4. \\*丁\\*"
    assert [button.payload for button in reply.buttons] == ["1", "4"]


def test_a_long_answer_is_cut() -> None:
    joke = {"type": "joke", "desc_obj": {}, "data_obj": [{"content": "哈" * 500_000}]}
    reply = reply_of(joke, "zh-Hant")
    assert reply
    assert len(reply.text) < 10_000


@pytest.mark.parametrize("url", ["javascript:alert(1)", 7, None, "https://a b"])
def test_music_without_an_address_is_told_by_its_words(url: Any) -> None:
    found = {"type": "kkbox", "desc_obj": {"result": "找到了"}, "data_obj": [{"url": url}]}
    reply = reply_of(found, "zh-Hant")
    assert reply
    assert reply.text == "找到了"


@pytest.mark.parametrize("asked", ["壞的新聞", "什麼都沒有"])
def test_an_answer_without_words_is_no_reply(asked: str) -> None:
    assert reply_of(MODULES[asked], "zh-Hant") is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
modules = st.sampled_from(["kkbox", "baike", "news", "joke", "cooking", "selection", "ds", "weather", "new"])


@given(module=modules, described=json_values, objects=json_values, kind=modules)
def test_no_shape_of_an_answer_raises(module: str, described: Any, objects: Any, kind: str) -> None:
    reply_of({"type": module, "desc_obj": described, "data_obj": objects}, "zh-Hant")
    listed = {"type": "selection", "desc_obj": {"type": kind, "result": described}, "data_obj": [objects]}
    assert reply_of(listed, "en")


def test_a_call_is_signed_over_secret_parameters_and_secret() -> None:
    # MD5 of "sapi=nliappkey=ktimestamp=1s", as `md5sum` gives it
    assert signature("k", "s", "1") == "fcf48bc5ab6f547ce8863b861f20cd08"
