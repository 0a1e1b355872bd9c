"""Figures worked out from written ones: exact, in the units of the operands, and refused where units do not allow it."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.arithmetic import calculated, figure, terms, written
from rag.types import Chunk, Evidence, Formula


@pytest.mark.parametrize(
    ("operation", "operands", "result"),
    [
        ("difference", ["568.3亿元", "127.5亿元"], "440.8亿元"),
        ("difference", ["40万人", "38.3万人"], "1.7万人"),
        ("difference", ["四十万人", "38.3万名"], "1.7万人"),
        ("difference", ["1.2亿元", "3000万元"], "9000万元"),
        ("difference", ["127.5亿元", "568.3亿元"], "-440.8亿元"),
        ("difference", ["22.6%", "22%"], "0.6个百分点"),
        ("difference", ["百分之五", "3%"], "2个百分点"),
        ("difference", ["100家", "30家", "20家"], "50家"),
        ("sum", ["1820.6亿元", "1,491.3亿元", "1104.2亿元"], "4416.1亿元"),
        ("sum", ["1万亿元", "3000亿元"], "1.3万亿元"),
        ("sum", ["0.1亿元", "0.2亿元"], "0.3亿元"),  # not 0.30000000000000004
        ("share", ["127.5亿元", "568.3亿元"], "22.4%"),
        ("ratio", ["568.3亿元", "247亿元"], "2.3倍"),
        ("growth", ["568.3亿元", "469亿元"], "21.2%"),
        ("growth", ["90家", "100家"], "-10%"),
        ("sum", ["约5亿元", "3亿元"], "约8亿元"),
        ("difference", ["超过500亿元", "127.5亿元"], "约372.5亿元"),
    ],
)
def test_figures_are_worked_out_in_the_units_they_are_written_in(operation, operands, result):
    assert calculated(operation, operands) == result


@pytest.mark.parametrize(
    ("operation", "operands"),
    [
        ("difference", ["568.3亿元", "127.5亿美元"]),
        ("difference", ["40万人", "5亿元"]),
        ("sum", ["40万人次", "5万人"]),
        ("difference", ["第12届", "第3届"]),
        ("difference", ["3000万至5000万元", "1万元"]),
        ("share", ["568.3亿元", "127.5亿元"]),  # a part larger than its whole
        ("share", ["20%", "40%"]),
        ("growth", ["20%", "40%"]),
        ("ratio", ["5亿元", "0亿元"]),
        ("ratio", ["5亿元", "2亿元", "1亿元"]),
        ("sum", ["5亿元"]),
        ("sum", ["5亿元", "很多"]),
        ("sum", ["5亿元和3亿元", "1亿元"]),
    ],
)
def test_what_units_do_not_allow_has_no_result(operation, operands):
    assert calculated(operation, operands) is None


tenths = st.integers(0, 10**7)


@given(st.lists(tenths, min_size=2, max_size=5), st.sampled_from(["亿元", "万人", "家", "吨"]))
def test_a_sum_is_exact(values, unit):
    made = figure(calculated("sum", [f"{v // 10}.{v % 10}{unit}" for v in values]))
    each = [figure(f"{v // 10}.{v % 10}{unit}").value for v in values]
    assert Fraction(made.value) == sum(map(Fraction, each))
    assert made.unit == unit.lstrip("亿万")


@given(tenths, tenths)
def test_what_a_difference_takes_away_a_sum_gives_back(a, b):
    more, less = (f"{v // 10}.{v % 10}亿元" for v in (a + b, b))
    left = calculated("difference", [more, less])
    assert figure(calculated("sum", [left, less])).value == figure(more).value


@pytest.mark.parametrize(
    ("operation", "operands", "result"),
    [
        ("part", ["40万人", "85.8%"], "34.3万人"),
        ("part", ["约40万人", "85.8%"], "约34.3万人"),
        ("rest", ["72%"], "28%"),
        ("average", ["1.35亿元", "180艘"], "75万元"),
        ("average", ["9.0亿元", "4500家"], "20万元"),
        ("difference", ["43.7%", "1.8个百分点"], "41.9%"),
        ("part", ["85.8%", "40万人"], None),
        ("part", ["40万人", "3个百分点"], None),
        ("rest", ["128%"], None),
        ("rest", ["72万元"], None),
        ("average", ["9.0亿元", "72%"], None),
        ("average", ["9.0亿元"], None),
    ],
)
def test_parts_rests_and_averages(operation, operands, result):
    assert calculated(operation, operands) == result


def evidence(quote):
    chunk = Chunk("1", "a.txt", "", date(2025, 1, 1), (), quote, 0, len(quote))
    return Evidence(chunk, 0, len(quote), quote)


def test_a_formula_is_written_with_its_operands_and_result():
    whole, part = evidence("达到568.3亿元。"), evidence("离岸127.5亿元。")
    operands = (("568.3亿元", whole), ("127.5亿元", part))
    difference = Formula("difference", operands, "440.8亿元")
    assert written(difference) == "568.3亿元 − 127.5亿元 = 440.8亿元"
    assert [e for _, e in terms(difference) if e] == [whole, part]
    assert written(Formula("share", operands[::-1], "22.4%")) == "127.5亿元 ÷ 568.3亿元 = 22.4%"
    assert written(Formula("growth", operands, "345.7%")) == "（568.3亿元 − 127.5亿元）÷ 127.5亿元 = 345.7%"
