"""Whether a claim says of something else, or the opposite of, what its quotes say: `against(text, row)`. Part of `rag.llm`.

Figures and names may all stand in a quote and the claim be wrong: 进口 for 出口, 全国 for 全省, one list's value for another's, a
comparison that nobody made. These are told by words that exclude each other (assets/opposites.txt), by `分别` lists, and by
which figure stands nearest to the words that a claim gives it; what was put in the place of something else (`exchange`), who is meant
(`person`), what changed (`change`), causes and plans are looked at by modules of their own.
"""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from rag.llm.cause import miscaused
from rag.llm.change import changed, equal, turned_round
from rag.llm.exchange import altered, of_another_kind, put_in, unlisted
from rag.llm.mood import turned
from rag.llm.person import by_another, other_title
from rag.periods import EVENT_DAYS, Period, last_before, periods
from rag.quantities import Quantity, quantities
from rag.read.label import elsewhere, figures, lists
from rag.tokens import cut, fold
from rag.types import Evidence
from rag.verify import without_year_before

_FILE = Path(__file__).parents[1] / "assets" / "opposites.txt"
_COMPARES = re.compile(
    r"(?:高于|低于|快于|慢于|多于|少于|大于|小于|强于|好于|不及|领先于|落后于|超过)(?![\d一二两三四五六七八九十百千万])|比[^，。；]{1,20}?(?:更|还)?(?:高|低|多|少|快|慢|大|小)(?!\d)"
)
_BREAK = re.compile("[，。；！？、：,;:（）()]")
_PAUSE = re.compile("[，。；！？：,;:]")
_NEAR = 12  # characters behind a comparison in which the lesser thing is named


def against(text: str, row: Sequence[Evidence]) -> str:
    """What of `text` the quotes of `row` contradict, "" where nothing was found."""
    quotes = [one.quote for one in row]
    text = without_year_before(text, quotes)
    whole = "".join(quotes)
    main = max(row, key=lambda one: len(_bigrams(text) & _bigrams(one.quote)))
    return (
        _excluded(fold(text), fold(whole))
        or _excluded(fold(text), fold(main.quote))
        or _excluded_there(text, quotes)
        or unlisted(text, row)
        or of_another_kind(fold(text), fold(whole))
        or _compared(text, whole)
        or _of_another(text, quotes)
        or _of_another_time(text, row, main)
        or by_another(text, main)
        or turned(text, quotes)
        or miscaused(text, quotes)
        or other_title(text, quotes)
        or turned_round(text, quotes)
        or put_in(fold(text), fold(whole))
        or altered(fold(text), fold(whole))
        or changed(text, quotes)
    )


def _bigrams(text: str) -> set[str]:
    folded = fold(text)
    return {folded[i : i + 2] for i in range(len(folded) - 1)}


@cache
def _classes() -> tuple[tuple[tuple[str, ...], ...], ...]:
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    return tuple(
        tuple(tuple(side.split()) for side in line.split("|")) for line in lines if line.strip() and line[0] != "#"
    )


def _excluded(text: str, whole: str) -> str:
    """A word of `text` whose like the quotes do not have, while they have one that excludes it and that `text` does not have."""
    for sides in _classes():
        said = [_has(side, text) for side in sides]
        held = [_has(side, whole) for side in sides]
        for mine, word in enumerate(said):
            others = any(held[i] and not said[i] for i in range(len(sides)) if i != mine)
            if word and not held[mine] and others:
                return word
    return ""


def _excluded_there(text: str, quotes: Sequence[str]) -> str:
    """A word in the clause of a figure that is excluded by the clause that the figure stands in."""
    for figure in figures(text):
        clause = _clause_of(text, figure)
        holding = [
            _clause_of(quote, held) for quote in quotes for held in figures(quote)
            if equal(figure, held) and not any(one.start <= held.core[0] < one.end for one in lists(quote))
        ]  # fmt: skip
        if holding and not _COMPARES.search(clause) and all(_excluded(clause, held) for held in holding):
            return _excluded(clause, holding[0])
    return ""


def _clause_of(text: str, figure: Quantity) -> str:
    """The clause of a figure, folded, lists in it whole."""
    stop = _PAUSE.search(text, figure.end)
    start = max([0, *(one.end() for one in _PAUSE.finditer(text, 0, figure.start))])
    return fold(text[start : stop.start() if stop else len(text)])


def _has(side: Sequence[str], text: str) -> str:
    """The first word of a side that stands in `text` by itself: 会长 does not stand in 副会长."""
    return next((word for word in side if re.search(rf"(?<!副){re.escape(word)}", text)), "")


def _compared(text: str, whole: str) -> str:
    """A comparison of two things that the quotes do not make, or make the other way round."""
    for found in _COMPARES.finditer(text):
        if quantities(text[found.end() : found.end() + 8])[:1] and text[found.end() : found.end() + 1] not in "的，":
            continue  # 多10家: a figure, which is held against the quotes by itself
        left = {word for word in cut(_clause(text[: found.start()])) if len(word) > 1}
        right = {word for word in cut(text[found.end() :]) if len(word) > 1}
        made = [
            match for match in _COMPARES.finditer(whole)
            if match.group()[-1] == found.group()[-1]
            and not any(word in whole[match.end() : match.end() + _NEAR] and word not in _clause(whole[: match.start()]) for word in left - right)
        ]  # fmt: skip
        if not made:
            return found.group()
    return ""


def _clause(before: str) -> str:
    """What stands before a place since the last break."""
    return _BREAK.split(before)[-1]


def _of_another(text: str, quotes: Sequence[str]) -> str:
    """A figure of `text` that the quotes give to something else than the words around it say."""
    said = figures(text)
    for figure in said:
        label = _label(text, figure, said)
        holding = [(quote, held) for quote in quotes for held in figures(quote) if equal(figure, held)]
        if label and holding and all(elsewhere(label, quote, held) for quote, held in holding):
            return figure.text
    return ""


def _label(text: str, figure: Quantity, others: Sequence[Quantity]) -> list[str]:
    """The words of two characters and more around a figure, from what ends before it to what begins after it.

    In a list with 分别 they are those of its item.
    """
    item = next((one.own for one in lists(text) if one.start <= figure.core[0] < one.end), None)
    if item:
        return [word for word in cut(fold(text[slice(*item)])) if len(word) > 1]
    start = max([0, *(other.end for other in others if other.end <= figure.start)])
    start = max([start, *(m.end() for m in _BREAK.finditer(text, start, figure.start))])
    end = min([len(text), *(other.start for other in others if other.start >= figure.end)])
    stop = _BREAK.search(text, figure.end, end)
    words = [*cut(fold(text[start : figure.start])), *cut(fold(text[figure.end : stop.start() if stop else end]))]
    return [word for word in words if len(word) > 1]


def _of_another_time(text: str, row: Sequence[Evidence], main: Evidence) -> str:
    """A date of `text` in the place of another: at a figure that the quotes give for another time, or in the main sentence."""
    said = [p for p in periods(text) if p.first]
    for figure in figures(text):
        mine = last_before(said, figure.start)
        holding = [(one, held) for one in row for held in figures(one.quote) if equal(figure, held)]
        if mine and holding and all(_at_another_time(mine, one, held) for one, held in holding):
            return mine.text
    held = [p for p in periods(main.quote, main.chunk.published) if p.first]
    left = [p for p in held if not any(_meet(q, p) for q in said)]
    return next((p.text for p in said if left and not any(_meet(p, q) for q in held)), "")


def _at_another_time(said: Period, one: Evidence, figure: Quantity) -> bool:
    told = last_before([p for p in periods(one.quote, one.chunk.published) if p.first], figure.start)
    return told is not None and not _meet(said, told)


def _meet(said: Period, held: Period) -> bool:
    """Whether a date is that of a quote, or the month or year of an event there."""
    if not (said.first and said.last and held.first and held.last):
        return False
    equal = (said.first, said.last) == (held.first, held.last)
    return equal or (said.first <= held.first and held.last <= said.last and (held.last - held.first).days < EVENT_DAYS)
