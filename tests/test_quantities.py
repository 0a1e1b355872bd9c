"""Numbers of a text as values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.quantities import number, quantities, same


def only(text: str):
    (found,) = quantities(text)
    return found


@pytest.mark.parametrize(
    ("text", "kind", "value", "unit"),
    [
        ("568.3亿元", "money", 568.3e8, "元"),
        ("568.3 亿元", "money", 568.3e8, "元"),
        ("87,598.50万元", "money", 875985000.0, "元"),
        ("1,269万人", "count", 12690000.0, "人"),
        ("92.1亿美元", "money", 92.1e8, "美元"),
        ("一百二十万元", "money", 1200000.0, "元"),
        ("85.8%", "percent", 85.8, "%"),
        ("85.8％", "percent", 85.8, "%"),
        ("7.52‰", "percent", 0.752, "%"),
        ("百分之三十五", "percent", 35.0, "%"),
        ("三成", "percent", 30.0, "%"),
        ("0.6个百分点", "percent", 0.6, "个百分点"),
        ("183倍", "multiple", 183.0, "倍"),
        ("六次", "count", 6.0, "次"),
        ("14.07亿卡时", "measure", 14.07e8, "卡时"),
        ("第十四届", "rank", 14.0, "第"),
    ],
)
def test_a_number_has_its_value_unit_and_kind(text, kind, value, unit):
    found = only(text)
    assert (found.kind, found.unit, found.text) == (kind, unit, text)
    assert found.value == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "approximation", "core"),
    [
        ("突破500亿元", "突破", "500亿元"),
        ("近1500家", "近", "1500家"),
        ("1000多家", "多", "1000多家"),
        ("80余项", "余", "80余项"),
        ("50%以上", "以上", "50%"),
        ("40人左右", "左右", "40人"),
    ],
)
def test_words_of_approximation_are_kept_apart_from_the_number(text, approximation, core):
    found = only(text)
    assert found.approximation == approximation
    assert text[slice(*found.core)] == core


def test_a_range_has_two_ends_in_one_unit():
    assert (only("2至3万元").low, only("2至3万元").value) == (20000.0, 30000.0)
    assert (only("70%—80%").low, only("70%—80%").value) == (70.0, 80.0)


@pytest.mark.parametrize("text", ["一带一路", "一些企业", "万一如此", "统一部署", "十分重要", "千万不要"])
def test_numerals_that_are_parts_of_words_are_no_quantities(text):
    assert quantities(text) == ()


def test_equal_values_are_the_same_however_they_are_written():
    written = ["120万元", "1,200,000元", "一百二十万元", "120 万 元".replace(" ", "")]
    first, *others = (only(text) for text in written)
    assert all(same(first, other) for other in others)
    assert not same(only("120万元"), only("120万美元"))
    assert not same(only("120万元"), only("121万元"))


def test_a_decimal_point_is_never_a_boundary():
    assert [q.text for q in quantities("增长15.9%、25.4%，共37.6亿元。")] == ["15.9%", "25.4%", "37.6亿元"]


def test_a_text_that_is_no_numeral_is_refused():
    with pytest.raises(ValueError, match="很多"):
        number("很多")


@given(st.integers(min_value=0, max_value=10**12), st.integers(min_value=0, max_value=99))
def test_arabic_numbers_are_read_back(whole, cents):
    text = f"{whole:,}.{cents:02d}"
    assert number(text) == pytest.approx(float(text.replace(",", "")))


def spoken(n: int) -> str:
    """`n` below ten thousand in Chinese numerals, an independent writer for the reader under test."""
    digits, made, zero = "零一二三四五六七八九", "", False
    for unit, mark in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        d, n = divmod(n, unit)
        if d:
            made += ("零" if zero and made else "") + digits[d] + mark
            zero = False
        else:
            zero = True
    return made or "零"


@given(st.integers(min_value=1, max_value=9999), st.sampled_from([("", 1), ("万", 10**4), ("亿", 10**8)]))
def test_chinese_numerals_are_read_back(n, scale):
    assert number(spoken(n) + scale[0]) == n * scale[1]


@given(st.text(alphabet="0123456789.,%％亿万千百元个家第年月一二三十百两约近超多余—-至 增长", max_size=40))
def test_any_text_is_read_without_error_and_ranges_hold(text):
    last = 0
    for q in quantities(text):
        assert last <= q.start < q.end <= len(text)
        assert text[q.start : q.end] == q.text
        assert q.start <= q.core[0] < q.core[1] <= q.end
        last = q.end
