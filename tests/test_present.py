"""What is shown of a found span: dates in figures, declines as declines, a refusal that says what is missing."""

from datetime import date

import pytest
from langchain_core.documents import Document

from rag import ChatBot
from rag.periods import periods
from rag.read.present import _written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("去年底", "2025年底"),
        ("今年6月底", "2026年6月底"),
        ("8月上旬", "2026年8月上旬"),
        ("6月16日至18日", "2026年6月16日至18日"),
        ("今年4月", "2026年4月"),
        ("去年", "2025年"),
        ("上半年", "2026年1月至6月"),
        ("21日", "2026年1月21日"),
    ],
)
def test_a_relative_date_is_written_in_figures(text, written):
    assert _written(periods(text, date(2026, 1, 30))[0]) == written


def bot(*texts: str) -> ChatBot:
    return ChatBot.from_documents(
        [
            Document(page_content=text, metadata={"source": f"{i}.txt", "published": "2025-03-01"})
            for i, text in enumerate(texts)
        ]
    )


def test_another_year_is_refused_by_its_name():
    reply = bot("2024年，桂林市软件出口额达127.5亿元，同比增长17%。").ask("2019年桂林市软件出口额是多少")
    assert not reply.answered
    assert "2019年" in reply.reason
    assert reply.citations


def test_another_place_is_refused_by_its_name():
    reply = bot("2024年，桂林市软件出口额达127.5亿元，同比增长17%。").ask("2024年昆明软件出口额是多少")
    assert not reply.answered
    assert "昆明" in reply.reason


def test_a_decline_is_not_shown_as_growth():
    reply = bot("2024年，桂林市软件出口额达127.5亿元，同比下降4.5%。").ask("2024年桂林市软件出口额同比增速是多少")
    assert reply.short in ("下降4.5%", "同比下降4.5%")


def test_the_exact_figure_is_answered_and_the_rough_one_cited():
    reply = bot(
        "2024年，桂林市软件出口额首次突破500亿元。",
        "桂林市软件出口额节节攀升。到2024年，桂林市软件出口额已达568.3亿元。",
    ).ask("2024年桂林市软件出口额是多少")
    assert reply.short == "568.3亿元"
    assert {citation.source for citation in reply.citations} == {"0.txt", "1.txt"}
