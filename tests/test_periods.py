"""Dates and periods of a text as intervals."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.periods import periods

READ = date(2025, 7, 24)


def span(text: str, reference: date | None = READ) -> tuple[str, str]:
    found = periods(text, reference)[0]
    return found.first.isoformat(), found.last.isoformat()


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024年", "2024-01-01", "2024-12-31"),
        ("武汉 2024 离岸", "2024-01-01", "2024-12-31"),
        ("二〇二四年", "2024-01-01", "2024-12-31"),
        ("2022年12月", "2022-12-01", "2022-12-31"),
        ("2025年1—11月", "2025-01-01", "2025-11-30"),
        ("2026年头四个月", "2026-01-01", "2026-04-30"),
        ("2024年上半年", "2024-01-01", "2024-06-30"),
        ("2023年第三季度", "2023-07-01", "2023-09-30"),
        ("2024年底", "2024-12-01", "2024-12-31"),
        ("2025年11月底", "2025-11-21", "2025-11-30"),
        ("2020年6月2日", "2020-06-02", "2020-06-02"),
        ("2006年至2022年", "2006-01-01", "2022-12-31"),
        ("2023年半年度报告", "2023-01-01", "2023-06-30"),
        ("2023中报显示", "2023-01-01", "2023-06-30"),
        ("2023年中期业绩", "2023-01-01", "2023-06-30"),
        ("2023-08-01", "2023-08-01", "2023-08-01"),
        ("“十四五”以来", "2021-01-01", "2025-12-31"),
        ("“十五五”时期", "2026-01-01", "2030-12-31"),
        ("20世纪70年代", "1970-01-01", "1979-12-31"),
        ("上世纪90年代", "1990-01-01", "1999-12-31"),
        ("1990年代", "1990-01-01", "1999-12-31"),
        ("第十四个五年规划", "2021-01-01", "2025-12-31"),
        ("2022年Q3", "2022-07-01", "2022-09-30"),
        ("23年上半年", "2023-01-01", "2023-06-30"),
        ("1950年12月到1951年7月", "1950-12-01", "1951-07-31"),
        ("2025至2026年度", "2025-01-01", "2026-12-31"),
    ],
)
def test_absolute_periods_are_intervals(text, first, last):
    assert span(text) == (first, last)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("去年9月", "2024-09-01", "2024-09-30"),
        ("今年底", "2025-12-01", "2025-12-31"),
        ("上个月", "2025-06-01", "2025-06-30"),
        ("前4个月", "2025-01-01", "2025-04-30"),
        ("7月23日", "2025-07-23", "2025-07-23"),
        ("6月16日至18日", "2025-06-16", "2025-06-18"),
        ("8月28日至9月3日", "2025-08-28", "2025-09-03"),
        ("21日", "2025-07-21", "2025-07-21"),
        ("昨日", "2025-07-23", "2025-07-23"),
        ("22日晚至23日", "2025-07-22", "2025-07-23"),
        ("周四", "2025-07-24", "2025-07-24"),
        ("周五", "2025-07-18", "2025-07-18"),
        ("将于周五举行", "2025-07-25", "2025-07-25"),
        ("上周三", "2025-07-16", "2025-07-16"),
        ("本周末", "2025-07-26", "2025-07-27"),
        ("下周", "2025-07-28", "2025-08-03"),
        ("上月末", "2025-06-21", "2025-06-30"),
        ("年底", "2025-12-01", "2025-12-31"),
        ("去年冬季", "2024-12-01", "2025-02-28"),
        ("今年以来", "2025-01-01", "2025-12-31"),
        ("截至目前", "2025-07-24", "2025-07-24"),
        ("将于3日开幕", "2025-08-03", "2025-08-03"),
    ],
)
def test_relative_periods_count_from_the_publication_date(text, first, last):
    assert span(text) == (first, last)


def test_relative_periods_without_a_reference_are_found_but_have_no_interval():
    (found,) = periods("去年9月上线", None)
    assert (found.text, found.first, found.last) == ("去年9月", None, None)


def test_a_month_takes_the_year_named_before_it():
    found = periods("2019年启动，9月建成", READ)
    assert found[1].first == date(2019, 9, 1)


def test_a_bare_day_is_the_last_one_before_publication():
    assert span("30日", date(2025, 8, 2)) == ("2025-07-30", "2025-07-30")
    assert periods("到2024年末，收入增长。21日上午", READ)[1].first == date(2025, 7, 21)
    assert periods("3月5日开幕，9日闭幕", READ)[1].first == date(2025, 3, 9)


def test_a_month_without_a_year_is_the_near_one():
    january, december = date(2024, 1, 5), date(2023, 12, 5)
    assert span("12月28日", january) == ("2023-12-28", "2023-12-28")
    assert span("四季度", january) == ("2023-10-01", "2023-12-31")
    assert span("将于3月5日", december) == ("2024-03-05", "2024-03-05")
    assert span("3月5日", december) == ("2023-03-05", "2023-03-05")


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("三年前，公司提出", "2022-01-01", "2022-12-31"),
        ("10年前", "2015-01-01", "2015-12-31"),
        ("两个月前", "2025-05-01", "2025-05-31"),
        ("5天前", "2025-07-19", "2025-07-19"),
        ("一周前", "2025-07-14", "2025-07-20"),
    ],
)
def test_what_was_so_long_ago_is_counted_back(text, first, last):
    assert span(text) == (first, last)


@pytest.mark.parametrize("text", ["20多年前", "他三天前往北京", "第三年前", "几个月前"])
def test_what_is_not_counted_exactly_is_no_date(text):
    assert not any("前" in period.text for period in periods(text, READ))


def test_the_same_period_of_last_year_is_that_of_the_period_named_before():
    found = periods("上半年净利润92亿元，去年同期为108亿元。", READ)
    assert [(p.first.isoformat(), p.last.isoformat()) for p in found][-1] == ("2024-01-01", "2024-06-30")
    assert span("去年同期为108亿元") == ("2024-01-01", "2024-12-31")


def test_that_year_is_the_one_named_before_it():
    assert periods("2019年启动，当年建成", READ)[1].first == date(2019, 1, 1)
    assert periods("有着当年当兵时的风采", READ)[0].first is None


def test_a_stock_figure_is_known_to_be_cumulative():
    assert periods("截至2024年底，累计吸纳", READ)[0].cumulative
    assert not periods("2024年，新增", READ)[0].cumulative


@pytest.mark.parametrize(
    "text",
    "13年前 2000亿元 1900.5 2000多家 3.5万人 第3届 1000多家 十分重要 铺底资金 初步计划 期末成绩 30日内 第5号台风 提前2个月 五月天 "
    "每周一、周三 一周三次 22年来".split(),
)
def test_what_is_no_date_is_not_taken_for_one(text):
    assert not periods(text, READ)


@pytest.mark.parametrize("text", ["2023年13月", "2023年2月30日", "2023-02-30"])
def test_impossible_dates_have_no_interval_of_their_own(text):
    assert all(p.first is None or p.first <= p.last for p in periods(text, READ))


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31)))
def test_a_written_date_is_read_back(day):
    assert span(f"{day.year}年{day.month}月{day.day}日") == (day.isoformat(), day.isoformat())


@given(st.text(alphabet="0123456789年月日号至到—-.前个半上下去今明底末初季度一二三十五四“”时点世纪代", max_size=30))
def test_any_text_is_read_without_error(text):
    for p in periods(text, READ):
        assert text[p.start : p.end] == p.text
        assert p.first is None or p.first <= p.last
