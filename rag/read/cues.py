"""What a question looks for in a passage: `cues(question)`. Used by places, features and reader."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.quantities import CURRENCIES, quantities
from rag.question import Question
from rag.read import words as w
from rag.read.words import words
from rag.tokens import NO_PLACES, cut, fold, tagged

_LINKS = frozenset(("是 有 为 叫 做 了 会 能 要 想 请 问 说 到 来 去 用 给 让 把 被").split())


_EMPTY = frozenset(
    "的了在和与及或是有为这那就都而于到来去给让把被从向对以由所着过又也还再能会要想请问说用做个只多少几哪谁什么"
)
_AMOUNT_OF = 3  # characters of 出口额, 发电量, 增加值
_PERIOD_WEIGHT = 1.5
TELLING = 0.6
"""The weight of a word (`rag/read/words.py`) from which it tells one measure or subject from another."""


@dataclass(frozen=True, slots=True)
class Cues:
    """What is looked for in the passages: units of the question with weights, and what it fixes.

    `terms` are folded strings, `forms` what each may be called in a passage (itself first), `periods` (first, last) days; together they are the k things looked for, which `weights`
    (float32) and `fixed` (whether a number, Latin or a period) describe in that order; `located` says which terms are places. `head` is the folded noun asked
    of; `unit` the unit asked for ("" if not said), `kind` its kind; `ranks` are (第十四届, 届); `whole` says that the whole of a period is asked for (全年).
    """

    terms: tuple[str, ...]
    forms: tuple[tuple[str, ...], ...]
    periods: tuple[tuple[int, int], ...]
    weights: NDArray[np.float32]
    fixed: NDArray[np.bool_]
    located: tuple[bool, ...]
    head: str
    unit: str
    kind: str
    ranks: tuple[tuple[str, str], ...]
    whole: bool


def cues(question: Question) -> Cues:
    """The cues of a question: its content words, runs of single characters joined."""
    cut = words(question.text)
    terms: dict[str, tuple[float, bool]] = {}
    named: set[str] = set()
    before = run = ""
    for i in range(len(cut.starts)):
        start, end, tag = int(cut.starts[i]), int(cut.ends[i]), int(cut.tags[i])
        inside = (start < question.cue[1] and end > question.cue[0]) or tag in (w.PERIOD, w.BREAK, w.MARK)
        word = fold(cut.text[start:end])
        if len(word) == 1 and not inside and tag not in (w.LATIN, w.BARE):
            run += word
            continue
        _close(before, run, terms)
        told = cut.weights[i] > 0 and not inside and word not in _LINKS
        before, run = word if told else "", ""
        if told:
            if tag == w.PLACE and word not in NO_PLACES:  # 武汉市 is also called 武汉
                word = word[:-1] if len(word) > 2 and word[-1] in "省市县区" else word
                named.add(word)
            terms[word] = (float(cut.weights[i]), tag in (w.LATIN, w.RANK) or w.BARE <= tag <= w.COUNT)
    _close(before, run, terms)
    unit, kind = _unit(question)
    dated = tuple((p.first.toordinal(), p.last.toordinal()) for p in question.periods if p.first and p.last)
    ranks = tuple((fold(q.text), fold(q.text)[-1]) for q in question.quantities if q.kind == "rank")
    return Cues(
        tuple(terms),
        tuple((term, *_bare(term), *(other for known, other in question.synonyms if term in known)) for term in terms),
        dated,
        np.array([*(weight for weight, _ in terms.values()), *(_PERIOD_WEIGHT for _ in dated)], dtype=np.float32),
        np.array([*(fixed for _, fixed in terms.values()), *(True for _ in dated)], dtype=bool),
        tuple(term in named for term in terms),
        fold(question.head),
        unit,
        kind,
        ranks,
        "全年" in question.text,
    )


def _bare(term: str) -> Iterator[str]:
    """What a report writes for the amount of something: 出口 of 出口额 (出口2.02万亿元)."""
    if len(term) == _AMOUNT_OF and term[-1] in "额值量" and tagged(term[:-1])[:1] == "v":
        yield term[:-1]


def _close(before: str, run: str, terms: dict[str, tuple[float, bool]]) -> None:
    """Adds a run of single characters: its pairs, for what the dictionary does not know (在岸外包: 在岸, 岸外, 外包).

    A lone one that tells something goes with the word before it (执行额).
    """
    for pair in (run[i : i + 2] for i in range(len(run) - 1)):
        if not set(pair.removeprefix("在")) & _EMPTY:
            terms[pair] = (1.0, False)
    if run and run[0] not in _EMPTY and (len(run) == 1 or run[1] in _EMPTY):
        terms[before + run[0]] = (0.8 if before else 0.3, False)


def _unit(question: Question) -> tuple[str, str]:
    """The unit and kind asked for: those after 多少 or 几 (多少家), in brackets, or a currency named anywhere (金额（美元）)."""
    asked = re.search("百分之|多少|几", question.text) if question.asked == "number" else None
    if asked and asked.group() == "百分之":
        return "%", "percent"
    rest = question.text[asked.end() :].lstrip() if asked else ""
    word = next(iter(cut(rest)), "")
    after = quantities("3" + rest) if rest else ()
    if after and 0 < len(after[0].unit) < len(word) and word.startswith(after[0].unit) and tagged(word)[:1] == "n":
        after = ()  # 户 of 户籍人口, 股 of 股份
    if after and after[0].start == 0 and after[0].unit:
        return after[0].unit, after[0].kind
    if after and after[0].start == 0 and after[0].text[-1] in "万亿":
        return after[0].text[-1], "bare"
    bracketed = re.search(r"[（(]([^（()）\d]{1,5})[）)]", question.text) if question.asked == "number" else None
    counted = quantities("3" + bracketed[1]) if bracketed else ()
    if bracketed and counted and counted[0].unit and counted[0].end == len(bracketed[1]) + 1:
        return counted[0].unit, counted[0].kind  # 用了多少算力（卡时）
    given = {quantity.unit for quantity in question.quantities}
    named = [
        unit
        for name, unit in CURRENCIES.items()
        if len(name) > 1 and unit not in given and re.search(rf"[（(万亿]{name}|{name}[？?]?$", question.text)
    ]
    return (named[0], "money") if named and question.asked in ("number", "what") else ("", "")
