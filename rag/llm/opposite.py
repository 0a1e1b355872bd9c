"""Whether a claim says of something else, or the opposite of, what its quotes say: `against(text, quotes)`. Part of `rag.llm`.

Figures and names may all stand in a quote and the claim be wrong: 进口 for 出口, 全国 for 全省, one list's value for another's, a
comparison that nobody made. These are told by words that exclude each other (assets/opposites.txt), by `分别` lists, and by
which figure stands nearest to the words that a claim gives it.
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path

from rag.quantities import Quantity, quantities, same
from rag.read.align import aligned
from rag.read.words import words
from rag.tokens import cut, fold

_FILE = Path(__file__).parents[1] / "assets" / "opposites.txt"
_COMPARES = re.compile(
    r"(?:高于|低于|快于|慢于|多于|少于|大于|小于|强于|好于|不及|领先于|落后于)(?!\d)|比[^，。；]{1,20}?(?:更|还)?(?:高|低|多|少|快|慢|大|小)(?!\d)"
)
_BREAK = re.compile("[，。；！？、：,;:（）()]")


def against(text: str, quotes: Sequence[str]) -> str:
    """What of `text` the quotes contradict, "" where nothing was found."""
    whole = "".join(quotes)
    return _excluded(fold(text), fold(whole)) or _compared(text, whole) or _of_another(text, quotes)


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


def _has(side: Sequence[str], text: str) -> str:
    """The first word of a side that stands in `text` by itself: 会长 does not stand in 副会长."""
    return next((word for word in side if re.search(rf"(?<!副){re.escape(word)}", text)), "")


def _compared(text: str, whole: str) -> str:
    """A comparison of two things that the quotes do not make."""
    for found in _COMPARES.finditer(text):
        if quantities(text[found.end() : found.end() + 8])[:1] and text[found.end() : found.end() + 1] not in "的，":
            continue  # 多10家: a figure, which is held against the quotes by itself
        if found.group()[-1] not in whole or not _COMPARES.search(whole):
            return found.group()
    return ""


def _of_another(text: str, quotes: Sequence[str]) -> str:
    """A figure of `text` that the quotes give to something else than the words before it say."""
    for figure in quantities(text):
        label = _label(text, figure, quantities(text))
        holding = [(quote, held) for quote in quotes for held in _figures(quote) if _equal(figure, held)]
        if label and holding and all(_elsewhere(label, quote, held) for quote, held in holding):
            return figure.text
    return ""


@lru_cache(maxsize=2048)
def _figures(quote: str) -> tuple[Quantity, ...]:
    return tuple(quantities(quote))


def _equal(one: Quantity, other: Quantity) -> bool:
    return one.kind == other.kind and one.unit == other.unit and same(one, other)


def _label(text: str, figure: Quantity, others: Sequence[Quantity]) -> list[str]:
    """The words of two characters and more between the figure and what ends before it: another figure or a break."""
    start = max([0, *(other.end for other in others if other.end <= figure.start)])
    start = max([start, *(m.end() for m in _BREAK.finditer(text, start, figure.start))])
    return [word for word in cut(fold(text[start : figure.start])) if len(word) > 1]


def _elsewhere(label: Sequence[str], quote: str, held: Quantity) -> bool:
    """Whether `quote` has a word of the label at another figure of the kind and none at `held`, or a list says so."""
    folded = fold(quote)
    for pair in _lists(quote):
        if pair.start <= held.core[0] < pair.end:
            own, others = folded[slice(*pair.own)], [folded[slice(*other)] for other in pair.others]
            named = [word for word in label if any(word in other for other in others)]
            return bool(named) and not any(word in own for word in label if not all(word in other for other in others))
    like = [one for one in _figures(quote) if (one.kind, one.unit) == (held.kind, held.unit)]
    zones = {one.start: _zone(folded, one, _figures(quote)) for one in like}
    mine = zones[held.start]
    first = min(one.start for one in like)
    shared = folded[: _zone_start(folded, next(one for one in like if one.start == first), _figures(quote))]
    theirs = [zone for start, zone in zones.items() if start != held.start]
    telling = [
        word for word in label if any(word in zone for zone in theirs) and word not in mine and word not in shared
    ]
    return bool(telling) and not any(word in mine for word in label)


@lru_cache(maxsize=2048)
def _lists(quote: str) -> tuple:  # type: ignore[type-arg]
    return aligned(words(quote)) if "分别" in quote or "依次" in quote else ()


def _zone(text: str, figure: Quantity, others: Sequence[Quantity]) -> str:
    """The words around a figure that are its own: from the figure before it to the break behind it."""
    end = _BREAK.search(text, figure.end)
    return text[_zone_start(text, figure, others) : end.start() if end else len(text)]


def _zone_start(text: str, figure: Quantity, others: Sequence[Quantity]) -> int:
    before = max([0, *(other.end for other in others if other.end <= figure.start)])
    after = _BREAK.search(text, before)  # what stands behind the figure before it is still of that one
    return after.end() if after and after.end() <= figure.start else before
