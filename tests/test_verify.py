"""The gate: nothing that the quotes do not say leaves the library."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.types import Answer, Chunk, Evidence
from rag.verify import unsupported, verified


def evidence(quote: str, published: date | None = date(2025, 7, 24)) -> Evidence:
    chunk = Chunk("1", "a.txt", "", published, (), quote, 0, len(quote))
    return Evidence(chunk, 0, len(quote), quote)


QUOTE = evidence("2024年，全市软件出口额达127.5亿元，同比增长17%，企业1,500家，去年9月平台上线。")


@pytest.mark.parametrize(
    "text",
    [
        "127.5亿元",
        "１２７.５亿元",
        "127.5 亿元",
        "1275000万元",
        "增长17％",
        "百分之十七",
        "1500家",
        "一千五百家",
        "2024年，出口额127.5亿元",
        "2024年9月上线",
    ],
)
def test_what_a_quote_says_in_another_writing_passes(text):
    assert unsupported(text, [QUOTE]) == ()


@pytest.mark.parametrize(
    "text",
    [
        "127.6亿元",
        "127.5亿美元",
        "127.5万元",
        "1275亿元",
        "17个百分点",
        "17倍",
        "1500人",
        "2023年",
        "2025年9月上线",
        "2024年8月",
    ],
)
def test_a_changed_figure_unit_or_date_is_caught(text):
    assert unsupported(text, [QUOTE]) != ()


def test_a_relative_date_needs_the_publication_date():
    assert unsupported("2024年9月", [evidence("去年9月平台上线", published=None)]) == ("2024年9月",)


def test_an_answer_with_an_unsupported_short_is_withheld():
    answer = Answer(True, "128亿元", (("出口额达127.5亿元", (QUOTE,)),))
    assert not verified(answer).answered
    assert verified(answer).reason


def test_an_unsupported_statement_is_dropped_and_the_others_stay():
    answer = Answer(True, "127.5亿元", (("出口额达127.5亿元", (QUOTE,)), ("增长71%", (QUOTE,))))
    assert [text for text, _ in verified(answer).statements] == ["出口额达127.5亿元"]


UNITS = ["亿元", "万元", "亿美元", "%", "家", "万人", "倍", "公里", "吨", "次"]


@settings(max_examples=300, deadline=None)
@given(st.integers(1, 99999), st.sampled_from(UNITS), st.integers(1, 99999), st.sampled_from(UNITS))
def test_no_changed_number_is_smuggled_through(said, unit, claimed, other):
    quote = evidence(f"全市共计{said / 10:.1f}{unit}。")
    if (said, unit) != (claimed, other) and (unit, other) not in {("亿元", "万元"), ("万元", "亿元")}:
        assert unsupported(f"共计{claimed / 10:.1f}{other}", [quote])
    assert unsupported(f"共计{said / 10:.1f}{unit}", [quote]) == ()


@settings(max_examples=300, deadline=None)
@given(st.dates(date(1990, 1, 1), date(2030, 1, 1)), st.dates(date(1990, 1, 1), date(2030, 1, 1)))
def test_no_changed_date_is_smuggled_through(said, claimed):
    quote = evidence(f"{said.year}年{said.month}月{said.day}日开幕", published=None)
    missing = unsupported(f"{claimed.year}年{claimed.month}月{claimed.day}日", [quote])
    assert bool(missing) == (said != claimed)
