"""Whether a claim says of something else, or the opposite of, what its quotes say: `against(text, row)`. Part of `rag.llm`.

Figures and names may all stand in a quote and the claim be wrong: 进口 for 出口, 全国 for 全省, one list's value for another's, a
comparison that nobody made. These are told by words that exclude each other (assets/opposites.txt), by `分别` lists, and by
which figure stands nearest to the words that a claim gives it; what was put in the place of something else (`exchange`), who is meant
(`person`), what changed (`change`), causes and plans are looked at by modules of their own.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from rag.llm.cause import miscaused
from rag.llm.change import BY, begins, changed, ends, equal, turned_round
from rag.llm.exchange import altered, of_another_kind, put_in, unlisted
from rag.llm.mood import turned
from rag.llm.person import by_another, other_title
from rag.periods import EVENT_DAYS, Period, compared, governing, periods
from rag.quantities import Quantity, quantities
from rag.read.label import content, elsewhere, figures, lists, own
from rag.tokens import cut, fold
from rag.types import Evidence
from rag.verify import without_source_dates, without_year_before

_FILE = Path(__file__).parents[1] / "assets" / "opposites.txt"
_COMPARES = re.compile(
    r"(?:高于|低于|快于|慢于|多于|少于|大于|小于|强于|好于|不及|领先于|落后于|超过)(?![\d一二两三四五六七八九十百千万])|比[^，。；]{1,20}?(?:更|还)?(?:高|低|多|少|快|慢|大|小|长|短)(?![出了]?\d)"
)
_LESSER = re.compile("低|慢|少|小|不及|落后")
_BREAK = re.compile("[，。；！？、：,;:（）()]")
_PAUSE = re.compile("[，。；！？：,;:]")
_LISTED = re.compile("[、和与及]")
_YEAR = re.compile("年|十[一二三四五]五")
_NEAR = 12  # characters behind a comparison in which the lesser thing is named


def against(text: str, row: Sequence[Evidence]) -> str:
    """What of `text` the quotes of `row` contradict, "" where nothing was found."""
    quotes = [one.quote for one in row]
    dated = without_source_dates(text, row)
    text = without_year_before(dated, quotes)
    whole = "".join(quotes)
    above = fold("\n".join(part for one in row for part in (one.chunk.title, *one.chunk.headings)))
    main = max(row, key=lambda one: len(_bigrams(text) & _bigrams(one.quote)))
    return (
        _excluded(fold(text), fold(whole))
        or _excluded(fold(_told_in(text, main, row)), fold(main.quote))
        or _excluded_there(text, quotes)
        or unlisted(text, row)
        or of_another_kind(fold(text), fold(whole), above)
        or _compared(text, whole)
        or _of_another(text, quotes, above)
        or _of_another_time(dated, row, main)
        or by_another(text, main)
        or turned(text, quotes)
        or miscaused(text, quotes)
        or other_title(text, quotes)
        or turned_round(text, quotes)
        or put_in(fold(text), fold(whole), above)
        or altered(fold(text), fold(whole))
        or changed(text, quotes)
    )


def _told_in(text: str, main: Evidence, row: Sequence[Evidence]) -> str:
    """The clauses of `text` that are no nearer to another sentence of the row than to `main`."""

    def near(clause: str, one: Evidence) -> int:
        return len(_bigrams(clause) & _bigrams(one.quote))

    return "，".join(part for part in _PAUSE.split(text) if near(part, main) >= max(near(part, one) for one in row))


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
    """The clause of a figure, folded, lists in it whole, without what is said of a later figure there."""
    stop = _PAUSE.search(text, figure.end)
    start = max([0, *(one.end() for one in _PAUSE.finditer(text, 0, figure.start))])
    end = stop.start() if stop else len(text)
    later = any(figure.end < one.start < end for one in figures(text)) and not _LISTED.search(text, figure.end, end)
    return fold(text[start : figure.end if later else end])


def _has(side: Sequence[str], text: str) -> str:
    """The first word of a side that stands in `text` by itself: 会长 does not stand in 副会长."""
    return next((word for word in side if re.search(rf"(?<!副){re.escape(word)}", text)), "")


def _compared(text: str, whole: str) -> str:
    """A comparison of two things that the quotes do not make, or make the other way round."""
    for found in _COMPARES.finditer(text):
        order = _in_order(text, found)
        if order is not None:
            if not order:
                return found.group()
            continue
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


def _in_order(text: str, found: re.Match[str]) -> bool | None:
    """Whether the figures on both sides of a comparison are as it says, None where there are not two of a kind.

    The greater one stands before 高于 and the like, the lesser before 低于; in 比43元低 the second stands inside.
    """
    before = figures(text[: found.start()])
    inside = figures(found.group())
    after = inside or [
        q for q in figures(text[found.end() :]) if not _BREAK.search(text[found.end() : found.end() + q.start])
    ]
    if not before or not after or (before[-1].kind, before[-1].unit) != (after[0].kind, after[0].unit):
        return None
    left, right = before[-1].value, after[0].value
    return left < right if _LESSER.search(found.group()) else left > right


def _clause(before: str) -> str:
    """What stands before a place since the last break."""
    return _BREAK.split(before)[-1]


def _of_another(text: str, quotes: Sequence[str], above: str) -> str:
    """A figure of `text` that the quotes give to something else than the words around it say; a name in the headings `above` is none of these."""
    said = figures(text)
    for figure in said:
        label = [word for word in _label(text, figure, said) if not _in_name(word, text, above)]
        holding = [(quote, held) for quote in quotes for held in figures(quote) if equal(figure, held)]
        if label and holding and all(_gives_to_another(label, quote, held) for quote, held in holding):
            return figure.text
        if holding and all(_of_another_item(said, quote, held) for quote, held in holding):
            return figure.text
    return ""


def _of_another_item(said: Sequence[Quantity], quote: str, figure: Quantity) -> bool:
    """Whether a list with 分别 gives a figure to an item with a figure that is not among those `said`, while another item's is."""
    for pair in lists(quote):
        if pair.start <= figure.core[0] < pair.end:
            own, others = figures(quote[slice(*pair.own)]), [figures(quote[slice(*other)]) for other in pair.others]
            told = [any(equal(one, held) for one in said for held in item) for item in (own, *others)]
            return bool(own) and not told[0] and any(told[1:])
    return False


def _in_name(word: str, text: str, above: str) -> bool:
    """Whether a word of `text` stands there only within something longer that the headings name (物流 of 驰远物流)."""
    sides = [
        folded[max(0, m.start() - 1) : m.end()] for folded in [fold(text)] for m in re.finditer(re.escape(word), folded)
    ]
    return bool(sides) and all(len(side) > len(word) and side in above for side in sides)


def _gives_to_another(label: Sequence[str], quote: str, figure: Quantity) -> bool:
    """Whether a quote has more words of `label` at other figures only than at this one only; a list with 分别 decides."""
    strange = elsewhere(label, quote, figure)
    listed = any(one.start <= figure.core[0] < one.end for one in lists(quote))
    return bool(strange) and (listed or len(strange) >= sum(map(content, own(label, quote, figure))))


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
    dates = periods(text)
    said = [p for p in dates if p.first]
    told = [(one, [p for p in periods(one.quote, one.chunk.published) if p.first]) for one in row]
    for figure in figures(text):
        mine = governing(text, dates, figure.start)
        held = [
            (_date_of(one.quote, at, all_), all_)
            for one, all_ in told
            for at in figures(one.quote)
            if equal(figure, at)
        ]
        if mine is None or mine.first is None or not _YEAR.search(mine.text) or begins(text, figure):
            continue
        change = bool(BY.search(text[: figure.start]))  # of two dates, either may be told last
        if held and not any(_at_one_time(mine, date, all_ if change else ()) for date, all_ in held):
            return mine.text
    here = [p for p in periods(main.quote, main.chunk.published) if p.first and any(map(str.isdigit, p.text))]
    left = [p for p in here if not compared(main.quote, p) and not any(_meet(q, p) for q in said)]
    everywhere = [p for _, dates in told for p in dates]
    return next((p.text for p in said if left and not any(_meet(p, q) or _at_end(p, q) for q in everywhere)), "")


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
    equal = (said.first, said.last) == (held.first, held.last)
    return equal or (said.first <= held.first and held.last <= said.last and (held.last - held.first).days < EVENT_DAYS)
