"""Slots that forbid an answer: `consistent(...)`. Between ranking and presenting.

A figure of another year, another session or another place is no answer, however well its sentence fits otherwise.
"""

import re
from collections import Counter
from datetime import date

import numpy as np
from numpy.typing import NDArray

from rag.periods import governing, periods
from rag.quantities import Quantity, quantities
from rag.question import Question
from rag.read.cues import TELLING, Cues
from rag.read.features import FEATURES
from rag.read.label import elsewhere, figures, own, zone
from rag.read.places import Places
from rag.read.pool import STRIDE, Pool
from rag.tokens import fold
from rag.types import Chunk

_TRIED = 12  # how many of the best candidates may be passed over
_RECENT = 45  # days after a period within which a paper still speaks of it without naming it
_LEFT, _ANY = FEATURES.index("period_left"), FEATURES.index("period_any")
_CLOSE = 0.5  # of the best candidate's mass, that one may take its place
_AHEAD = re.compile("计划|规划|拟|预计|预期|预测|目标|设计|有望|力争|争取|将(?!近)")
_NUMERALS = frozenset("0123456789零一二三四五六七八九十百千万亿")
_ANY_UNIT = frozenset({"个", "年", "月", "点"})  # 个 counts anything
# measure words that people use for one another: 多少条船, 60艘
_ALIKE = tuple(
    frozenset(words) for words in ("条艘只辆台部架列", "位名人员", "张份件起例宗单笔封", "家间所座处", "届次场回")
)


def consistent(
    question: Question,
    looked: Cues,
    places: Places,
    found: tuple[Pool, NDArray[np.float32]],
    best: tuple[NDArray[np.int64], NDArray[np.float32]],
) -> tuple[NDArray[np.int64], str]:
    """The positions of `order` with those of candidates that contradict the question behind, and what the first contradicts.

    Only the first `_TRIED` are looked at; the second value is "" when one of them contradicts nothing.
    """
    (pool, rows), (order, mass) = found, best
    reasons = [contradiction(question, looked, places, pool, rows, int(i)) for i in order[:_TRIED]]
    fit = [at for at, reason in enumerate(reasons) if not reason]
    if question.asked == "number":  # equals keep their order
        sentence = pool.sentence[order[: len(reasons)]].tolist()
        close = [at for at in fit if mass[at] >= _CLOSE * mass[fit[0]]]
        close.sort(key=lambda at: _beside(question, looked, places, pool, int(order[at])))
        fit = [*close, *fit[len(close) :]]
        fit.sort(
            key=lambda at: (
                _periods_missing(looked, places, sentence[at]), _of_another(question, looked, pool, int(order[at]))
            )
        )  # fmt: skip
    rest = [at for at, reason in enumerate(reasons) if reason]
    return np.array([*fit, *rest, *range(len(reasons), len(order))], dtype=np.int64), "" if fit else reasons[0]


def contradiction(
    question: Question, looked: Cues, places: Places, pool: Pool, rows: NDArray[np.float32], best: int
) -> str:
    """What the question fixes and candidate `best` contradicts or does not have ("2019年"), "" where nothing."""
    known = _known(places, pool, best)
    return (
        _other_period(question, looked, known, pool, rows, best)
        or _other_span(question, pool, best)
        or _other_rank(question, pool, best)
        or _other_unit(looked, pool.text(best))
        or _other_kind(question, pool.text(best))
        or _other_measure(question, pool, best)
        or _other_place(looked, known)
    )


def _periods_missing(looked: Cues, places: Places, sentence: int) -> int:
    """How many of several periods asked of (跟2006年比，2024年……) a sentence does not name."""
    return int((~places.here[sentence, len(looked.terms) :]).sum()) if len(looked.periods) > 1 else 0


def _beside(question: Question, looked: Cues, places: Places, pool: Pool, best: int) -> int:
    """How much a figure is beside the question: its sentence and those around it lack places asked of, or it is planned and none such is asked for."""
    sentence = int(pool.sentence[best])
    known = (places.near | places.heading)[sentence, : len(looked.terms)]
    missing = int((np.array(looked.located, dtype=bool) & ~known).sum())
    told, figure = _figure(pool, best)
    ahead = figure and _AHEAD.search(zone(fold(told), figure)) and not _AHEAD.search(question.text)
    return missing + bool(ahead)


def _figure(pool: Pool, best: int) -> tuple[str, Quantity | None]:
    """A candidate's sentence, and the figure there that it is or stands in."""
    text = pool.prepared[int(pool.chunk[best])].chunk.text
    start, end = (pool.sentences[pool.sentence[best], :2] % STRIDE).tolist()
    at = int(pool.start[best]) % STRIDE - start
    return text[start:end], next((one for one in figures(text[start:end]) if one.start <= at < one.end), None)


def _of_another(question: Question, looked: Cues, pool: Pool, best: int) -> bool:
    """Whether a figure is of what is not meant, or a weighty word of the question stands at another one of its sentence alone.

    Such a candidate is no contradiction: it only gives way to others.
    """
    sentence, figure = _figure(pool, best)
    label = [term for term, weight in zip(looked.terms, looked.weights, strict=False) if weight >= TELLING]
    if figure and any(word in zone(fold(sentence), figure) for word in question.excluded):
        return True
    if figure is None or own(label, sentence, figure):
        return False
    later = sentence[figure.start :]  # what was said before carries on (142家重点企业……404家)
    return any(word in fold(later) for word in elsewhere(label, sentence, figure, lambda _: True))


def _known(places: Places, pool: Pool, best: int) -> NDArray[np.bool_]:
    """What the passages of the candidate's article, as far as they are in the pool, hold of what is looked for."""
    article = _article(pool.hits[int(pool.chunk[best])].chunk)
    same = np.array([_article(hit.chunk) == article for hit in pool.hits], dtype=bool)[pool.sentences[:, 2]]
    return np.asarray((places.chunk[same] | places.heading[same]).any(axis=0), dtype=bool)


def _article(chunk: Chunk) -> tuple[str, tuple[str, ...]]:
    """What tells the articles of a file apart: its headline."""
    return chunk.source, chunk.headings[:1]


def _other_period(
    question: Question, looked: Cues, known: NDArray[np.bool_], pool: Pool, rows: NDArray[np.float32], best: int
) -> str:
    """The asked period, if the sentence names only others or the whole passage does not know it."""
    if not looked.periods or question.asked == "date":
        return ""
    published = pool.prepared[int(pool.chunk[best])].chunk.published
    if published is None:  # most of its dates have no year to compare
        return ""
    today = published.toordinal()
    current = [first <= today <= last + _RECENT for first, last in looked.periods]
    absent = not any(has or now for has, now in zip(known[len(looked.terms) :], current, strict=True))
    elsewhere = rows[best, _LEFT] < 0 and rows[best, _ANY] <= 0
    return "、".join(p.text for p in question.periods) if elsewhere or absent else ""


def _other_span(question: Question, pool: Pool, best: int) -> str:
    """The asked half-year, quarter or months, if the figure is of other months or only of a part of these (一季报 for 半年报)."""
    asked = [
        p for p in question.periods if p.first and p.last and _WHOLE_MONTH <= (p.last - p.first).days < _WHOLE_YEAR
    ]
    if (
        question.asked != "number"
        or len(asked) != 1
        or asked[0].cumulative
        or question.text[asked[0].end :].startswith(("末", "底"))
    ):
        return ""
    prepared = pool.prepared[int(pool.chunk[best])]
    start, at = int(pool.sentences[pool.sentence[best], 0]) % STRIDE, int(pool.start[best]) % STRIDE
    here = [p for p in periods(prepared.chunk.text, prepared.chunk.published) if start <= p.start and p.end <= at]
    of = governing(prepared.chunk.text, here, at)
    if of is None or not of.first or not of.last or (of.last - of.first).days < _WHOLE_MONTH or of.cumulative:
        return ""
    return "" if (of.first, of.last) == (asked[0].first, asked[0].last) else asked[0].text


def _other_place(looked: Cues, known: NDArray[np.bool_]) -> str:
    """The asked place, if the candidate's article does not name it."""
    return "、".join(t for t, place, has in zip(looked.terms, looked.located, known, strict=False) if place and not has)


def _other_rank(question: Question, pool: Pool, best: int) -> str:
    """The asked rank (第十三届), if what stands around the candidate is of another one, or its article names none."""
    asked = [q for q in question.quantities if q.kind == "rank" and q.text[-1] not in _NUMERALS]
    strange = [q.text for q in asked if q.value not in _ranks_of(pool, best, q.text[-1])]
    return "、".join(strange) if asked and len(strange) == len(asked) else ""


def _ranks_of(pool: Pool, best: int, counter: str) -> set[float]:
    """The ranks of a counter (届) that a candidate may belong to.

    Those its sentence names; without any the last one named before it in its passage, or the first after it; without any
    the one its article names most often ("本届").
    """
    prepared = pool.prepared[int(pool.chunk[best])]
    start, end = (pool.sentences[pool.sentence[best], :2] % STRIDE).tolist()
    here = [q for q in quantities(prepared.chunk.text) if q.kind == "rank" and q.text[-1] == counter]
    inside = {q.value for q in here if start <= q.start < end}
    if inside:
        return inside
    before = [q.value for q in here if q.start < start]
    if here:
        return {before[-1] if before else here[0].value}
    article = [p for p in pool.prepared if _article(p.chunk) == _article(prepared.chunk)]
    texts = [prepared.heading, *(p.chunk.text for p in article)]
    named = Counter(q.value for t in texts for q in quantities(t) if q.kind == "rank" and q.text[-1] == counter)
    return {value for value, count in named.items() if count == max(named.values())}


def _other_unit(looked: Cues, text: str) -> str:
    """The asked unit, if the candidate counts in another one: people for money, 种 for 台, 120家 for 多少亿."""
    if not looked.unit or looked.unit in _ANY_UNIT:
        return ""
    found = quantities(text)
    if looked.kind == "bare":
        fits = looked.unit in text
    elif looked.kind == "percent":
        fits = any(q.kind in ("percent", "multiple") for q in found)
    else:
        alike = next((words for words in _ALIKE if looked.unit in words), frozenset())
        fits = any(q.unit in (looked.unit, "") or q.unit in alike or q.text.endswith(looked.unit) for q in found)
    return "" if fits else f"以“{looked.unit}”计的数字"


def _other_kind(question: Question, text: str) -> str:
    """A number or a date, where one is asked for and the candidate holds none; a date is no number (拘留了几天, 8月4日)."""
    if question.asked == "number":
        if any((p.start, p.end) == (0, len(text)) for p in periods(text)):
            return "确切的数字"
        return "" if quantities(text) or any(c.isdigit() for c in text) else "确切的数字"
    if question.asked == "date":
        day = _DAY_ASKED.search(question.text) and not _CLOCK_ASKED.search(question.text)
        told = periods(text) or (any(c.isdigit() for c in text) and not day)
        return "" if told and not _too_rough(question, text) else "确切的时间"
    return ""


def _too_rough(question: Question, text: str) -> bool:
    """Whether a candidate is a year or months where a day is asked for (哪一天: 2025年末), or a year where a month is."""
    told = periods(text, _ANY_DAY)
    least = (
        _WHOLE_MONTH if _DAY_ASKED.search(question.text) else _WHOLE_YEAR if _MONTH_ASKED.search(question.text) else 0
    )
    spans = [(p.last - p.first).days for p in told if p.first and p.last]
    return bool(least and spans) and min(spans) >= least


_DAY_ASKED = re.compile("哪一?[天日]|几[号日](?![线楼])|几点")
_CLOCK_ASKED = re.compile("[几多哪][点时]")
_MONTH_ASKED = re.compile("哪一?个?月|几月")
_WHOLE_MONTH, _WHOLE_YEAR = 27, 360  # days from the first to the last
_ANY_DAY = date(2000, 7, 3)  # what a relative date is counted from, where only its length matters
_SHARE = re.compile("占比|比重|比例|份额|占(?!地|用)")
_CHANGE = re.compile("增速|增长|增幅|涨幅|降幅|跌幅|同比|环比|上升|上涨|下降|下滑|下跌|涨了|跌了")


_AMOUNT = re.compile(
    r"(?:额|总量|产量|销量|收入|营收|产值|利润|投资|市值|票房|售价|GDP|人数|人次|总数)(?:是|为|有|达到?|共)*(?:多少|几)?[万亿元美人吨]*[？?\s]*$"
)
_RELATIVE = re.compile("率|百分|幅|%|几成|几倍|比")


def _other_measure(question: Question, pool: Pool, best: int) -> str:
    """A share, where a percentage says how much something changed, the other way round, and an amount, where it is either."""
    text = pool.text(best)
    if not any(q.kind == "percent" for q in quantities(text)):
        return ""
    share, change = bool(_SHARE.search(question.text)), bool(_CHANGE.search(question.text))
    if not (share or change or _RELATIVE.search(question.text)) and _AMOUNT.search(question.text):
        return "数额"
    clause = pool.between(int(pool.clauses[pool.clause[best], 0]), int(pool.start[best])) + text
    if share and not change and _CHANGE.search(clause) and not _SHARE.search(clause):
        return "占比"
    return "变化幅度" if change and not share and _SHARE.search(clause) and not _CHANGE.search(clause) else ""
