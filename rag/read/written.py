"""How a found span is written in the answer: `trimmed(...)`, `told(...)`, `absolute(...)`. Used by present.

A decline keeps its word (下降4.5%), a bound too (突破500亿元), a relative date gets its year and month (2025年7月22日).
"""

import re
from datetime import date

from rag.periods import Period, periods
from rag.quantities import DECLINE, bounded, quantities
from rag.question import Question
from rag.read import words as w
from rag.read.pool import STRIDE, Pool
from rag.types import Evidence


def trimmed(text: str) -> str:
    """A span without the quotes around all of it and without marks at its ends; book titles keep theirs."""
    text = text.strip(" ，。；：、,;:")
    if len(text) > 2 and (text[0], text[-1]) in (("“", "”"), ("「", "」"), ("『", "』")):
        return text[1:-1]
    return text


def told(pool: Pool, best: int) -> str:
    """A candidate without marks at its ends; a figure with what it must not be read without: 下降4.5%, 突破500亿元."""
    c = int(pool.chunk[best])
    text, at = pool.prepared[c].chunk.text, int(pool.start[best]) - c * STRIDE
    start, end = (pool.sentences[pool.sentence[best], :2] - c * STRIDE).tolist()
    sentence, span = text[start:end], (at - start, int(pool.end[best]) - c * STRIDE - start)
    figure = next((one for one in quantities(sentence) if span in (one.core, (one.start, one.end))), None)
    if figure is None:
        return trimmed(pool.text(best))
    fall = re.search(f"({DECLINE})了?$", sentence[: figure.start]) if figure.kind == "percent" else None
    if fall:
        return fall.group() + sentence[figure.start : figure.end]
    return bounded(sentence, figure) if span == figure.core else trimmed(pool.text(best))


def absolute(question: Question, pool: Pool, best: int, short: str, quoted: Evidence) -> str:
    """A date with its year and month filled in from the publication date, "" where it needs or allows none.

    It allows none where the passage gives the date another year than the quote alone: a reader could not check it.
    """
    prepared = pool.prepared[pool.chunk[best]]
    alone = prepared.words.tags[prepared.spans.first[pool.row[best]]] == w.PERIOD
    if question.asked != "date" or not alone or re.search(r"\d{4}|[〇零一二三四五六七八九]{4}", short):
        return ""
    start = int(pool.start[best]) - int(pool.chunk[best]) * STRIDE
    for period in periods(prepared.chunk.text, prepared.chunk.published):
        if period.start == start and period.first and period.last:
            days = [(p.first, p.last) for p in periods(quoted.quote, quoted.chunk.published) if p.text == period.text]
            return written(period) if (period.first, period.last) in days else ""
    return ""


_YEARS = re.compile("今年|去年|前年|明年|后年|上年|上一年|当年|同年|本年度?")
_MONTHS = re.compile("上个?月|本月|当月|这个月|下个?月")
_DAYS = re.compile("昨天|昨日|今天|今日|前天|明天|后天|当日|次日")


def written(period: Period) -> str:
    """A period as it is written, with what it leaves out: 2024年9月, 2024年底, 2024年一季度, 2024年9月3日下午6时."""
    first, last, text = period.first, period.last, period.text
    if first is None or last is None:
        return ""
    year, month, day = f"{first.year}年", f"{first.month}月", f"{first.day}日"
    for pattern, whole in ((_YEARS, year), (_MONTHS, year + month), (_DAYS, year + month + day)):
        said = pattern.match(text)
        if said:
            return whole + text[said.end() :].lstrip("的").removeprefix("年")
    if re.match(r"[\d一二三四五六七八九十]{1,3}\s?[日号]", text):
        return year + month + text
    if re.match(r"[\d一二三四五六七八九十]{1,2}\s?月|第?[一二三四1-4]季|[上下]半年|年[底末初]", text):
        return year + text.removeprefix("年")
    return _in_figures(first, last)


def _in_figures(first: date, last: date) -> str:
    """A period whose words say neither year nor month (上周三, 岁末), as a date or as the dates from which to which."""
    if first == last:
        return f"{first.year}年{first.month}月{first.day}日"
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        return f"{first.year}年"
    upto = f"{last.day}日" if last.month == first.month else f"{last.month}月{last.day}日"
    return f"{first.year}年{first.month}月{first.day}日至{upto}"
