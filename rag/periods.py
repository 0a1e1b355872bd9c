"""Dates and periods of a text as intervals: `periods(text, reference)`. A level below the stages.

    >>> [(p.text, p.first.isoformat(), p.last.isoformat()) for p in periods("去年9月上线", date(2025, 7, 24))]
    [('去年9月', '2024-09-01', '2024-09-30')]

Relative expressions (去年, 上个月, 周三, 前4个月, 7月23日) need `reference`, the publication date of the document;
without it they are found but have no interval. What is found and what is missed is measured in benchmarks/quantities.
"""

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

from rag.quantities import SCALE, UNIT, number

_CN = "〇零一二三四五六七八九十"
# a bare 2024 is a year in a question (武汉 2024 离岸), but not where a unit or decimals follow: 2000亿元, 1900.5
_BARE = rf"(?![\d.,，年])(?!\s?(?:{SCALE}|{UNIT}|[%％‰多余]))"
_SHORT = r"\d\d年(?=\s?(?:(?:1[0-2]|0?[1-9])月|[上下]半年|[底末初]|第?[一二三四1-4]季度|Q[1-4]))"  # 23年上半年, but not 23年来
_YEAR = rf"(?:(?P<year>(?:19|20)\d\d(?:\s?年度?(?!代)|{_BARE})|[一二][〇零一二三四五六七八九]{{3}}\s?年度?|{_SHORT})|(?P<relyear>今年|去年|前年|明年|后年|上年|当年|本年度?|上一年度?|同年))"
_MONTH = rf"(?P<month>1[0-2]|0?[1-9]|十[一二]?|[{_CN}])\s?月份?"
_DAY = rf"(?P<day>3[01]|[12]\d|0?[1-9]|[二三]?十[{_CN}]?|[{_CN}])\s?[日号]"
_TO = r"\s?(?:[-—–~～至到]|——)\s?"
_PART = (
    rf"(?:1|一)\s?月?{_TO}(?P<upto>1[0-2]|[1-9]|十[一二]?|[{_CN}])\s?月份?"
    rf"|(?<!提)(?:前|头)\s?(?P<firstmonths>1[0-2]|\d|十[一二]?|[{_CN}两])个月"
    rf"|(?:第?(?=[1-4一二三四]季[度报])|(?<![A-Za-z])Q(?=[1-4](?![0-9A-Za-z])))(?P<quarter>[1-4一二三四])(?:季[度报])?|前(?P<quarters>[二三两])季度|(?P<half>上半年|下半年|半年报|半年度|中报|中期(?=业绩|报告|财报))"
    rf"|(?P<edge>年?(?:底|末|初(?![中级一二三]))|岁末)"
)
_SEASON = "(?P<season>[春夏秋冬])[季天]"
_ALONE = _PART.replace("?P<", "?P<a_").replace("年?(?:底", "年(?:底")  # 年底, but not 底 of 到底
_AGO = rf"(?P<ago>[1-9]|10|[一二两三四五六七八九十])(?P<agounit>年|个月|天|周)(?:以|之)?前(?![{_CN}\d两后半往来进赴去锋景端期台线方])"
_PLAN = (
    r"(?:[“\"]?(?P<plan>十[一二三四五六]?)五[”\"]?(?:规划|计划|时期|期间|以来)?(?=[”“以期时规计末收开，。的我，])"
    r"|第(?P<fiveyears>十[一二三四五六]?)个五年(?=规划|计划))"
)
_DECADE = r"(?:(?P<century>[12]\d|[一二]十[一二]?|上|本)世纪(?:(?P<decade>\d0|[一二三四五六七八九]十)年代)?|(?P<decadeyear>(?:19|20)\d0)年代)"
_WEEK = (
    r"(?P<week>上上|[上本这下])个?(?:周|星期|礼拜)(?:(?P<weekday>[一二三四五六日天末])(?![年天期个]))?(?!年)"
    r"|(?<![每逢第两一二三四五六七八九十周、\d])(?:周|星期)(?P<lone>[一二三四五六日])(?![一二三四五六日至到年期岁天次福])"
)
_ISO = r"(?P<iso>(?:19|20)\d\d[-/.](?:1[0-2]|0?[1-9])[-/.](?:3[01]|[12]\d|0?[1-9]))(?!\d)"
_CLOCK = r"(?:\s?(?:上午|下午|晚上?|凌晨|中午|早上)?\s?\d{1,2}(?::\d\d(?::\d\d)?|[时点](?:\d{1,2}分)?许?))?"
_PATTERN = re.compile(
    r"(?=[\d第前头上下本这今去明后当同昨年岁截周星礼Q“\"〇零一二三四五六七八九十两])(?:"
    rf"{_ISO}|(?P<again>(?:去年|上年|上一年)同期)"
    rf"|(?<![\d.]){_YEAR}\s?的?(?:{_PART}|{_SEASON}|{_MONTH}(?:{_TO}(?P<month2>1[0-2]|[1-9])\s?月(?!\d{{1,2}}日))?"
    rf"(?:\s?(?P<monthedge>底|末|初|上旬|中旬|下旬)|\s?{_DAY}(?:{_TO}(?:(?P<tomonth>1[0-2]|[1-9])\s?月)?(?P<today>3[01]|[12]\d|[1-9])\s?[日号])?{_CLOCK})?)?"
    rf"|(?<![\d.{_CN}几多数第近])(?:{_AGO})"
    rf"|(?<![\d.])(?P<alone>{_ALONE})"
    rf"|(?<![\d.])(?P<m>1[0-2]|0?[1-9]|十[一二]?|[{_CN}])\s?月(?!天)(?:份|(?P<medge>底|末|初|上旬|中旬|下旬)"
    rf"|\s?(?P<d>3[01]|[12]\d|0?[1-9]|[二三]?十[{_CN}]?|[{_CN}])\s?[日号](?:{_TO}(?:(?P<m2>1[0-2]|[1-9])\s?月)?(?P<d2>3[01]|[12]\d|[1-9])\s?[日号])?{_CLOCK})?"
    rf"|(?P<relmonth>上个?月|本月|当月|这个月|下个?月)(?:\s?(?P<rd>3[01]|[12]\d|[1-9])\s?[日号]|(?P<rededge>底|末|初|[上中下]旬))?"
    rf"|(?<![\d.万年月个第])(?P<dayonly>3[01]|[12]\d|[1-9])\s?[日号](?![元线楼院馆店内]|[之以]内)(?:{_TO}(?P<dayonly2>3[01]|[12]\d|[1-9])\s?[日号])?{_CLOCK}"
    rf"|(?P<relday>昨天|昨日|今天|今日|前天|明天|当日|截至(?:目前|发稿)){_CLOCK}"
    rf"|{_WEEK}|{_PLAN}|{_DECADE})"
)
_BETWEEN = re.compile(r"\s*(?:上午|中午|下午|晚间|晚上|凌晨|早|晚)?(?:至|到|-|—|——|~|～)\s*")
_AHEAD = re.compile("将|(?<!原)定于|拟于")  # 将于15日: the next 15th, elsewhere the last one
_REL_YEAR = {"去年": -1, "上年": -1, "上一年": -1, "前年": -2, "明年": 1, "后年": 2}
_REL_DAY = {"昨天": -1, "昨日": -1, "前天": -2, "明天": 1}
_THIRDS = {"上旬": (1, 10), "中旬": (11, 20), "下旬": (21, 31), "初": (1, 10), "底": (21, 31), "末": (21, 31)}
_PIVOT = "50"  # two digits below it are a year of this century
_HALF_YEAR = 183
EVENT_DAYS = 32
"""A period of fewer days is an event, which also happened in its month and year."""
_DAYS = 28  # a period shorter than this names days, and a bare day after it is of its month


@dataclass(frozen=True, slots=True)
class Period:
    """A date or period at `text[start:end]`; both ends of the interval are included.

    `first` and `last` are None where the expression is relative and there was no date to count from.
    `cumulative` is true for "截至…", "以来" and the like, which count everything up to `last`.
    """

    start: int
    end: int
    text: str
    first: date | None
    last: date | None
    cumulative: bool = False

    def overlaps(self, other: "Period") -> bool:
        """Whether the two share a day; never where one has no interval."""
        if not (self.first and self.last and other.first and other.last):
            return False
        return self.first <= other.last and other.first <= self.last


@lru_cache(maxsize=4096)
def periods(text: str, reference: date | None = None) -> tuple[Period, ...]:
    """The periods of `text` in their order; a month or day without a year takes the year named before it.

    Where no year was named before, it is the year of `reference`.
    """
    found: list[Period] = []
    year = month = None
    span: tuple[date, date] | None = None
    for match in _PATTERN.finditer(text):
        ahead = _AHEAD.search(text, max(0, match.start() - 3), match.start()) is not None
        interval = _interval(match, _Known(reference, year, month, ahead, span))
        if interval is None:
            continue
        first, last = interval
        if first is not None and last is not None and not match["again"]:
            year, month = first.year, first.month if (last - first).days < _DAYS else None
            span = span if (last - first).days < _DAYS - 1 else (first, last)
        start, end = match.span()
        around = text[max(0, start - 3) : start], text[end : end + 2]
        cumulative = "截至" in around[0] + match.group() or "截止" in around[0] or "以来" in match.group() + around[1]
        found.append(Period(start, end, match.group(), first, last, cumulative))
    return tuple(_joined(found, text))


@dataclass(frozen=True, slots=True)
class _Known:
    """What a date is read by: the publication date, year and month named before it, whether it is to come (将于).

    `span` is the last period named before that figures are given for: a month, a quarter, a year.
    """

    reference: date | None
    year: int | None
    month: int | None
    ahead: bool
    span: tuple[date, date] | None


def _joined(found: list[Period], text: str) -> list[Period]:
    """Neighbours that make one range (2006年至2022年) joined into it as well as kept apart."""
    made = list(found)
    for a, b in pairwise(found):
        if _BETWEEN.fullmatch(text, a.end, b.start) and a.first and b.last and a.first <= b.last:
            made.append(Period(a.start, b.end, text[a.start : b.end], a.first, b.last))
    return sorted(made, key=lambda p: (p.start, -p.end))


def _interval(match: re.Match[str], known: _Known) -> tuple[date | None, date | None] | None:
    """First and last day of a match; (None, None) where it is relative without a reference; None where it is no date."""
    part = {key.removeprefix("a_"): value for key, value in match.groupdict().items() if value}
    if "iso" in part:
        return _day(*(int(x) for x in re.split(r"[-/.]", part["iso"])))
    if "plan" in part or "fiveyears" in part:
        # since the third plan (1966) the n-th five years begin at 1951 + 5n
        begins = 1951 + 5 * _int(part.get("plan") or part["fiveyears"])
        return date(begins, 1, 1), date(begins + 4, 12, 31)
    if "century" in part or "decadeyear" in part:
        return _decade(part)
    if "week" in part or "lone" in part:
        return _week(part, known)
    if "relday" in part or "relmonth" in part or "dayonly" in part or "ago" in part:
        return _near(part, known)
    if "again" in part:
        return _year_before(known)
    base = _base_year(part, known)
    if base is None:
        return None, None
    found = _within(part, base)
    alone = known.year is None and bool({"m", "quarter"} & set(part)) and not {"year", "relyear"} & set(part)
    if alone and known.reference and found and found[0]:
        away = (found[0] - known.reference).days
        if away > _HALF_YEAR or (known.ahead and away < -_HALF_YEAR):  # 12月28日 in January; 将于3月5日 in December
            return _within(part, base + (1 if away < 0 else -1))
    return found


def _decade(part: dict[str, str]) -> tuple[date, date]:
    if "decadeyear" in part:
        start, years = _int(part["decadeyear"]), 10
    else:
        century = {"上": 20, "本": 21}.get(part["century"]) or _int(part["century"])
        start, years = (century - 1) * 100 + _int(part.get("decade", "0")), 10 if "decade" in part else 100
    return date(start, 1, 1), date(start + years - 1, 12, 31)


def _week(part: dict[str, str], known: _Known) -> tuple[date | None, date | None]:
    """A week from Monday to Sunday, or a day of one; 周四 alone is the last one, or the next one where it is to come."""
    if known.reference is None:
        return None, None
    monday = known.reference - timedelta(days=known.reference.weekday())
    if "week" in part:
        monday += timedelta(days={"上上": -14, "上": -7, "下": 7}.get(part["week"], 0))
        named = part.get("weekday")
        if named is None or named == "末":
            return monday + timedelta(days=5 if named else 0), monday + timedelta(days=6)
        day = monday + timedelta(days="一二三四五六日".index(named.replace("天", "日")))
        return day, day
    day = monday + timedelta(days="一二三四五六日".index(part["lone"]))
    if known.ahead != (day > known.reference) and day != known.reference:
        day += timedelta(days=7 if known.ahead else -7)
    return day, day


def _year_before(known: _Known) -> tuple[date | None, date | None]:
    """上年同期: the last period that was named (上半年), a year before; the whole of last year where none was."""
    if known.span and known.span[0].year == known.span[1].year:
        return _months(known.span[0].year - 1, known.span[0].month, known.span[1].month) or (None, None)
    year = known.reference.year - 1 if known.reference else None
    return (_months(year, 1, 12) if year else None) or (None, None)


def _base_year(part: dict[str, str], known: _Known) -> int | None:
    if "year" in part:
        digits = part["year"][:4]
        if digits[2] == "年":  # 23年, 98年
            return _int(digits[:2]) + (2000 if digits < _PIVOT else 1900)
        return _int(digits)
    if part.get("relyear") in ("当年", "同年"):
        return known.year
    if "relyear" in part:
        return (
            None
            if known.reference is None
            else known.reference.year + _REL_YEAR.get(part["relyear"].removesuffix("度"), 0)
        )
    return known.year if known.year is not None else (known.reference.year if known.reference else None)


def _within(part: dict[str, str], year: int) -> tuple[date | None, date | None] | None:
    """The interval inside `year` that the month, quarter, half or edge of a match names."""
    months = None
    if "upto" in part or "firstmonths" in part:
        months = 1, _int(part.get("upto") or part["firstmonths"])
    elif "quarter" in part or "quarters" in part:
        n = _int(part.get("quarter") or part["quarters"])
        months = (3 * n - 2, 3 * n) if "quarter" in part else (1, 3 * n)
    elif "season" in part:
        begins = 3 * ("春夏秋冬".index(part["season"]) + 1)
        return (date(year, 12, 1), date(year + 1, 2, 28)) if begins == 12 else _months(year, begins, begins + 2)
    elif "half" in part:
        months = (7, 12) if part["half"] == "下半年" else (1, 6)
    elif "edge" in part:
        return _months(year, 1, 1) if "初" in part["edge"] else _months(year, 12, 12)
    if months is None and ("month" in part or "m" in part):
        return _month_or_day(part, year, _int(part.get("month") or part["m"]))
    return _months(year, *(months or (1, 12)))


def _month_or_day(part: dict[str, str], year: int, month: int) -> tuple[date | None, date | None] | None:
    day, edge = part.get("day") or part.get("d"), part.get("monthedge") or part.get("medge")
    if edge:
        low, high = _THIRDS[edge]
        whole = _months(year, month, month)
        return (whole[0].replace(day=low), whole[0].replace(day=min(high, whole[1].day))) if whole else None
    if day is None:
        return _months(year, month, int(part.get("month2", month)))
    last = part.get("today") or part.get("d2") or day
    return _range(year, month, _int(day), int(part.get("tomonth") or part.get("m2") or month), _int(last))


def _near(part: dict[str, str], known: _Known) -> tuple[date | None, date | None]:
    """Relative days and months, and days without a month (23日), which follow a day named before or precede the reference."""
    reference = known.reference
    if reference is None:
        return None, None
    if "relday" in part:
        named = reference + timedelta(days=_REL_DAY.get(part["relday"], 0))
        return named, named
    if "ago" in part:
        return _ago(_int(part["ago"]), part["agounit"], reference)
    if "relmonth" in part:
        index = reference.year * 12 + reference.month - 1 + {"上": -1, "下": 1}.get(part["relmonth"][0], 0)
        at = index // 12, index % 12 + 1
        inside = {"day": part.get("rd", ""), "monthedge": part.get("rededge", "")}
        return _month_or_day({key: value for key, value in inside.items() if value}, *at) or (None, None)
    day = int(part["dayonly"])
    at = (known.year or reference.year, known.month) if known.month else _nearest_month(day, reference, known.ahead)
    return _range(*at, day, at[1], int(part.get("dayonly2", part["dayonly"]))) or (None, None)


def _ago(count: int, unit: str, reference: date) -> tuple[date | None, date | None]:
    """三年前, 两个月前: a year, a month or a day as far back; of weeks the whole week."""
    if unit in ("天", "周"):
        day = reference - timedelta(days=count * (7 if unit == "周" else 1))
        monday = day - timedelta(days=day.weekday())
        return (monday, monday + timedelta(days=6)) if unit == "周" else (day, day)
    index = reference.year * 12 + reference.month - 1 - count
    found = (
        _months(reference.year - count, 1, 12) if unit == "年" else _months(index // 12, index % 12 + 1, index % 12 + 1)
    )
    return found or (None, None)


def _nearest_month(day: int, reference: date, ahead: bool) -> tuple[int, int]:
    """Year and month of the last `day` not after `reference`, what a bare 21日 in a paper means; of the next if `ahead`."""
    if ahead and day < reference.day:
        after = reference.replace(day=28) + timedelta(days=4)
        return after.year, after.month
    if ahead or day <= reference.day:
        return reference.year, reference.month
    before = reference.replace(day=1) - timedelta(days=1)
    return before.year, before.month


def _months(year: int, first: int, last: int) -> tuple[date, date] | None:
    if not (1 <= first <= last <= 12 and 1 <= year <= 9999):
        return None
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])


def _day(year: int, month: int, day: int) -> tuple[date, date] | None:
    return _range(year, month, day, month, day)


def _range(year: int, month: int, day: int, last_month: int, last_day: int) -> tuple[date, date] | None:
    try:
        first = date(year, month, day)
        return first, date(year + (last_month < month), last_month, last_day)
    except ValueError:
        return None


def _int(text: str) -> int:
    return int(number(text.replace("两", "二")))


def undated(text: str, reference: date | None = None) -> str:
    """`text` with blanks in the place of its dates, as long as they; of a range and its ends nothing is taken twice."""
    for period in periods(text, reference):
        text = text[: period.start] + " " * (period.end - period.start) + text[period.end :]
    return text


_PAUSE = re.compile("[，。；！？：,;:]")
_AGAINST = re.compile("(?:比|较|与|跟|由|从|低于|高于|少于|多于|不及|超过)$")
_YEAR_BEFORE = re.compile("(?:上|去|前一|上一)年(?!，)")
_BESIDE = re.compile("(?:底|末|初|同期|同月)?的?")


def governing(text: str, dates: Sequence[Period], at: int) -> Period | None:
    """The date among `dates`, which are those of `text` in order, that what stands at offset `at` is of; None for none.

    It is the last one before. What is only compared with (比上年, 上年同期为) is the date of its own clause, and there of the
    figure beside it alone, if what changed is told behind (比2023年的6.5亿元减少20%).
    """
    for one in reversed([period for period in dates if period.end <= at]):
        between = text[one.end : at]
        aside = compared(text, one)
        if aside and (
            _PAUSE.search(between) or (_AGAINST.search(text[: one.start]) and not _BESIDE.fullmatch(between))
        ):
            continue
        return one
    return None


def compared(text: str, date: Period) -> bool:
    """Whether a date of `text` is one that something is compared with: 比2023年, 上年同期."""
    return bool(_AGAINST.search(text[: date.start]) or _YEAR_BEFORE.match(text[date.start :]))
