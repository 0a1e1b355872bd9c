"""Formulas that a model wrote are worked out again; a difference it left out is shown."""

import pytest
from llm_passages import chunk, evidence

from rag.llm.formula import backwards, expressions, found, worked_out

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


MORE = "全市外资的72%投向服务业。共有4500家企业，获补贴9.0亿元。平均住院日由7.8天缩短到7.2天，收入达86.4亿元，上年为80.0亿元。"
FURTHER = [evidence(chunk(MORE), sentence) for sentence in MORE.split("。") if sentence]


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("其余占28%（100% − 72% = 28%）", "28%"),
        ("约占62%（86.4亿元 × 72% = 62.2亿元）", "62.2亿元"),
        ("平均每家20万元（9.0亿元 ÷ 4500家 = 20万元）", "20万元"),
        ("平均每家20万元（90000 ÷ 4500 = 20）", "20万元"),
        ("占一成（9.0 ÷ 86.4 ≈ 10%）", "10.4%"),
    ],
)
def test_shares_averages_and_rounded_results_are_worked_out(text, result):
    [expression] = expressions(text)
    assert result in [formula.result for formula in worked_out(expression, FURTHER)]


@pytest.mark.parametrize(
    "text", ["100% − 72% = 27%", "86.4亿元 × 72% = 72.2亿元", "9.0亿元 ÷ 4500家 = 21万元", "9.0 ÷ 86.4 ≈ 11%"]
)
def test_but_not_with_another_result(text):
    [expression] = expressions(text)
    assert list(worked_out(expression, FURTHER)) == []


def test_what_changed_from_one_figure_to_the_next_follows_from_both():
    assert found("平均住院日缩短了0.6天", "0.6天", FURTHER).operation == "difference"
    assert found("收入比上年增加6.4亿元", "6.4亿元", FURTHER).operation == "difference"
    assert found("平均住院日延长增加0.6天", "0.6天", FURTHER) is None
    assert found("收入比上年减少6.4亿元", "6.4亿元", FURTHER) is None
    assert found("票价比上年增加6.4亿元", "6.4亿元", FURTHER) is None


CHANGED = "在校生61.4万人，比去年减少1.2万人。"


def test_before_a_fall_there_was_more():
    known = [evidence(chunk(CHANGED), CHANGED)]
    [more], [less] = ([*worked_out(expressions(f)[0], known)] for f in ("61.4 + 1.2 = 62.6", "61.4 − 1.2 = 60.2"))
    assert not backwards("去年在校生为62.6万人", more)
    assert backwards("去年在校生为60.2万人", less)
    assert not backwards("预计明年在校生为60.2万人", less)
