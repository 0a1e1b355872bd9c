"""问据 and libraries as functions of one shape: `find(text, reference) -> (figures, dates)`. Used by compare.py."""

import logging
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple


class Figure(NamedTuple):
    """A number with its unit at `[start, end)`; `unit` "" for a bare number."""

    start: int
    end: int
    value: float
    unit: str


class Span(NamedTuple):
    """A date or period at `[start, end)`; `readings` are the intervals it may mean, first and last day included."""

    start: int
    end: int
    readings: tuple[tuple[date, date], ...]


Found = tuple[list[Figure], list[Span]]
System = Callable[[str, date | None], Found]


def wenju() -> System:
    """This project."""
    from rag.periods import periods
    from rag.quantities import quantities

    def find(text: str, reference: date | None) -> Found:
        dates = [
            Span(p.start, p.end, ((p.first, p.last),) if p.first and p.last else ()) for p in periods(text, reference)
        ]
        return [Figure(*q.core, q.value, q.unit + ("/" + q.per if q.per else "")) for q in quantities(text)], dates

    return find


_UNITS = {
    "Chinese yuan": "元", "United States dollar": "美元", "Dollar": "元", "Japanese yen": "日元", "Square meter": "平方米",
    "New Taiwan dollar": "新台币", "Meter": "米", "Kilometer": "公里", "Centimeter": "厘米", "Millimeter": "mm",
    "Kilogram": "公斤", "Ton": "吨", "Metric ton": "吨", "C": "℃", "Degree": "度", "Mu": "亩", "Inch": "英寸",
    "Cubic meter": "立方米", "Jin": "斤", "Terabyte": "TB", "Gigabyte": "GB", "Year": "岁",
    "Y": "年", "M": "个月", "W": "周", "D": "天", "H": "小时",
}  # fmt: skip


def recognizers() -> System:
    """Microsoft's Recognizers-Text; a date of two readings (past and future) counts as right where either is."""
    from recognizers_date_time import recognize_datetime
    from recognizers_number import recognize_number, recognize_ordinal, recognize_percentage
    from recognizers_number_with_unit import recognize_age, recognize_currency, recognize_dimension
    from recognizers_number_with_unit import recognize_temperature as recognize_heat
    from recognizers_text import Culture

    zh = Culture.Chinese

    def find(text: str, reference: date | None) -> Found:
        figures = []
        for recognize in (recognize_currency, recognize_dimension, recognize_age, recognize_heat):
            told = (r for r in recognize(text, zh) if r.resolution and r.resolution["value"])
            figures += [
                _figure(r, r.resolution["value"], _UNITS.get(r.resolution["unit"], r.resolution["unit"])) for r in told
            ]
        for recognize, unit in ((recognize_percentage, "%"), (recognize_ordinal, "第"), (recognize_number, "")):
            figures += [_figure(r, r.resolution["value"].rstrip("%"), unit) for r in recognize(text, zh)]
        base = datetime.combine(reference, datetime.min.time()) if reference else None
        times = recognize_datetime(text, zh, reference=base)
        figures += [f for r in times if r.type_name.endswith(".duration") for f in _duration(r)]
        read = [
            Span(r.start, r.end + 1, tuple(filter(None, map(_resolved, (r.resolution or {}).get("values") or []))))
            for r in times
        ]
        return figures, [span for span in read if span.readings]

    return find


def _figure(result: Any, value: str, unit: str) -> Figure:
    return Figure(result.start, result.end + 1, float(value), unit)


def _duration(result: Any) -> Iterator[Figure]:
    """P3D and the like: three days."""
    timex = result.resolution["values"][0]["timex"]
    if timex[-1] in _UNITS and timex[1:-1].replace(".", "").isdigit():
        yield _figure(result, timex[1:-1], _UNITS[timex[-1]])


def _resolved(value: dict[str, str]) -> tuple[date, date] | None:
    if value["type"] in ("date", "datetime") and value.get("value", "not resolved") != "not resolved":
        day = datetime.fromisoformat(value["value"]).date()
        return day, day
    if value["type"] in ("daterange", "datetimerange") and "start" in value and "end" in value:
        first, last = (datetime.fromisoformat(value[k]) for k in ("start", "end"))
        return first.date(), (last - timedelta(days=1) if value["type"] == "daterange" else last).date()
    return None


def jionlp() -> System:
    """JioNLP: money, times and durations; the rest it does not extract."""
    from jionlp import ner

    logging.disable(logging.ERROR)  # it logs a traceback for each expression it gives up
    units = {"year": "年", "month": "个月", "day": "天", "hour": "小时", "minute": "分钟", "week": "周"}

    def find(text: str, reference: date | None) -> Found:
        figures = [
            Figure(*m["offset"], float(_upper(m["detail"]["num"])), m["detail"]["case"])
            for m in ner.extract_money(text, with_parsing=True) or []
        ]
        base = reference or date(2025, 1, 1)
        clock = {"year": base.year, "month": base.month, "day": base.day}
        times = [(t, t["detail"]["time"]) for t in ner.extract_time(text, time_base=clock, with_parsing=True) or []]
        for t, told in times:
            if t["type"] == "time_delta" and isinstance(told, dict) and len(told) == 1:
                ((unit, value),) = told.items()
                figures.append(Figure(*t["offset"], float(_upper(value)), units.get(unit, unit)))
        spans = [Span(*t["offset"], _days(told)) for t, told in times if t["type"] in ("time_point", "time_span")]
        return figures, spans

    return find


def _upper(value: Any) -> Any:
    return value[-1] if isinstance(value, list) else value


def _days(told: list[str]) -> tuple[tuple[date, date], ...]:
    if not all(end[:4].isdigit() for end in told):
        return ()
    return ((datetime.fromisoformat(told[0]).date(), datetime.fromisoformat(told[1]).date()),)


def dateparser() -> System:
    """dateparser: days, months and years of many languages; its months and years are made intervals here."""
    from dateparser.date import DateDataParser
    from dateparser.search import search_dates

    def find(text: str, reference: date | None) -> Found:
        base = datetime.combine(reference or date(2025, 1, 1), datetime.min.time())
        settings = {"RELATIVE_BASE": base, "PREFER_DATES_FROM": "past"}
        spans, at = [], 0
        for written, moment in search_dates(text, languages=["zh"], settings=settings) or []:
            start = max(text.find(written, at), 0)
            at = start + len(written)
            unit = DateDataParser(languages=["zh"], settings=settings).get_date_data(written).period
            first = moment.date().replace(**{"year": {"month": 1, "day": 1}, "month": {"day": 1}}.get(unit, {}))
            after = {"year": 366, "month": 31}.get(unit, 1)
            last = (first + timedelta(days=after)).replace(day=1) - timedelta(days=1) if after > 1 else first
            spans.append(Span(start, at, ((first, last),)))
        return [], spans

    return find


SYSTEMS: dict[str, Callable[[], System]] = {
    "wenju": wenju, "recognizers": recognizers, "jionlp": jionlp, "dateparser": dateparser
}  # fmt: skip
