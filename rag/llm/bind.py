"""Whether a claim puts its figures where the passages do: `misplaced(text, known)`. Part of `rag.llm`.

执行额超过1亿美元的有19家，海外业务超过5000万美元的有9家      "执行额超过1亿美元的企业有9家" fits 19家 better than 9家

Each figure is known by the words around it: those of its own clause, up to the next figure of the kind, and less so those
of the clauses before that have none. Where some other figure of the kind fits the words of a claim's figure clearly
better than the place this figure was found at, the claim says it of something else.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from rag.names import numberless
from rag.periods import Period, governing, periods
from rag.quantities import Quantity, same
from rag.read.align import Aligned
from rag.read.label import figures, listed, shared_end, zone_start
from rag.tokens import fold, tagged

_STOP = re.compile("[。！？；;]")
_CLAUSE = re.compile("[，。；！？：,;:]")
_HAN = re.compile("[\u4e00-\u9fff]+")
_WORD = re.compile(r"[a-z][a-z0-9]+")
_LIST = re.compile("[、和与及]")
_NOUNS = frozenset("nvbsajf")
_WIDE = 0.5  # what a word counts that stands before the clause of a figure
_TIME = 2.0  # what it counts that both are of one time, or of two
_THAT = re.compile("这[个一些]?(?:数字|数据|数值|指标|规模|比例|比重|占比|金额|总额)")
_ROUNDED = 0.1  # 近两成 may stand for 18.8%
_ROUGHLY = 0.05  # 近九成 is 89.6% told again
_MORE, _CLEARLY = 1.0, 2.0  # by what factor, and by how much besides, another place must fit better


@dataclass(frozen=True, slots=True)
class Place:
    """A figure and what it is known by: pairs of characters of its clause, of what stands before that in its sentence and in the one before, and its time."""

    figure: Quantity
    near: frozenset[str]
    wide: frozenset[str]
    before: frozenset[str] = frozenset()
    time: Period | None = None
    text: str = ""


def misplaced(text: str, known: Sequence[str]) -> str:
    """The figure of `text` whose words fit another figure of `known` clearly better than the figure itself; "" for none.

    `known` are sentences in their order: what a sentence leaves unsaid (其中, 这个数字) stands in the one before it.
    """
    held = [place for before, quote in zip(("", *known), known, strict=False) for place in _after(before, quote)]
    told = places(text)
    for said in told:
        like = [one for one in held if _alike(said, one)]
        exact = [one for one in like if same(one.figure, said.figure)]
        mine = exact or [one for one in like if same(one.figure, said.figure, _ROUNDED)]
        others = [one for one in like if not same(one.figure, said.figure, _ROUGHLY)]
        if mine and any(_told_apart(said, mine, one) and _fits_better(one, mine, said, told, held) for one in others):
            return said.figure.text
        if mine and all(any(_named(said, one, other) for other in others if one.text == other.text) for one in mine):
            return said.figure.text
    return ""


def _told_apart(said: Place, mine: Sequence[Place], other: Place) -> bool:
    """Whether a claim's figure has the time of another one alone, or more that tells that one from its own than the reverse."""
    about = said.near | said.wide

    def own(one: Place, rival: Place) -> int:
        return len(about & (one.near - rival.near - rival.wide))

    def timed(one: Place) -> bool:
        return said.time is None or one.time is None or said.time.overlaps(one.time)

    return all(own(other, one) > own(one, other) or (timed(other) and not timed(one)) for one in mine)


def _named(said: Place, mine: Place, other: Place) -> bool:
    """Whether the words of a claim's figure name what another figure of the same sentence is of, and not what this one is of."""
    names, own = _nouns(other.near - mine.near), _nouns(mine.near - other.near)
    about = said.near | said.wide
    return bool(said.near & names) and not about & own and bool(own)


def _nouns(pairs: frozenset[str]) -> frozenset[str]:
    return frozenset(pair for pair in pairs if tagged(pair)[:1] in _NOUNS)


def _fits_better(
    other: Place, mine: Sequence[Place], said: Place, told: Sequence[Place], held: Sequence[Place]
) -> bool:
    """Whether `other` is what a claim's figure is about; where the claim has that one too, both must fit better exchanged."""
    theirs = [one for one in told if _alike(one, other) and same(one.figure, other.figure)]
    places_ = [one for one in held if _alike(one, other) and same(one.figure, other.figure)]
    now = _best(said, mine) + max((_best(one, places_) for one in theirs), default=0.0)
    then = fit(said, other) + max((_best(one, mine) for one in theirs), default=0.0)
    return then >= _MORE * now + _CLEARLY


def _best(said: Place, held: Sequence[Place]) -> float:
    return max(fit(said, one) for one in held)


def described(text: str, written: str, quote: str) -> bool:
    """Whether `text` has something of what a written figure is known by in `quote`, also of what tells it from each of its kind."""
    all_ = places(quote)
    mine = next((one for one in all_ if quote[slice(*one.figure.core)] == written), None)
    others = [one for one in all_ if mine and _alike(mine, one) and not same(mine.figure, one.figure)]
    about = frozenset(_pairs(fold(text)))
    if mine is None or not others:
        return True
    own = [_nouns(mine.near - other.near) for other in others]
    return bool(mine.near & about) and all(not one or bool(one & about) for one in own)


def of_another(text: str, written: str, quote: str, besides: Sequence[str] = ()) -> bool:
    """Whether `text` names what another figure of the kind in `quote` is of, none of those `besides`, and not what the written one is of."""
    all_ = places(quote)
    mine = next((one for one in all_ if quote[slice(*one.figure.core)] == written), None)
    about = frozenset(_pairs(fold(text)))
    return mine is not None and any(
        bool(_nouns(other.near - mine.near) & about) and not _nouns(mine.near - other.near) & about
        for other in all_
        if _alike(mine, other)
        and not same(mine.figure, other.figure)
        and quote[slice(*other.figure.core)] not in besides
    )


def _alike(one: Place, other: Place) -> bool:
    return (one.figure.kind, one.figure.unit) == (other.figure.kind, other.figure.unit)


def _after(before: str, quote: str) -> Iterator[Place]:
    """The figures of a quote, what stands in the sentence before it among what they are known by."""
    for one in places(quote):
        unsaid = frozenset(_pairs(fold(before)))
        yield (
            replace(one, near=one.near | unsaid, before=unsaid) if _THAT.search(quote) else replace(one, before=unsaid)
        )


def fit(said: Place, held: Place) -> float:
    """How well the words of a figure in a claim are those of a figure in a quote."""
    near = said.near & held.near
    words = len(near) + _WIDE * len((said.near | said.wide) & (held.near | held.wide | held.before) - near)
    if said.time is None or held.time is None:
        return words
    return words + (_TIME if said.time.overlaps(held.time) else -_TIME)


@lru_cache(maxsize=2048)
def places(text: str) -> tuple[Place, ...]:
    """The figures of a text with the words they are known by."""
    folded = numberless(fold(text))
    dates = [one for one in periods(text) if one.first]
    return tuple(
        replace(
            _place(folded, figure, figures(text), listed(text, figure)),
            time=governing(text, dates, figure.start),
            text=text,
        )
        for figure in figures(text)
    )


def _place(folded: str, figure: Quantity, all_: Sequence[Quantity], pair: Aligned | None) -> Place:
    like = [one for one in all_ if (one.kind, one.unit) == (figure.kind, figure.unit) and one.start != figure.start]
    begin = max([0, *(m.end() for m in _STOP.finditer(folded, 0, figure.start))])
    start = max([0, *(m.end() for m in _CLAUSE.finditer(folded, 0, figure.start))])
    stop = _CLAUSE.search(folded, figure.end)
    end = stop.start() if stop else len(folded)
    if pair:
        rest = folded
        for a, b in (pair.own, *pair.others):
            rest = _blank(rest, a, b)
        return _known_by(figure, f"{folded[slice(*pair.own)]} {rest[start:end]}", rest[begin:end])
    left = max([start, *(one.end for one in like if one.end <= figure.start)])
    right = min([end, *(one.start for one in like if one.start >= figure.end)])
    if left == start:  # 应收账款为13.8亿元，增加2.1亿元: of what was named before
        left = zone_start(folded, figure)
    first = min([figure.start, *(one.start for one in like if one.start >= start)])
    last = max([figure.end, *(one.end for one in like if one.end <= end)])
    near, before = folded[left:right], folded[start:first]
    if not _LIST.search(folded, first, last):  # 由13.8亿美元增至2522.1亿美元: what is before the first is said of both
        near = f"{before} {near}"
    bounds = [begin, *(m.end() for m in _CLAUSE.finditer(folded, begin, start))]
    wide = [folded[a:b] for a, b in pairwise(bounds) if not any(a <= one.start < b for one in like)]
    earlier = min((one for one in like if begin <= one.start < start), key=lambda one: one.start, default=None)
    if earlier:
        wide.append(folded[begin : shared_end(folded, earlier, figure)])
    return _known_by(figure, near, " ".join((*wide, before)))


def _known_by(figure: Quantity, near: str, wide: str) -> Place:
    return Place(figure, frozenset(_pairs(near)), frozenset(_pairs(wide)))


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + " " * (end - start) + text[end:]


def _pairs(text: str) -> Iterator[str]:
    for run in _HAN.findall(text):
        yield from (run[i : i + 2] for i in range(len(run) - 1))
    yield from _WORD.findall(text)
