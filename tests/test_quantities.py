"""Numbers of a text as values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.quantities import number, numeral, quantities, same


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
        ("8.25‰", "percent", 0.825, "%"),
        ("百分之三十五", "percent", 35.0, "%"),
        ("三成", "percent", 30.0, "%"),
        ("0.6个百分点", "percent", 0.6, "个百分点"),
        ("183倍", "multiple", 183.0, "倍"),
        ("六次", "count", 6.0, "次"),
        ("14.07亿卡时", "measure", 14.07e8, "卡时"),
        ("第十四届", "rank", 14.0, "第"),
        ("第五章节", "rank", 5.0, "第"),
        ("1.4015万亿元", "money", 1.4015e12, "元"),
        ("2千亿元", "money", 2e11, "元"),
        ("0.5百分点", "percent", 0.5, "个百分点"),
        ("25个基点", "percent", 0.25, "%"),
        ("三分之二", "percent", 200 / 3, "%"),
        ("千分之三", "percent", 0.3, "%"),
        ("百分之百", "percent", 100.0, "%"),
        ("翻了一番", "multiple", 2.0, "倍"),
        ("翻两番", "multiple", 4.0, "倍"),
        ("翻倍", "multiple", 2.0, "倍"),
        ("1亿5千万年", "measure", 1.5e8, "年"),
        ("10万3000元", "money", 103000.0, "元"),
        ("新台币10.46亿元", "money", 1.046e9, "新台币"),
        ("10BP", "percent", 0.1, "%"),
        ("第一排", "rank", 1.0, "第"),
        ("半年", "measure", 0.5, "年"),
        ("两年半", "measure", 2.5, "年"),
        ("三个半月", "measure", 3.5, "个月"),
        ("3个多月", "measure", 3.0, "个月"),
        ("十年", "measure", 10.0, "年"),
        ("零下5℃", "measure", -5.0, "℃"),
        ("-3.5%", "percent", -3.5, "%"),
        ("800千伏安", "measure", 800.0, "千伏安"),
        ("5千瓦时", "measure", 5.0, "千瓦时"),
        ("50万千瓦", "measure", 500000.0, "千瓦"),
        ("5 Gbps", "measure", 5.0, "Gbps"),
        ("5.3GWh", "measure", 5.3, "GWh"),
        ("15周年", "measure", 15.0, "周年"),
        ("200万架次", "measure", 2e6, "架次"),
        ("30万余人次", "measure", 3e5, "人次"),
        ("8点30分", "measure", 8.5, "点"),
    ],
)
def test_a_number_has_its_value_unit_and_kind(text, kind, value, unit):
    found = only(text)
    assert (found.kind, found.unit) == (kind, unit)
    assert found.text == text
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
        ("超亿美元", "超", "亿美元"),
        ("万余元", "余", "万余元"),
        ("近一半", "近", "一半"),
        ("数十家", "数十", "数十家"),
        ("超半数", "超", "半数"),
    ],
)
def test_words_of_approximation_are_kept_apart_from_the_number(text, approximation, core):
    found = only(text)
    assert found.approximation == approximation
    assert text[slice(*found.core)] == core


def test_a_range_has_two_ends_in_one_unit():
    assert (only("2至3万元").low, only("2至3万元").value) == (20000.0, 30000.0)
    assert (only("70%—80%").low, only("70%—80%").value) == (70.0, 80.0)


@pytest.mark.parametrize(
    ("text", "low", "value", "unit"),
    [
        ("两三年", 2, 3, "年"),
        ("一两个小时", 1, 2, "小时"),
        ("二三级", 2, 3, "级"),
        ("十七八岁", 17, 18, "岁"),
        ("三四百人", 300, 400, "人"),
        ("十几名", 11, 19, "人"),
        ("数十家", 20, 90, "家"),
        ("几十万元", 2e5, 9e5, "元"),
        ("13-17 岁", 13, 17, "岁"),
        ("5000万至1亿元", 5e7, 1e8, "元"),
        ("0.49元/升-0.57元/升", 0.49, 0.57, "元"),
    ],
)
def test_a_vague_numeral_is_a_range(text, low, value, unit):
    found = only(text)
    assert (found.low, found.value, found.unit) == (low, value, unit)


def test_a_rate_is_not_the_amount_it_is_made_of():
    rate = only("374元/克")
    assert (rate.text, rate.unit, rate.per, rate.kind) == ("374元/克", "元", "克", "money")
    assert not same(rate, only("374元/斤"))


def test_one_amount_in_two_spellings_of_its_unit_is_the_same():
    for a, b in (
        ("5千米", "5公里"),
        ("20平米", "20平方米"),
        ("35mm", "35毫米"),
        ("3个星期", "3周"),
        ("2千克", "2公斤"),
    ):
        assert same(only(a), only(b))


@pytest.mark.parametrize(
    "text",
    [
        "零部件",
        "红十字会",
        "一线工人",
        "二〇二四年",
        "三年级",
        "第一时间",
        "第三方",
        "单位：万元",
        "上半年",
        "几家企业",
    ],
)
def test_numerals_of_words_dates_and_headings_count_nothing(text):
    assert quantities(text) == ()


def test_what_comes_within_days_is_a_time_and_a_hyphen_of_a_name_no_sign():
    assert (only("30日内").value, only("30日内").unit) == (30.0, "天")
    assert only("歼-10战机").value == 10.0


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


@pytest.mark.parametrize("n", range(100))
def test_a_numeral_is_read_as_what_it_was_written_for(n):
    assert number(numeral(n)) == n


@given(
    st.text(
        alphabet="0123456789.,%％/亿万千百元个家第年月一二三十百两数几半成分之点时翻番零下负约近超多余—-至 增长",
        max_size=40,
    )
)
def test_any_text_is_read_without_error_and_ranges_hold(text):
    last = 0
    for q in quantities(text):
        assert last <= q.start < q.end <= len(text)
        assert text[q.start : q.end] == q.text
        assert q.start <= q.core[0] < q.core[1] <= q.end
        last = q.end


def test_more_before_a_figure_is_a_comparison_and_no_bound():
    said = [(q.text, q.approximation) for q in quantities("比38.3万人多1.7万人，每股2.20元多0.10元")]
    assert said == [("38.3万人", ""), ("1.7万人", ""), ("2.20元", ""), ("0.10元", "")]
    assert quantities("有5万人多")[0].approximation == "多"
