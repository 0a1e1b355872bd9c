"""Which value goes to which subject or period: "离岸、在岸执行额分别增长15.9%、25.4%". Used by the pool.

A sentence with 分别 (or 依次) pairs k coordinated values after it with k items, in order. The items are, whichever comes
first: a list between the word and the values (分别高于全国、全省3.3、4.6个百分点), a list in the clause before it, the last
k clauses where each has a value of its own (合同额11825亿元，执行额8018亿元，分别占…), a list further left in the sentence
(前三位分别为美国、中国香港、欧盟，执行额分别为…). Values that were paired themselves hand on their subject.

"2006年至2024年，规模从13.8亿美元增至3138亿美元": the first value is that of the first period, the second that of the last.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise, product

from rag.periods import periods
from rag.quantities import quantities
from rag.read import words as w
from rag.read.words import Words

_VALUES = frozenset({w.MONEY, w.PERCENT, w.MULTIPLE, w.AMOUNT, w.COUNT, w.BARE, w.PERIOD})
_CUE = re.compile("分别|依次")
_AND = frozenset({"和", "与", "及", "以及", "或", "、"})
_OPENS = frozenset(
    {"为", "是", "包括", "即", "在", "对", "向", "给", "从", "分别", "依次", "分别为", "分别是"}
)  # a list follows
_BETWEEN = frozenset(
    {w.VERB, w.ADVERB, w.FUNCTION, w.SINGLE, w.OTHER, w.PRONOUN, w.MEASURE, w.BARE}
)  # 增长1.5%和下降1.1%
_FAR = 4  # clauses: 好评率分别为 may stand three clauses after what is named
_ANYWHERE = 99  # deeper than any brackets
_NEXT = 4  # characters between the ends of a range
_UNTIL = re.compile(r"\s*(?:[-—–~～至到]|——)\s*")
_STOP = re.compile("[；;。！？!?\n]")
_FROM = re.compile("[从由]了?[约近超不足]*$")
_INTO = re.compile("[^，,]{0,12}?[至到为成]了?[约近超]*")  # 激增至, 下降到
_CLAUSE, _PART = "，,：:", "；;。！？!?\n"


@dataclass(frozen=True, slots=True)
class Aligned:
    """The value at characters `[start, end)` belongs to the item at `own`; `others` are the items it does not belong to."""

    start: int
    end: int
    own: tuple[int, int]
    others: tuple[tuple[int, int], ...]


def aligned(words: Words) -> tuple[Aligned, ...]:
    """The pairings of all sentences of a text."""
    made: dict[int, Aligned] = {}
    for cue in _CUE.finditer(words.text):
        at = int((words.starts <= cue.start()).sum()) - 1
        same = [i for i in range(len(words.starts)) if words.sentences[i] == words.sentences[at]]
        after = [i for i in same if words.starts[i] >= cue.end() and words.depths[i] <= words.depths[at]]
        values = _values(words, after)
        items = _items(words, [i for i in same if words.starts[i] < cue.start()], after, values) if values else []
        items = [next((pair.own for pair in made.values() if a <= pair.start < b), (a, b)) for a, b in items]
        for v, item in zip(values, items, strict=bool(items)):
            others = tuple(other for other in items if other != item)
            made[int(words.starts[v])] = Aligned(int(words.starts[v]), int(words.ends[v]), item, others)
    return tuple(made.values())


def changes(text: str, published: date | None) -> tuple[tuple[int, int, int, int], ...]:
    """(start, end, first, last) of the two values of every change over a range of periods: the days that each is of."""
    dated = [p for p in periods(text, published) if p.first and p.last]
    made: list[tuple[int, int, int, int]] = []
    for a, b in product(dated, dated):
        if a.end < b.start <= a.end + _NEXT and _UNTIL.fullmatch(text, a.end, b.start):
            stop = _STOP.search(text, b.end)
            end = stop.start() if stop else len(text)
            values = [q for q in quantities(text[b.end : end]) if q.kind not in ("rank", "bare")]
            for one, other in pairwise(values):
                between = text[b.end + one.end : b.end + other.start]
                if (
                    _FROM.search(text[b.end : b.end + one.start])
                    and _INTO.fullmatch(between)
                    and one.kind == other.kind
                ):
                    made += [
                        (b.end + q.core[0], b.end + q.core[1], p.first.toordinal(), p.last.toordinal())
                        for q, p in ((one, a), (other, b))
                        if p.first and p.last
                    ]
    return tuple(made)


def _word(words: Words, i: int) -> str:
    return words.text[words.starts[i] : words.ends[i]]


def _values(words: Words, after: list[int]) -> list[int]:
    """The first coordinated values of one kind (a bare number before a unit is of its kind) in the clause of the cue."""
    run: list[int] = []
    joined = plain = False
    for i in after:
        tag, word = int(words.tags[i]), _word(words, i)
        if tag in _VALUES and (tag != w.BARE or word[0].isdigit()):  # not 左右, which dictionaries call a number
            follows = run and joined and plain and words.tags[run[0]] in (tag, w.BARE)
            if len(run) > 1 and not follows:
                break
            run = [*run, i] if follows else [i]
            joined, plain = False, True
        elif word in _PART or word in "，,":
            break
        elif word in _AND:
            joined = True
        else:
            plain = plain and (tag in _BETWEEN or word in "（(")
    return run if len(run) > 1 else []


def _items(words: Words, before: list[int], after: list[int], values: list[int]) -> list[tuple[int, int]]:
    """The character ranges of the items of `values`, [] where there is no list of as many."""
    k = len(values)
    between = _list(words, [i for i in after if i < values[0]], k)
    if between:
        return _trimmed(words, between)
    clauses = list(_clauses(words, before))[:_FAR]
    kind = int(words.tags[values[-1]])
    for n, clause in enumerate(clauses):
        if n > 1 and kind in _kinds(words, clause):  # those values are of something else
            break
        found = _list(words, clause, k)
        if found:
            return _trimmed(words, found)
        told = list(reversed(clauses[1 : 1 + k]))
        if n == 0 and len(told) == k and set.intersection(*(_kinds(words, one) for one in told)):
            return [_range(words, one) for one in told]
        if kind == w.PERIOD or (n > 0 and kind in _kinds(words, clause)):
            break
    return []


def _kinds(words: Words, clause: list[int]) -> set[int]:
    """The kinds of value a clause has of its own; none where 分别 shares them out."""
    if any(_CUE.match(_word(words, i)) for i in clause):
        return set()
    return {int(words.tags[i]) for i in clause} & (_VALUES - {w.BARE, w.PERIOD})


def _clauses(words: Words, before: list[int]) -> Iterator[list[int]]:
    """The words of the clauses left of the cue, from right to left, up to a semicolon."""
    clause: list[int] = []
    for i in reversed(before):
        word = _word(words, i)
        if word in _PART:
            break
        if word in _CLAUSE:
            yield clause
            clause = []
        else:
            clause.insert(0, i)
    yield clause


def _list(words: Words, clause: list[int], k: int) -> list[list[int]]:
    """The list of `k` items in a clause: what begins it is cut off as far as it can be."""
    outside = min((words.depths[i] for i in clause), default=0)
    starts = [n + 1 for n, i in enumerate(clause) if _word(words, i) in _OPENS and words.depths[i] == outside]
    for start in (*reversed(starts), 0):
        inside = clause[start:]
        for level in (outside, _ANYWHERE):
            marks = [n for n, i in enumerate(inside) if _word(words, i) in _AND and words.depths[i] <= level]
            for bounds in _readings(words, inside, marks):
                items = [inside[a + 1 : b] for a, b in zip([-1, *bounds], [*bounds, len(inside)], strict=True)]
                if len(items) == k and all(items):
                    tags = [int(words.tags[item[0]]) for item in items]
                    unnamed = tags[0] in _VALUES and tags[0] not in tags[1:]  # 甲价格为8元、乙价格为9元
                    return [clause[:start] + items[0], *items[1:]] if unnamed else items
    return []


def _readings(words: Words, inside: list[int], marks: list[int]) -> Iterator[list[int]]:
    """The marks that may part a list: A、B和C at all marks and the first 和 after them, or at 、 alone, or at 和 alone."""
    commas = [n for n in marks if _word(words, inside[n]) == "、"]
    others = [n for n in marks if n not in commas]
    last = [n for n in others if not commas or n > commas[-1]][:1]
    if last:
        yield [*commas, *last]
    if commas:
        yield commas
    if len(others) > 1:
        yield others


def _range(words: Words, item: list[int]) -> tuple[int, int]:
    return int(words.starts[item[0]]), int(words.ends[item[-1]])


def _trimmed(words: Words, items: list[list[int]]) -> list[tuple[int, int]]:
    """The items without what the first or last one says for all: 离岸、在岸(服务外包执行额); (示范城市)合同额、执行额.

    Items of one list mostly end alike (岸); where they do not they are about as long as each other.
    """
    ranges = [_range(words, item) for item in items]
    texts = [words.text[a:b] for a, b in ranges]
    alike = texts[-1].find(texts[-2][-1], 1) + 1
    longest = max(len(text) for text in texts[1:-1] or [min(texts[0], texts[-1], key=len)])
    keep = alike or max(longest, 2)
    keep = len(texts[-1]) if keep >= len(texts[-1]) - 1 else keep  # 老王和陈建波
    ranges[-1] = ranges[-1][0], next(int(words.ends[i]) for i in items[-1] if words.ends[i] >= ranges[-1][0] + keep)
    longest = max(b - a for a, b in ranges[1:])
    spare = 0 if texts[0][-1] == words.text[ranges[-1][1] - 1] else 3  # numerals differ in length
    begin = max(ranges[0][0], ranges[0][1] - longest - spare)
    ranges[0] = max(int(words.starts[i]) for i in items[0] if words.starts[i] <= begin), ranges[0][1]
    return ranges
