"""Several figures for one thing: the exact one is answered, another one is shown, and what is of something else is not."""

import pytest
from langchain_core.documents import Document

from rag import ChatBot

QUESTION = "2024年桂林市软件出口额同比增长多少"


def ask(question: str, *texts: str):
    """The reply over one document each; the first is the oldest."""
    documents = [
        Document(page_content=text, metadata={"source": f"{i}.txt", "published": f"2025-0{3 + i}-01"})
        for i, text in enumerate(texts)
    ]
    return ChatBot.from_documents(documents).ask(question)


def test_the_exact_figure_is_answered_and_the_rough_one_cited():
    reply = ask(
        "2024年桂林市软件出口额是多少",
        "2024年，桂林市软件出口额首次突破500亿元。",
        "桂林市软件出口额节节攀升。到2024年，桂林市软件出口额已达568.3亿元。",
    )
    assert reply.short == "568.3亿元"
    assert {citation.source for citation in reply.citations} == {"0.txt", "1.txt"}


OLD, NEW = "2024年，桂林市软件出口额同比增长17%。", "2024年，桂林市软件出口额同比增长22.6%。"


def test_of_two_sources_that_differ_the_newer_is_answered_and_the_other_shown():
    reply = ask(QUESTION, OLD, NEW)
    assert reply.short == "22.6%"
    assert "另有来源给出17%（2025-03-01刊）；此处采用较新的22.6%" in reply.text
    assert {citation.source for citation in reply.citations} == {"0.txt", "1.txt"}
    assert ask(QUESTION, NEW, OLD).short == "17%"


def test_one_figure_in_two_writings_is_no_conflict_but_support():
    reply = ask(QUESTION, "2024年，桂林市软件出口额同比增长17%。", "2024年桂林市软件出口额同比增长百分之十七。")
    assert "另有来源" not in reply.text
    assert {citation.source for citation in reply.citations} == {"0.txt", "1.txt"}


@pytest.mark.parametrize(
    "other",
    [
        "2023年，桂林市软件出口额同比增长22%。",
        "2024年，桂林市软件进口额同比增长22%。",
        "2024年，桂林市软件出口额占全省的22%。",
        "2024年，南宁市软件出口额同比增长22%。",
        "2024年，桂林市软件出口额同比增长近20%。",
    ],
)
def test_another_period_place_or_measure_is_no_conflict(other):
    reply = ask(QUESTION, "2024年，桂林市软件出口额同比增长17%。", other)
    assert reply.short == "17%"
    assert "另有来源" not in reply.text
