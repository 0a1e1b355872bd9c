"""Which text of a passage is quoted for a span: `quote(...)`, `enumerated(...)`. Used by present.

A figure or a name stands in its sentence. An explanation takes more: the sentences before and after that hold most of the
question, and what is enumerated after "四个方面：" (一是…二是…) is quoted item by item.
"""

import re

import numpy as np
from numpy.typing import NDArray

from rag.question import Question
from rag.read.pool import STRIDE, Pool
from rag.types import Evidence

SENTENCE_CHARS = 120
EXPLANATION_CHARS = 190
_CLAUSE = re.compile("[，；：,;]")
_CAUSE_FIRST = re.compile("为什么|为何|为啥|因何|何以|原因|怎么(?:办到|做到|会)")
_FOLLOWS = re.compile("最终|因此|因而|所以|于是|结果|这|此|对此|其中|他|她|它|该")
ITEM = re.compile("(?:第?([一二三四五六七八九十])(?:是|要|、|，)|[（(]([一二三四五六七八九十])[）)])")
_NUMERALS = "一二三四五六七八九十"
_REACH = 3000  # characters behind an introduction within which its items stand


def quote(
    question: Question, pool: Pool, recall: NDArray[np.float32], sentence: int, first: int, last: int
) -> Evidence:
    """The sentence of the span `[first, last)` (pool positions), for an explanation with those around it.

    Of a sentence that is too long, the clauses nearest the span. A span that reaches over its end takes the rest along.
    """
    start, end, c = pool.sentences[sentence].tolist()
    chunk, base = pool.prepared[c].chunk, c * STRIDE
    if question.asked == "explain":
        start, end = _around(question, pool, recall, sentence)
    elif question.asked == "list":
        start, end = _reach(pool, sentence, sentence, 1)
    start, end, span = start - base, max(end, last) - base, (first - base, last - base)
    longest = EXPLANATION_CHARS if question.asked == "explain" else max(SENTENCE_CHARS, last - first)
    if end - start > longest:
        start, end = clauses_around(chunk.text, (start, end), span, longest)
    return Evidence.of(chunk, start, end)


def whole(pool: Pool, sentence: int) -> Evidence:
    """A sentence of the pool as a quote."""
    start, end, c = pool.sentences[sentence].tolist()
    chunk, base = pool.prepared[c].chunk, c * STRIDE
    return Evidence.of(chunk, start - base, end - base)


def clauses(pool: Pool, first: int, last: int, sentence: int, longest: int) -> Evidence:
    """The clauses around the span `[first, last)` of a sentence as a quote."""
    start, end, c = pool.sentences[sentence].tolist()
    chunk, base = pool.prepared[c].chunk, c * STRIDE
    span = (first - base, max(first + 1, min(last, end)) - base)
    return Evidence.of(chunk, *clauses_around(chunk.text, (start - base, end - base), span, longest))


def enumerated(pool: Pool, quoted: Evidence) -> tuple[Evidence, tuple[Evidence, ...]]:
    """A quote up to the sentence that introduces an enumeration, and its items; the quote as it is and () without one.

    Of a quote that is an item itself, the sentence that introduces it.
    """
    for start, end, c in pool.sentences.tolist():
        chunk, base = pool.prepared[c].chunk, c * STRIDE - pool.prepared[c].chunk.start
        introduction = Evidence(chunk, start - base, end - base, pool.between(start, end))
        inside = chunk.id == quoted.chunk.id and quoted.start <= introduction.start < quoted.end
        if not inside and not ITEM.match(quoted.quote):
            continue
        listed = _items(pool, introduction)
        if listed and inside:
            text = chunk.text[quoted.start - chunk.start : end - c * STRIDE]
            return Evidence(chunk, quoted.start, end - base, text), listed
        if any(one.overlaps(quoted) for one in listed):
            return introduction, listed
    return quoted, ()


def _items(pool: Pool, introduction: Evidence) -> tuple[Evidence, ...]:
    """What is enumerated behind a sentence in its source (一是…, 二是…, each its first sentence), () if fewer than two."""
    if ITEM.match(introduction.quote) or not re.search("[：:]$|方面|如下", introduction.quote[-12:]):
        return ()
    found: dict[str, Evidence] = {}
    for other in range(len(pool.sentences)):
        one = whole(pool, other)
        item = ITEM.match(one.quote)
        if item and one.chunk.source == introduction.chunk.source and 0 < one.start - introduction.end < _REACH:
            key = item[1] or item[2]
            if key not in found or one.start < found[key].start:
                found[key] = one
    count = next(i for i, numeral in enumerate([*_NUMERALS, ""]) if numeral not in found)
    kept = tuple(found[numeral] for numeral in _NUMERALS[:count])
    return kept if count > 1 and sum(len(one.quote) for one in kept) <= EXPLANATION_CHARS else ()


def _around(question: Question, pool: Pool, recall: NDArray[np.float32], sentence: int) -> tuple[int, int]:
    """The pool range of a sentence and its neighbours, those with most of the question first, as far as allowed.

    First what came before it, for a cause or where the sentence refers back.
    """
    low = high = sentence
    start, end, _ = pool.sentences[sentence].tolist()
    back = _CAUSE_FIRST.search(question.text) or _FOLLOWS.match(pool.between(start, end))
    if back and _fits(pool, low - 1, high):
        low -= 1
    while True:
        before = (low - 1, high) if _fits(pool, low - 1, high) and not _broken(pool, low - 1) else None
        after = (low, high + 1) if _fits(pool, low, high + 1) else None
        if before and (not after or recall[low - 1] > recall[high + 1] or _broken(pool, high)):
            low -= 1
        elif after:
            high += 1
        else:
            return int(pool.sentences[low, 0]), int(pool.sentences[high, 1])


def _broken(pool: Pool, sentence: int) -> bool:
    """Whether a line ends between a sentence and the next one."""
    return "\n" in pool.between(int(pool.sentences[sentence, 1]), int(pool.sentences[sentence + 1, 0]))


def _fits(pool: Pool, low: int, high: int) -> bool:
    """Whether the sentences from `low` to `high` are of one chunk and paragraph, and short enough together."""
    if low < 0 or high >= len(pool.sentences) or pool.sentences[low, 2] != pool.sentences[high, 2]:
        return False
    start, end = int(pool.sentences[low, 0]), int(pool.sentences[high, 1])
    return end - start <= EXPLANATION_CHARS and "\n\n" not in pool.between(start, end)


def _reach(pool: Pool, low: int, high: int, step: int) -> tuple[int, int]:
    """The pool range of the sentences from `low` on, as far as they fit."""
    while _fits(pool, low, high + step):
        high += step
    return int(pool.sentences[low, 0]), int(pool.sentences[high, 1])


def clauses_around(text: str, sentence: tuple[int, int], span: tuple[int, int], longest: int) -> tuple[int, int]:
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
