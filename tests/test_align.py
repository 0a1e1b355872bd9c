"""Which value of a sentence with 分别 goes to which subject, and which of a change to which period."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.read.align import aligned, changes
from rag.read.words import words


def pairs(text: str) -> list[tuple[str, str]]:
    return [(text[pair.start : pair.end], text[slice(*pair.own)]) for pair in aligned(words(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("离岸、在岸服务外包执行额分别年均增长15.9%、25.4%。", [("15.9%", "离岸"), ("25.4%", "在岸")]),
        (
            "2025年，业务流程外包、知识流程外包分别同比增长41.5%、37.9%，工业设计等业务占比超60%。",
            [("41.5%", "业务流程外包"), ("37.9%", "知识流程外包")],
        ),
        (
            "业务流程外包（BPO）和知识流程外包（KPO）分别增长20.3%、60%，细分领域增速均超50%。",
            [("20.3%", "业务流程外包（BPO）"), ("60%", "知识流程外包（KPO）")],
        ),
        (
            "来源地前三位分别为美国、中国香港、欧盟，执行额分别为1820.6亿元、1491.3亿元、1104.2亿元，合计占49.4%。",
            [("1820.6亿元", "美国"), ("1491.3亿元", "中国香港"), ("1104.2亿元", "欧盟")],
        ),
        (
            "业务运营服务和维修维护服务增长较快，执行额分别为966.5亿、550.9亿元，分别增长9.5%、27.3%。",
            [
                ("966.5亿", "业务运营服务"),
                ("550.9亿元", "维修维护服务"),
                ("9.5%", "业务运营服务"),
                ("27.3%", "维修维护服务"),
            ],
        ),
        ("电费与水费占比分别下降0.5和0.1个百分点。", [("0.5", "电费"), ("0.1个百分点", "水费")]),
        ("出口增速分别高于全国、全省3.3、4.6个百分点。", [("3.3", "高于全国"), ("4.6个百分点", "全省")]),
        ("国内汽油、柴油价格每吨分别提高240元、230元。", [("240元", "汽油"), ("230元", "柴油")]),
        (
            "于2020年度、2021年度以及2022年度，公司收入分别约为7.76亿元、10.03亿元、8.33亿元。",
            [("7.76亿元", "2020年度"), ("10.03亿元", "2021年度"), ("8.33亿元", "2022年度")],
        ),
        ("草地覆盖率、产草量分别比十年前提高了3.5%和20%。", [("3.5%", "草地覆盖率"), ("20%", "产草量")]),
        ("老王和陈建波分别持有公司63.75%和36.25%的股份。", [("63.75%", "老王"), ("36.25%", "陈建波")]),
        ("雄猫和雌猫的体重分别为18磅（约16.3斤）和12磅（约10.9斤）。", [("18磅", "雄猫"), ("12磅", "雌猫")]),
    ],
)
def test_values_go_to_the_items_named_in_their_order(text, expected):
    assert pairs(text) == expected


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("示范城市承接合同额11825亿元，执行额8018亿元，分别占全国总额的89.7%和89.6%。", "合同额", "执行额"),
        ("我国数字产业收入约38.3万亿元，实现利润3.1万亿元，相比2020年分别累计增长约39.5%、48.4%。", "收入", "利润"),
        ("出口13.47万亿元，进口10.08万亿元，同比分别为增长1.5%和下降1.1%。", "出口", "进口"),
    ],
)
def test_clauses_with_values_of_their_own_are_items(text, first, second):
    (_, own), (_, other) = pairs(text)[-2:]
    assert first in own
    assert second not in own
    assert second in other


@pytest.mark.parametrize(
    "text",
    [
        "两个孩子分别是6岁和4岁。",
        "国内生产总值在前几个季度分别下降了0.4%和0.1%。",
        "发动机最大功率115kW，由电机和油箱组成的后桥最大功率135kW，提供两种续航，分别为140km和150km。",
        "他分别到甲镇、乙镇，走进10个村庄2个安置点义诊。",
        "公司拟募集17亿元，分别用于年产300万吨钢管项目、补充流动资金。",
    ],
)
def test_values_of_nothing_named_are_left_alone(text):
    assert pairs(text) == []


def test_the_others_are_those_the_value_does_not_belong_to():
    text = "甲市、乙市、丙市分别增长1%、2%、3%。"
    for pair in aligned(words(text)):
        assert pair.own not in pair.others
        assert len(pair.others) == 2


@given(st.text(alphabet="甲市乙区、和及，。；分别为是1234%元万增长（）“”《》的 ", max_size=50))
def test_any_text_is_read_without_error(text):
    for pair in aligned(words(text)):
        assert 0 <= pair.start < pair.end <= len(text)
        assert pair.own[0] < pair.own[1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2006年至2024年，规模从13.8亿美元增至3138亿美元，扩大了227倍。", [("13.8亿美元", 2006), ("3138亿美元", 2024)]),
        (
            "2019年到2023年，企业由3200家增加到近9100家，占比从12%升至31%。",
            [("3200家", 2019), ("9100家", 2023), ("12%", 2019), ("31%", 2023)],
        ),
        ("2020年至2022年，人数从300人增至500人；从2岁到6岁的孩子最多。", [("300人", 2020), ("500人", 2022)]),
        ("2020年至2022年，共有300人参加，最多时达到500人。", []),
        ("2020年，人数从300人增至500人。", []),
    ],
)
def test_the_values_of_a_change_are_of_its_first_and_its_last_period(text, expected):
    found = changes(text, date(2025, 1, 1))
    assert [(text[start:end], date.fromordinal(first).year) for start, end, first, _ in found] == expected
