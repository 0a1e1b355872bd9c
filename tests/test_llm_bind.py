"""A claim's figures are held against the words of the places they stand at."""

import pytest

from rag.llm.bind import described, misplaced

TOLD = [
    "甲市共有活跃物流企业近1200家。",
    "其中，年营收超过1亿元的有21家，仓储面积超过5万平方米的有7家。",
    "2024年，甲市快递业务量增长12.4%，冷链业务量增长30.5%。",
    "港口货运、航空货运分别增长3.1%、9.8%。",
    "我国冷链市场规模由2016年的2250亿元增至2023年的5170亿元。",
    "2025年，这个数字将达到5800亿元。",
]


@pytest.mark.parametrize(
    "text",
    [
        "年营收超过1亿元的企业有7家",
        "甲市活跃物流企业有21家",
        "2024年甲市快递业务量增长30.5%",
        "港口货运增长9.8%",
        "港口货运、航空货运分别增长9.8%、3.1%",
        "仓储面积超过5万平方米的有21家，年营收超过1亿元的有7家",
    ],
)
def test_a_figure_of_something_else_is_found(text):
    assert misplaced(text, TOLD) != ""


@pytest.mark.parametrize(
    "text",
    [
        "甲市年营收过亿元的物流企业有21家",
        "仓储面积超过5万平方米的有7家，年营收超过1亿元的有21家",
        "2024年快递业务量增长12.4%，比冷链业务量的30.5%慢",
        "港口货运增长3.1%",
        "港口货运、航空货运分别增长3.1%、9.8%",
        "2016年我国冷链市场规模为2250亿元，2023年为5170亿元",
        "我国冷链市场规模2025年将达到5800亿元",
    ],
)
def test_a_figure_at_its_place_is_not(text):
    assert misplaced(text, TOLD) == ""


def test_a_rounded_figure_of_something_else_is_found():
    told = ["甲类玩具出口增长18.8%。", "乙类模具出口增长近六成。"]
    assert misplaced("乙类模具出口增长近两成", told) != ""
    assert misplaced("甲类玩具出口增长近两成", told) == ""


def test_an_operand_must_be_what_the_text_names():
    quote = "东部地区产值400亿元，西部地区产值120亿元。"
    assert described("东部地区占全国的四成", "400亿元", quote)
    assert not described("中部地区占全国的四成", "400亿元", quote)
    assert described("中部地区占全国的四成", "900亿元", "产值达900亿元。")
