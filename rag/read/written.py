"""How a found span is written in the answer: `trimmed(...)`, `direction(...)`, `absolute(...)`. Used by present.

A decline keeps its word (下降4.5%), a relative date gets its year and month (2025年7月22日).
"""

import re

from rag.periods import Period, periods
from rag.quantities import DECLINE
from rag.question import Question
from rag.read import words as w
from rag.read.pool import STRIDE, Pool


def trimmed(text: str) -> str:
    """A span without the quotes around all of it and without marks at its ends; book titles keep theirs."""
    text = text.strip(" ，。；：、,;:")
    if len(text) > 2 and (text[0], text[-1]) in (("“", "”"), ("「", "」"), ("『", "』")):
        return text[1:-1]
    return text


def direction(pool: Pool, best: int) -> str:
    """The word of decline right before a percentage, without which it would be read as growth; "" where there is none."""
    c = int(pool.chunk[best])
    if not re.search(r"^\d[\d.]*(%|％|个百分点)$", pool.text(best)):
        return ""
    before = pool.prepared[c].chunk.text[: int(pool.start[best]) - c * STRIDE]
    found = re.search(f"({DECLINE})了?约?$", before)
    return found.group() if found else ""


def absolute(question: Question, pool: Pool, best: int, short: str) -> str:
    """A date with its year and month filled in from the publication date, "" where it needs or allows none."""
    prepared = pool.prepared[pool.chunk[best]]
    alone = prepared.words.tags[prepared.spans.first[pool.row[best]]] == w.PERIOD
    if question.asked != "date" or not alone or re.search(r"\d{4}|[〇零一二三四五六七八九]{4}", short):
        return ""
    start = int(pool.start[best]) - int(pool.chunk[best]) * STRIDE
    for period in periods(prepared.chunk.text, prepared.chunk.published):
        if period.start == start and period.first and period.last:
            return written(period)
    return ""


def written(period: Period) -> str:
    """A period as a date in figures: 2024年, 2024年9月, 2024年9月3日, 2024年9月3日至5日, 2024年底."""
    first, last = period.first, period.last
    if first is None or last is None:
        return ""
    edge = re.search("(底|末|初|.旬)$", period.text)
    if edge:
        month = "" if re.search("年(底|末|初)|岁末", period.text) else f"{first.month}月"
        return f"{first.year}年{month}{edge.group()}"
    if first == last:
        return f"{first.year}年{first.month}月{first.day}日"
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        return f"{first.year}年"
    if first.day == 1 and (last.month, last.year) == (first.month, first.year) and last.day >= 28:
        return f"{first.year}年{first.month}月"
    if first.day == 1 and last.day >= 28:
        return f"{first.year}年{first.month}月至{last.month}月"
    upto = f"{last.day}日" if last.month == first.month else f"{last.month}月{last.day}日"
    return f"{first.year}年{first.month}月{first.day}日至{upto}"
