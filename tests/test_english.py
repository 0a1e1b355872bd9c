"""English questions over Chinese documents."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.documents import Document

from rag.chat import ChatBot
from rag.english import HINT, glossed, is_english
from rag.tokens import terms

COUNTS = Counter(terms("贵阳2023年软件收入为88亿元，比上年增长12%。SPDX联盟在贵阳成立。", "bigrams"))


def frequency(term):
    return COUNTS[term.lower()]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("How much was the software revenue of Guiyang in 2023?", "软件 收入 贵阳 2023年 多少"),
        ("Which year was SPDX established?", "SPDX 成立 哪一年"),
        ("How many employees were there by the end of 2022?", "从业人员 2022年底 多少"),
        ("What is the theme of the 14th fair?", "主题 第14届 博览会 是什么"),
        ("Who founded Zorbex?", "创立 Zorbex 谁"),  # what is no word here stays, so that it is not overlooked
        ("How many students were there in Lanzhou?", "学生 Lanzhou 多少"),  # nothing about 兰州 in the documents
    ],
)
def test_an_english_question_is_read_by_its_words(text, words):
    assert glossed(text, frequency) == words


@pytest.mark.parametrize("text", ["武汉的GDP是多少", "RCEP", "BPO 2024", "", "2023 88"])
def test_other_questions_are_not_english(text):
    assert not is_english(text)


@given(st.text(alphabet=st.characters(max_codepoint=0x24F), max_size=60))
def test_any_latin_text_is_read(text):
    assert isinstance(glossed(text, frequency), str)


def test_an_english_question_is_answered_or_the_refusal_says_what_is_understood():
    text = "2023年，贵阳软件业务收入达88亿元，同比增长12%。贵阳软件园占地300亩。"
    bot = ChatBot.from_documents([Document(text, metadata={"source": "a.txt"})])
    assert bot.ask("How much was the software revenue of Guiyang in 2023?").short == "88亿元"
    refused = bot.ask("Who painted the ceiling of the Sistine Chapel?")
    assert not refused.answered
    assert HINT in refused.text
