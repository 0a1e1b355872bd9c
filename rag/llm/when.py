"""Dates of a claim that its quotes give to something else: `of_another_time(text, row, main)`. Part of `rag.llm`.

2025年净利润为6.5亿元    for 净利润为5.2亿元，比2024年的6.5亿元减少20%
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.llm.change import BY, begins, ends, equal
from rag.periods import EVENT_DAYS, Period, compared, governing, periods
from rag.quantities import Quantity
from rag.read.label import figures
from rag.types import Evidence
from rag.verify import dates_of

_EARLIER = re.compile("上年|去年|同期|前一年|上一年|此前|原来|从|由|[比较]")
_LAST = re.compile("(?:上年|去年|上一年|前一年)(?:同期|同月)")
_YEAR = re.compile("年|十[一二三四五]五")


def of_another_time(text: str, row: Sequence[Evidence], main: Evidence) -> str:
    """A date of `text` in the place of another: at a figure that the quotes give for another time, or in the main sentence."""
    dates = periods(text)
    said = [p for p in dates if p.first]
    told = [(one, [p for p in dates_of(one, one.quote) if p.first]) for one in row]
    for figure in figures(text):
        mine = governing(text, dates, figure.start)
        places = [(one.quote, at, all_) for one, all_ in told for at in figures(one.quote) if equal(figure, at)]
        if mine is None and not _EARLIER.search(text) and _only_compared(places):
            return text[figure.start : figure.end]
        if mine is None or mine.first is None or not _YEAR.search(mine.text) or begins(text, figure):
            continue
        held = [(_date_of(quote, at, all_), all_) for quote, at, all_ in places]
        change = bool(BY.search(text[: figure.start]))  # of two dates, either may be told last
        if held and not any(_at_one_time(mine, date, all_ if change else ()) for date, all_ in held):
            return mine.text
    here = [p for one, all_ in told if one is main for p in all_ if any(map(str.isdigit, p.text))]
    left = [p for p in here if not compared(main.quote, p) and not any(_meet(q, p) for q in said)]
    everywhere = [p for _, dates in told for p in dates]
    return next((p.text for p in said if left and not any(_meet(p, q) or _at_end(p, q) for q in everywhere)), "")


def _only_compared(places: Sequence[tuple[str, Quantity, list[Period]]]) -> bool:
    """Whether quotes give a figure, at its `places` in them, only as what another is compared with: 上年同期为2.10亿元."""
    found = [(quote, governing(quote, dates, at.start)) for quote, at, dates in places]
    return bool(found) and all(date and compared(quote, date) and _LAST.match(date.text) for quote, date in found)


def _at_end(said: Period, held: Period) -> bool:
    """Whether a date is the beginning or the end of a longer one (2006年至2024年)."""
    return said.first == held.first or said.last == held.last


def _date_of(quote: str, figure: Quantity, dates: Sequence[Period]) -> Period | None:
    """The date of a figure; of a change over several years (2006年至2024年……从13.8增至3138) the year that it began or ended with."""
    told = governing(quote, dates, figure.start)
    if told is None or told.first is None or told.last is None or told.first.year == told.last.year:
        return told
    if begins(quote, figure):
        return replace(told, last=told.first.replace(month=12, day=31))
    return replace(told, first=told.last.replace(month=1, day=1)) if ends(quote, figure) else told


def _at_one_time(said: Period, held: Period | None, others: Sequence[Period]) -> bool:
    """Whether a figure of the date `held`, or of none, may be told for `said`; `others` are dates that it is of as well."""
    return held is None or _meet(said, held) or any(said.overlaps(one) for one in others)


def _meet(said: Period, held: Period) -> bool:
    """Whether a date is that of a quote, or the month or year of an event there."""
    if not (said.first and said.last and held.first and held.last):
        return False
    alike = (said.first, said.last) == (held.first, held.last)
    return alike or (said.first <= held.first and held.last <= said.last and (held.last - held.first).days < EVENT_DAYS)
