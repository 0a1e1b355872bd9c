"""Misspelt words of a question, read as what the documents hold."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.spelling import spelled, which
from rag.tokens import terms

PASSAGES = [
    "钱塘江大桥于1937年建成，是第一座公路铁路两用桥。",
    "钱塘江大桥由茅以升主持设计，桥长1453米。",
    "茅以升主持修建的钱塘江大桥通车后，铁路公路连成一线。",
    "第十四届丝博会在西安开幕，丝博会由商务部主办。",
    "丝博会上，西安签约项目58个，投资总额创新高。",
    "西安丝博会主宾国为乌兹别克斯坦，第十四届丝博会主题为合作。",
    "曲江剧场的皮影戏由老艺人表演，曲江剧场今年演出三百场。",
    "曲江剧场的票价为八十元，曲江剧场每晚演出两场。",
]
COUNTS = Counter(pair for passage in PASSAGES for pair in terms(passage, "bigrams"))


def frequency(pair: str) -> int:
    return COUNTS[pair]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("丝搏会谁主办", "丝博会谁主办"),
        ("钱唐江大桥多长", "钱塘江大桥多长"),
        ("第十四界丝博会主题", "第十四届丝博会主题"),
        ("曲疆剧场票价", "曲江剧场票价"),
    ],
)
def test_what_sounds_like_a_word_of_the_documents_is_read_as_it(typed, meant):
    assert spelled(typed, frequency) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "钱塘江大桥哪年建成",
        "丝博会在哪开幕",
        "南浦大桥是谁设计的",  # another bridge
        "票价涨了没",
        "老艺人给谁演戏",
        "第三世界有几个国家",
        "会展中心有多大",
        "谁说要拆桥",
    ],
)
def test_other_words_stay_as_they_were_typed(typed):
    assert spelled(typed, frequency) == typed


def test_that_is_read_as_which_where_nothing_else_asks():
    assert which("大桥是那一年建成的") == "大桥是哪一年建成的"
    assert which("那一年谁设计了大桥") == "那一年谁设计了大桥"
    assert which("那座桥的长度是多少") == "那座桥的长度是多少"


@given(st.text(max_size=40))
def test_any_text_keeps_its_length(text):
    assert len(spelled(text, frequency)) == len(text)


@given(st.sampled_from(PASSAGES))
def test_a_sentence_of_the_documents_is_never_changed(passage):
    assert spelled(passage, frequency) == passage


def test_what_is_short_for_a_term_of_the_documents_is_not_misspelt():
    held = {"应收": 5, "收账": 5, "营业": 3, "收入": 9}
    typed = "上半年营收变化"
    assert spelled(typed, lambda pair: held.get(pair, 0)) == "上半年应收变化"
    assert spelled(typed, lambda pair: held.get(pair, 0), lambda pair: pair == "营收") == typed
