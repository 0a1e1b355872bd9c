"""What a question says beside what it asks, and what it does not mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.aside import aside
from rag.question import parse


@pytest.mark.parametrize(
    ("typed", "text", "excluded"),
    [
        ("桂林2024年软件出口实际收了多少亿，不是签的合同额", "桂林2024年软件出口实际收了多少亿", ("签的", "合同额")),
        ("2024年全市软件出口额多少（不是进口额）", "2024年全市软件出口额多少", ("进口额",)),
        ("2024年不分省内省外，游客合计多少人次？", "2024年游客合计多少人次？", ("省内", "省外")),
        ("桂林2024年游客到底多少，别给我“接近多少”那种", "桂林2024年游客到底多少", ("接近",)),
        ("桂林游客年均增幅，2025年3月报道里怎么说", "桂林游客年均增幅", ()),
        ("桂林接下来怎么留住游客？2025年的说法", "桂林接下来怎么留住游客", ()),
    ],
)
def test_asides_are_no_part_of_what_is_looked_for(typed, text, excluded):
    assert aside(typed) == (text, excluded)


@pytest.mark.parametrize(
    "typed", ["谁不是理事", "他是不是院长", "为什么不要发票", "不含税的价格是多少", "这本书讲了什么"]
)
def test_a_question_without_asides_stays_as_it_is(typed):
    assert aside(typed) == (typed, ())


def test_the_period_of_the_report_is_not_the_period_asked_of():
    assert not parse("桂林游客年均增幅，2025年3月报道里怎么说").periods
    assert [p.text for p in parse("2024年桂林游客增幅，2025年3月报道里怎么说").periods] == ["2024年"]


@given(st.text(alphabet="不是要别的，（）？“”多少谁报道里怎么说合同额2024年 ", max_size=40))
def test_any_text_is_taken_and_nothing_is_added(typed):
    text, excluded = aside(typed)
    assert len(text) <= len(typed)
    assert all(len(word) > 1 for word in excluded)
