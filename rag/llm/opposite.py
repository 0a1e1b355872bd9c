"""Whether a claim says of something else, or the opposite of, what its quotes say: `against(text, row)`. Part of `rag.llm`.

Figures and names may all stand in a quote and the claim be wrong: 进口 for 出口, 全国 for 全省, one list's value for another's.
These are told by words that exclude each other (assets/opposites.txt), by `分别` lists, and by which figure stands nearest to the
words that a claim gives it; what was put in the place of something else (`exchange`), who is meant (`person`), what changed
(`change`), comparisons (`compare`), dates (`when`), causes and plans are looked at by modules of their own.
"""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from rag.llm.cause import miscaused
from rag.llm.change import changed, equal, turned_round
from rag.llm.compare import COMPARES, compared
from rag.llm.exchange import altered, of_another_kind, put_in, unlisted
from rag.llm.mood import turned
from rag.llm.person import by_another, other_title
from rag.llm.when import of_another_time
from rag.quantities import Quantity
from rag.read.label import content, elsewhere, figures, listed, own
from rag.tokens import cut, fold
from rag.types import Evidence
from rag.verify import without_source_dates, without_year_before

_FILE = Path(__file__).parents[1] / "assets" / "opposites.txt"
_BREAK = re.compile("[，。；！？、：,;:（）()]")
_PAUSE = re.compile("[，。；！？：,;:]")
_LISTED = re.compile("[、和与及]")


def against(text: str, row: Sequence[Evidence]) -> str:
    """What of `text` the quotes of `row` contradict, "" where nothing was found."""
    quotes = [one.quote for one in row]
    dated = without_source_dates(text, row)
    text = without_year_before(dated, quotes)
    whole = "".join(quotes)
    above = fold("\n".join(part for one in row for part in one.above))
    main = max(row, key=lambda one: len(_bigrams(text) & _bigrams(one.quote)))
    return (
        _excluded(fold(text), fold(whole))
        or _excluded(fold(_told_in(text, main, row)), fold(main.quote))
        or _excluded_there(text, quotes)
        or unlisted(text, row)
        or of_another_kind(fold(text), fold(whole), above)
        or compared(text, whole)
        or _of_another(text, quotes, above)
        or of_another_time(dated, row, main)
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
            if equal(figure, held) and not listed(quote, held)
        ]  # fmt: skip
        if holding and not COMPARES.search(clause) and all(_excluded(clause, held) for held in holding):
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
    pair = listed(quote, figure)
    if pair is None:
        return False
    own, others = figures(quote[slice(*pair.own)]), [figures(quote[slice(*other)]) for other in pair.others]
    told = [any(equal(one, held) for one in said for held in item) for item in (own, *others)]
    return bool(own) and not told[0] and any(told[1:])


def _in_name(word: str, text: str, above: str) -> bool:
    """Whether a word of `text` stands there only within something longer that the headings name (物流 of 驰远物流)."""
    sides = [
        folded[max(0, m.start() - 1) : m.end()] for folded in [fold(text)] for m in re.finditer(re.escape(word), folded)
    ]
    return bool(sides) and all(len(side) > len(word) and side in above for side in sides)


def _gives_to_another(label: Sequence[str], quote: str, figure: Quantity) -> bool:
    """Whether a quote has more words of `label` at other figures only than at this one only; a list with 分别 decides."""
    strange = elsewhere(label, quote, figure)
    return bool(strange) and (
        listed(quote, figure) is not None or len(strange) >= sum(map(content, own(label, quote, figure)))
    )


def _label(text: str, figure: Quantity, others: Sequence[Quantity]) -> list[str]:
    """The words of two characters and more around a figure, from what ends before it to what begins after it.

    In a list with 分别 they are those of its item.
    """
    pair = listed(text, figure)
    if pair:
        return [word for word in cut(fold(text[slice(*pair.own)])) if len(word) > 1]
    start = max([0, *(other.end for other in others if other.end <= figure.start)])
    start = max([start, *(m.end() for m in _BREAK.finditer(text, start, figure.start))])
    end = min([len(text), *(other.start for other in others if other.start >= figure.end)])
    stop = _BREAK.search(text, figure.end, end)
    words = [*cut(fold(text[start : figure.start])), *cut(fold(text[figure.end : stop.start() if stop else end]))]
    return [word for word in words if len(word) > 1]
