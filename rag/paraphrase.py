"""Figures that a paraphrase tells in words of its own: `retold(...)`. Part of the gate, `rag.verify`.

约1.4万亿元, 近九成    rounded: 14015亿元, 88.5%
现金约占六成          share: 1.12亿元 of 1.86亿元
两项都在下降          tally: two figures of one kind stand there

Only what a reader works out at a glance: round numbers, a part by its tenths, halves and thirds, a small number of things listed.
"""

import math
import re
from collections.abc import Iterator, Sequence
from itertools import permutations

from rag.quantities import Quantity, quantities, same
from rag.tokens import fold

_HAN = re.compile("[\u4e00-\u9fff]{2,}")
_CLAUSE = re.compile("[，。；！？：]")
_TENTH = 10.0  # per cent
_LESS = re.compile("近|不到|不足|低于|以内|最多|至多")
_MORE = re.compile("超|过|逾|多|以上|高于|突破|余|至少")
_VAGUE = re.compile("(?:大?约|大概|近|接近|超过?)(?:合|为|是|有|占|达|等于)$")
_AS = re.compile("折合|约合|换算成?|大?约|大概|接近|超过?")
_SOME = 0.3  # of the pairs of characters by a figure, that it is of the same thing
_CHANGE = re.compile("[增升降减涨跌]|[同环]比")
_ROUNDED = 2.7  # per cent that a share in words may be off
_APART, _ABOUT = 0.1, 0.03  # how far a round figure may be from what it stands for, and how far 约 may be
_EXACT = 0.005
_FEW = "两二三四五六七八九"
_THINGS = frozenset("个项类种队人者条区位家座所")
_LISTING = re.compile("[^，。；：、和与及]{1,14}(?:[、和与及][^，。；：、和与及]{1,14})+")
_AND = re.compile("[、和与及]")


def retold(text: str, said: Quantity, quotes: Sequence[str], results: Sequence[str] = ()) -> bool:
    """Whether a figure of `text` that no quote holds is one of theirs in round numbers, a share of two, or counts what is listed.

    `results` are what was worked out for the text; of them it may be any in round numbers.
    """
    worked_out = [held for result in results for held in quantities(result) if _like(said, held)]
    if any(rounded(text, said, held) or _in_tenths(text, said, held) for held in worked_out):
        return True
    near = ((quote, held) for quote in quotes for held in quantities(quote) if _like(said, held))
    if any(rounded(text, said, held) and _same_thing(text, said, quote, held) for quote, held in near):
        return True
    return share(text, said, quotes) or tally(text, said, quotes)


def _in_tenths(text: str, said: Quantity, held: Quantity) -> bool:
    """Whether a share in words (近六成, 四分之一) is one that was worked out."""
    words = said.kind == "percent" and not re.search(r"\d", said.text)
    return words and _as_told(said, text, held.value / 100.0)


def _like(said: Quantity, held: Quantity) -> bool:
    return (said.kind, said.unit) == (held.kind, held.unit) and said.kind != "rank" and said.low is None is held.low


def _same_thing(text: str, said: Quantity, quote: str, held: Quantity) -> bool:
    """Whether what stands by a figure of a text stands by one of a quote too; of a mere conversion (约合……) nothing does."""
    about = _pairs(_AS.sub("", _by(text, said)))
    return len(about & _pairs(_by(quote, held))) >= _SOME * len(about)


def rounded(text: str, said: Quantity, held: Quantity) -> bool:
    """Whether a figure is said to be about, nearly or more than one it stands for, to the digits it is written with."""
    vague = said.approximation or (_VAGUE.search(text[: said.start]) or [""])[0]
    if not vague or held.approximation or said.value <= 0 or not same(said, held, _APART):
        return False
    digit, over = step(text[slice(*said.core)], said), held.value - said.value
    if _LESS.search(vague):
        return -digit < over < 0
    return 0 < over < digit if _MORE.search(vague) else abs(over) <= min(digit / 2, _ABOUT * held.value)


def step(written: str, said: Quantity) -> float:
    """The value of the last digit that a figure is written with, noughts before its unit aside; of 九成 ten per cent."""
    digits = re.search(r"\d[\d,，]*(?:\.\d+)?", written)
    if digits is None:
        return _TENTH if said.kind == "percent" else 10.0 ** math.floor(math.log10(said.value))  # 四百多
    number = re.sub("[,，]", "", digits.group())
    whole, _, decimals = number.partition(".")
    shift = -len(decimals) if decimals else len(whole) - len(whole.rstrip("0"))
    return said.value / float(number) * 10.0**shift


def share(text: str, said: Quantity, quotes: Sequence[str]) -> bool:
    """Whether a share or multiple in words (四成, 近六成, 一半, 两倍) is that of two figures of one quote.

    The part must be what the text names: something that stands by it there and not by the whole.
    """
    if said.kind not in ("percent", "multiple") or re.search(r"\d", said.text) or said.low is not None:
        return False
    if said.kind == "percent" and _CHANGE.search(_by(text, said)):
        return False
    folded = fold(text)
    for quote in quotes:
        for part, whole in permutations(quantities(quote), 2):
            alike = (part.kind, part.unit) == (whole.kind, whole.unit) and part.kind not in ("percent", "rank", "bare")
            if alike and whole.value > 0 and _as_told(said, text, part.value / whole.value):
                own = _pairs(_by(quote, part)) - _pairs(_by(quote, whole))
                if any(pair in folded for pair in own):
                    return True
    return False


def _as_told(said: Quantity, text: str, ratio: float) -> bool:
    vague = said.approximation or text[max(0, said.start - 2) : said.start]
    if said.kind == "multiple":
        return abs(ratio - said.value) <= (0.05 if said.approximation else _EXACT) * said.value
    over = 100.0 * ratio - said.value
    if _LESS.search(vague):
        return -_TENTH / 2 <= over < 0
    return 0 < over < _TENTH if _MORE.search(vague) else abs(over) <= _ROUNDED


def _by(quote: str, figure: Quantity) -> str:
    """What stands before a figure in its clause, behind the figure before it, and what stands behind it up to a mark."""
    start = max(
        [0, *(one.end() for one in _CLAUSE.finditer(quote, 0, figure.start)),
         *(one.end for one in quantities(quote) if one.end <= figure.start)]
    )  # fmt: skip
    stop = _CLAUSE.search(quote, figure.end)
    return fold(quote[start : figure.start] + " " + quote[figure.end : stop.start() if stop else len(quote)])


def _pairs(text: str) -> set[str]:
    return {run[i : i + 2] for run in _HAN.findall(text) for i in range(len(run) - 1)}


def tally(text: str, said: Quantity, quotes: Sequence[str]) -> bool:
    """Whether a small number in words counts what is listed: so many items, or figures of one kind, in the text or a quote."""
    word = text[said.core[0]]
    if said.kind != "count" or word not in _FEW or said.approximation or text[said.core[1] - 1] not in _THINGS:
        return False
    told = [one for quote in quotes for one in quantities(quote) if one.unit == said.unit and one.value <= _TENTH]
    return not told and any(said.value == size for one in (text, *quotes) for size in _sizes(one))


def _sizes(text: str) -> Iterator[int]:
    """How many items each list of a text has, and how many figures of a kind each of its sentences."""
    for found in _LISTING.finditer(text):
        yield 1 + len(_AND.findall(found.group()))
    kinds = [(one.kind, one.unit) for one in quantities(text)]
    yield from (kinds.count(kind) for kind in set(kinds))
