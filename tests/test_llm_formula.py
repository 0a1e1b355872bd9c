"""Formulas that a model wrote are worked out again; a difference it left out is shown."""

import pytest
from llm_passages import chunk, evidence

from rag.llm.formula import expressions, found, worked_out

TEXT = "2024年，武汉执行额达568.3亿元，离岸为127.5亿元。2025年，武汉增长41.5%，南京增长37.9%，企业19家，大企业9家。"
ONE = chunk(TEXT)
KNOWN = [evidence(ONE, sentence) for sentence in TEXT.split("。") if sentence]


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("568.3亿元 − 127.5亿元 = 440.8亿元", "440.8亿元"),
        ("（41.5% − 37.9% = 3.6个百分点）", "3.6个百分点"),
        ("127.5亿元 ÷ 568.3亿元 ≈ 22.4%", "22.4%"),
        ("多10家（19 − 9 = 10）", "10家"),
        ("568.3 + 127.5 = 695.8亿元", "695.8亿元"),
        ("多出3.6个百分点（41.5% − 37.9%）", "3.6个百分点"),
        ("0.05683万亿元 − 127.5亿元 = 440.8亿元", "440.8亿元"),
    ],
)
def test_a_right_formula_is_found_and_worked_out(text, result):
    [expression] = expressions(text)
    assert result in [formula.result for formula in worked_out(expression, KNOWN)]


@pytest.mark.parametrize(
    "text",
    [
        "568.3亿元 − 127.5亿元 = 440.9亿元",
        "568.3亿元 − 999亿元 = 440.8亿元",
        "127.5亿元 ÷ 568.3亿元 = 24.4%",
        "19家 − 9家 = 10个百分点",
    ],
)
def test_a_wrong_result_an_unknown_operand_and_a_wrong_unit_are_not(text):
    [expression] = expressions(text)
    assert list(worked_out(expression, KNOWN)) == []


def test_a_text_without_a_formula_has_none():
    assert expressions("2024年执行额达568.3亿元，同比增长17%。") == []


def test_a_difference_is_found_where_the_text_says_that_it_is_one():
    assert found("两者相差3.6个百分点", "3.6个百分点", KNOWN).operands[0][0] == "41.5%"
    assert found("武汉增长3.6个百分点", "3.6个百分点", KNOWN) is None


def test_a_comparison_must_have_its_sides_right():
    assert found("武汉的增速比南京高3.6个百分点", "3.6个百分点", KNOWN) is not None
    assert found("南京的增速比武汉高3.6个百分点", "3.6个百分点", KNOWN) is None
    assert found("南京的增速比武汉低3.6个百分点", "3.6个百分点", KNOWN) is not None


TOLD = "2024年占比为41.5%，2025年为37.9%，{}"


def test_what_follows_from_the_figures_of_a_sentence_is_found():
    assert found(TOLD.format("下降3.6个百分点"), "3.6个百分点", KNOWN).result == "3.6个百分点"
    assert found("武汉执行额达568.3亿元，离岸为127.5亿元，占22.4%", "22.4%", KNOWN).operation == "share"
    assert found("企业19家与大企业9家合计28家", "28家", KNOWN).operation == "sum"


def test_but_not_the_other_way_round_nor_another_result():
    assert found(TOLD.format("提高3.6个百分点"), "3.6个百分点", KNOWN) is None
    assert found(TOLD.format("下降4.6个百分点"), "4.6个百分点", KNOWN) is None
    assert found("武汉执行额达568.3亿元，离岸为127.5亿元，占24.4%", "24.4%", KNOWN) is None
    assert found("南京的增速高出武汉3.6个百分点", "3.6个百分点", KNOWN) is None
    assert found("武汉的增速高出南京3.6个百分点", "3.6个百分点", KNOWN) is not None
