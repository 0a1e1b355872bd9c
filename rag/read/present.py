"""What is shown of a found span: its sentence, a second source that agrees, or why nothing is answered.

Found -> answer(...)  -> Answer(answered=True,  short, sentences with evidence)
Found -> refusal(...) -> Answer(answered=False, reason, the nearest sentence with evidence)
"""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.periods import Period, periods
from rag.question import Question
from rag.read import words as w
from rag.read.pool import STRIDE, Pool
from rag.read.spans import plain
from rag.types import Answer, Evidence

SENTENCE_CHARS = 120
EXPLANATION_CHARS = 190
_RELATED = 3  # how many of the sentences with most of the question in them are cited, if not quoted
_SUPPORT = 4.0  # how far, in log-odds, a second source may lie behind the first
_CLAUSE = re.compile("[，；：,;]")


Statement = tuple[str, tuple[Evidence, ...]]


@dataclass(frozen=True, slots=True)
class Found:
    """What the ranker made of a pool: `order` holds one candidate for each distinct string, best first.

    `recall` says how much of the question each sentence of the pool holds; `scores` are those of all candidates;
    `confidence` is the chance that the first is right; `exact` is sentence, start and end of a figure that says exactly
    what the first says roughly; `contradicted` is what the question fixes and the first does not have.
    """

    pool: Pool
    recall: NDArray[np.float32]
    scores: NDArray[np.float32]
    order: NDArray[np.int64]
    confidence: float
    exact: tuple[int, int, int] | None = None
    contradicted: str = ""


def answer(question: Question, found: Found) -> Answer:
    """The best candidate, in its sentence, with a second source where one says the same."""
    best, pool = int(found.order[0]), found.pool
    if found.exact:
        sentence, start, end = found.exact
        quoted = [_quote(question, pool, sentence, start, end), _quoted(question, pool, best)]
        return Answer(
            True, pool.between(start, end), _with_related(found, quoted[0].quote, quoted), confidence=found.confidence
        )
    quoted = [_quoted(question, pool, best)]
    short = _direction(pool, best) + _trimmed(pool.text(best))
    dated = _absolute(question, pool, best, short)
    text = quoted[0].quote
    if dated:
        published = quoted[0].chunk.published
        text = f"{dated}（原文“{short}”{f'，{published}刊' if published else ''}）：{text}"
    second = _second(found, best)
    if second is not None:
        quoted.append(_quoted(question, pool, second))
    return Answer(True, dated or short, _with_related(found, text, quoted), confidence=found.confidence)


def refusal(question: Question, found: Found | None) -> Answer:
    """Why nothing is answered, with the sentence that came nearest."""
    if found is None:
        return Answer(False, "", (), reason="资料中没有与这个问题有关的内容。")
    nearest = _quoted(question, found.pool, int(found.order[0]))
    what = "、".join(p.text for p in question.periods if _unmentioned(p, found.pool)) or found.contradicted
    reason = f"资料中没有{what}的相关内容。" if what else "资料中没有能直接回答这个问题的内容。"
    statements = _with_related(found, nearest.quote, [nearest])
    return Answer(False, "", statements, reason=reason, confidence=found.confidence)


def _with_related(found: Found, text: str, quoted: list[Evidence]) -> tuple[Statement, ...]:
    """`text` with its quotes, and where else to look."""
    related = _related(found, quoted)
    return ((text, tuple(quoted)), ("另见", related)) if related else ((text, tuple(quoted)),)


def _related(found: Found, quoted: list[Evidence]) -> tuple[Evidence, ...]:
    """The sentences that hold most of what was asked, where they are not quoted yet: what a careful reader checks next."""
    made: list[Evidence] = []
    for sentence in np.argsort(-found.recall, kind="stable")[:_RELATED].tolist():
        start, end, c = found.pool.sentences[sentence].tolist()
        chunk, base = found.pool.prepared[c].chunk, c * STRIDE
        first, last = chunk.start + start - base, chunk.start + end - base
        held = any(q.chunk.source == chunk.source and first < q.end and q.start < last for q in [*quoted, *made])
        if not held:
            made.append(Evidence(chunk, first, last, chunk.text[start - base : end - base]))
    return tuple(made)


def _unmentioned(asked: Period, pool: Pool) -> bool:
    """Whether no passage names a period that touches the one asked for."""
    if not asked.first or not asked.last:
        return False
    first, last = asked.first.toordinal(), asked.last.toordinal()
    return not any(((p.periods[:, 2] <= last) & (p.periods[:, 3] >= first)).any() for p in pool.prepared)


def _trimmed(text: str) -> str:
    """A span without the quotes around all of it and without marks at its ends; book titles keep theirs."""
    text = text.strip(" ，。；：、,;:")
    if len(text) > 2 and (text[0], text[-1]) in (("“", "”"), ("「", "」"), ("『", "』")):
        return text[1:-1]
    return text


def _direction(pool: Pool, best: int) -> str:
    """The word of decline right before a percentage, without which it would be read as growth; "" where there is none."""
    c = int(pool.chunk[best])
    if not re.search(r"^\d[\d.]*(%|％|个百分点)$", pool.text(best)):
        return ""
    before = pool.prepared[c].chunk.text[: int(pool.start[best]) - c * STRIDE]
    found = re.search(r"(下降|下滑|下跌|减少|降低|回落|缩减|萎缩|收窄|降)了?约?$", before)
    return found.group() if found else ""


def _absolute(question: Question, pool: Pool, best: int, short: str) -> str:
    """A date with its year and month filled in from the publication date, "" where it needs or allows none."""
    prepared = pool.prepared[pool.chunk[best]]
    alone = prepared.words.tags[prepared.spans.first[pool.row[best]]] == w.PERIOD
    if question.asked != "date" or not alone or re.search(r"\d{4}|[〇零一二三四五六七八九]{4}", short):
        return ""
    start = int(pool.start[best]) - int(pool.chunk[best]) * STRIDE
    for period in periods(prepared.chunk.text, prepared.chunk.published):
        if period.start == start and period.first and period.last:
            return _written(period)
    return ""


def _written(period: Period) -> str:
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


def _second(found: Found, best: int) -> int | None:
    """The best candidate of another source with the same string, if it is not far behind."""
    pool = found.pool
    source = pool.hits[pool.chunk[best]].chunk.source
    wanted = plain(pool.text(best))
    for i in map(int, np.argsort(-found.scores, kind="stable")[:200]):
        if found.scores[i] < found.scores[best] - _SUPPORT:
            return None
        if pool.hits[pool.chunk[i]].chunk.source != source and plain(pool.text(i)) == wanted:
            return i
    return None


def _quoted(question: Question, pool: Pool, i: int) -> Evidence:
    """The quote of candidate `i`."""
    return _quote(question, pool, int(pool.sentence[i]), int(pool.start[i]), int(pool.end[i]))


def _quote(question: Question, pool: Pool, sentence: int, first: int, last: int) -> Evidence:
    """The sentence of the span `[first, last)` (pool positions); with what follows it for an explanation.

    Of a sentence that is too long, the clauses nearest the span.
    """
    start, end, c = pool.sentences[sentence].tolist()
    chunk, base = pool.prepared[c].chunk, c * STRIDE
    if question.asked in ("explain", "list"):
        start, end = _extended(pool, sentence, c)
    start, end, span = start - base, end - base, (first - base, last - base)
    longest = EXPLANATION_CHARS if question.asked == "explain" else max(SENTENCE_CHARS, last - first)
    if end - start > longest:
        start, end = _clauses_around(chunk.text, (start, end), span, longest)
    return Evidence(chunk, chunk.start + start, chunk.start + end, chunk.text[start:end])


def _extended(pool: Pool, sentence: int, c: int) -> tuple[int, int]:
    """The pool range of a sentence and of those after it in its chunk, as far as an explanation may go."""
    start, end = int(pool.sentences[sentence, 0]), int(pool.sentences[sentence, 1])
    text = pool.prepared[c].chunk.text
    for following in range(sentence + 1, len(pool.sentences)):
        reach = int(pool.sentences[following, 1])
        between = text[end - c * STRIDE : int(pool.sentences[following, 0]) - c * STRIDE]
        if int(pool.sentences[following, 2]) != c or reach - start > EXPLANATION_CHARS or "\n\n" in between:
            break
        end = reach
    return start, end


def _clauses_around(text: str, sentence: tuple[int, int], span: tuple[int, int], longest: int) -> tuple[int, int]:
    """The run of whole clauses around `span` that fits into `longest` characters; what comes before is taken first."""
    marks = [m.start() for m in _CLAUSE.finditer(text, *sentence)]
    starts = [sentence[0], *(m + 1 for m in marks)]
    ends = [*(m for m in marks), sentence[1]]
    left = max(k for k, at in enumerate(starts) if at <= span[0])
    right = min(k for k, at in enumerate(ends) if at >= span[1])
    while left > 0 and ends[right] - starts[left - 1] <= longest:
        left -= 1
    while right < len(ends) - 1 and ends[right + 1] - starts[left] <= longest:
        right += 1
    return starts[left], ends[right]
