"""Sources that do not agree: all sides are shown with their sources and dates, one is preferred only by a rule."""

import pytest
from langchain_core.documents import Document

from rag import ChatBot
from rag.dispute import dispute
from rag.question import parse


@pytest.mark.parametrize(
    ("question", "text", "named"),
    [
        ("江城年均增速，有的写22%有的写22.6%，哪个对？", "江城年均增速", ["22%", "22.6%"]),
        ("园区企业有说325家的也有说350家的，分别是什么时候的数", "园区企业", ["325家", "350家"]),
        ("基地2024年的业务额，两篇报道数字对不上", "基地2024年的业务额", []),
        ("柴某是什么职务？几篇稿子写得不一样", "柴某是什么职务", []),
    ],
)
def test_what_is_disputed_is_found(question, text, named):
    made = dispute(parse(question))
    assert made is not None
    assert (made.text, [quantity.text for quantity in made.named]) == (text, named)


@pytest.mark.parametrize(
    "question",
    [
        "怎么证明两种鸟是两个不同的物种",
        "两大政党分别是谁",
        "增速有没有到50%？具体是多少",
        "把1亿元和2亿元的项目列出来",
        "这两个地方的气候有什么不一样",
    ],
)
def test_other_questions_are_no_disputes(question):
    assert dispute(parse(question)) is None


def document(text, source, published):
    return Document(page_content=text, metadata={"source": source, "published": published})


@pytest.fixture(scope="module")
def bot():
    return ChatBot.from_documents(
        [
            document("“十四五”以来，江城外包执行额年均增长22%。", "甲", "2025-07-23"),
            document("“十四五”以来，江城外包执行额年均增长22.6%。", "乙", "2026-06-18"),
            document("截至2024年底，江城园区企业达325家。", "丙", "2025-07-23"),
            document("江城现有园区企业350家。", "丁", "2026-06-18"),
            document("2024年江城外包业务额首次突破500亿元。", "戊", "2025-01-10"),
            document("2024年，江城外包业务额达568.3亿元。", "己", "2025-02-10"),
        ]
    )


def test_the_later_of_two_figures_of_one_period_is_preferred(bot):
    reply = bot.ask("江城外包年均增速，有的写22%有的写22.6%，哪个对")
    assert reply.short.startswith("22%")
    assert "22.6%" in reply.short
    assert "此处采用较新的22.6%" in reply.text
    assert {citation.source for citation in reply.citations} == {"甲", "乙"}
    assert "2025-07-23刊" in reply.text


def test_figures_of_different_times_stand_side_by_side(bot):
    reply = bot.ask("江城园区企业有说325家的也有说350家的，分别是什么时候的数")
    assert reply.short == "325家（2024年底）；350家（2026-06-18刊）"
    assert "此处采用" not in reply.text


def test_figures_may_be_named_without_their_unit(bot):
    reply = bot.ask("江城外包业务额，有报道说500亿，有报道说568.3亿，哪个准")
    assert reply.short == "500亿元（2024年）；568.3亿元（2024年）"
    assert "此处采用更精确的：568.3亿元" in reply.text


def test_a_figure_that_no_source_gives_is_not_confirmed(bot):
    reply = bot.ask("江城园区企业有说325家的也有说999家的，哪个对")
    assert reply.short == "325家（2024年底）"
    assert "资料中没有找到：999家" in reply.text
