"""Whether the passages bear out what a model wrote: `Support.of(sentence)`. Part of `rag.llm`; the gate is `rag.verify`.

Each claim of a sentence is held against the passages it names: the fewest sentences there, up to three in a row, that hold all its
figures, units, dates and names, and most of its words. They become its quotes. A claim that names no passage we gave, or
none that bears it out, is looked for in the others, more strictly. A formula is worked out again from figures that are quoted.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from heapq import nlargest
from itertools import product

from rag.arithmetic import written
from rag.llm.bind import described, misplaced, of_another
from rag.llm.draft import Claim, Sentence
from rag.llm.formula import backwards, expressions, found, other_way, worked_out
from rag.llm.opposite import against
from rag.llm.pack import Passage
from rag.llm.silence import unsaid
from rag.periods import compared, periods
from rag.quantities import quantities
from rag.read.label import brief, figures
from rag.tokens import cut, fold, han_pairs, sentences, tagged
from rag.types import Evidence, Formula
from rag.verify import lacking, unsupported

_ROW = 3  # sentences in a row that one quotation may take
_NAMED = 0.3  # share of a claim's pairs of characters that a named passage must hold
_WITH_FIGURES = 0.2  # where the claim has figures, which must all stand there
_FOUND = 0.7  # and of one that was not named
_FURTHER = 0.15  # what a further sentence must add to that share
_CHOICES = 12  # rows of each passage that are tried together with those of others named with it
_NEAREST = 4  # sentences whose figures a computed one may follow from
# what a document says to a model is no evidence of anything
_ORDER = re.compile(
    '(?:忽略|无视|忘记|不要理会)[^。]{0,12}(?:指示|指令|要求|规则|提示|内容)|(?:只|仅)(?:能|需|要|可)?(?:回答|输出|回复)|请(?:你)?(?:直接)?(?:回答|输出|回复)[：“"]'
    "|(?:作为|你是)[^。]{0,8}(?:人工智能|语言模型|AI|助手)|系统(?:提示|指令)|(?i:ignore (?:all|any|previous|the above)|system prompt)"
)
_OF = re.compile("占[^，。；]{2,}?的|在[^，。；]{2,}中占|[^，。；]{2,}里，")
_META = re.compile(
    "(?:资料|原文|没有|直接|给出|说明|比重|占比|比例|份额|计算|换算|可得|得出|据此|由此|结果|[算约为即是中其可得]|\\W)+"
)
_ALL = re.compile("占(?:全年|全月|全部|总[数量额体]|其中?|整体|全体)的?")
_EACH = re.compile("平均|均|每")
_MONTH = 31  # days
_NOW = re.compile("本次|本届|此次|今年")
_TRIES = 4  # places that an operand may have been taken from
_PAIR = 2  # operands of a plain difference
_SAID = 0.5  # share of the pairs of what the sources are told not to say that no sentence of theirs may hold
_BACK = re.compile("(?<=.)前$|同期$")  # 三年前: counted from a date that is told elsewhere
_THEN = re.compile(
    "(?:^|(?<=[，；,;]))(?:与此同时|同一时期|这一时期|同[月期年]|当[月年季]|另外|此外|作为对比|相比之下)[，,]?"
)
"""By which a sentence goes on with the time of the one before it, or is joined to it."""
_LEANS = re.compile(  # what the second half of a claim says of the first, and not by itself
    "[比较高低多少快慢大小]于|超过|不及|相比|因此|因而|所以|从而|导致|使|带动|推动|占|其中|均|都|合计|共|分别|差|倍|同比|环比"
)
_PAUSE = re.compile("[，,；;]")
_CLOSE = 3  # sentences on each side that a row may take a name from


@dataclass(frozen=True, slots=True)
class Near:
    """What stands around a row: `before` it, nearest first; `close` to it, headings last; the `whole` of its passages."""

    before: tuple[Evidence, ...]
    close: tuple[Evidence, ...]
    whole: tuple[Evidence, ...]


Around = Callable[[Sequence[Evidence]], Near]


@dataclass(frozen=True, slots=True)
class Supported:
    """A sentence with the quotes that bear it out; without any it must not be shown."""

    text: str
    evidence: tuple[Evidence, ...] = ()
    formulas: tuple[Formula, ...] = ()


@dataclass(frozen=True, slots=True)
class Support:
    """Passages by their numbers, cut into sentences once."""

    passages: dict[int, tuple[Evidence, ...]] = field(default_factory=dict)

    @classmethod
    def by(cls, passages: Sequence[Passage]) -> "Support":
        """What `passages` can bear out."""
        made = {}
        for passage in passages:
            told = (Evidence.of(passage.chunk, start, end) for start, end in sentences(passage.chunk.text))
            made[passage.number] = tuple(one for one in told if not _ORDER.search(one.quote))
        return cls(made)

    def of(self, sentence: Sentence) -> Supported:
        """`sentence` with its quotes."""
        if expressions(sentence.text):
            return self._formula(sentence)
        held: list[Evidence] = []
        for claim in sentence.claims:
            if not any(c.isalnum() for c in claim.text):
                continue
            quotes = self._borne(claim) or self._in_parts(claim)
            if not quotes:
                return self._computed(sentence)
            held += [one for one in quotes if one not in held]
        return Supported(sentence.text, tuple(held))

    def _borne(self, claim: Claim) -> tuple[Evidence, ...]:
        """The quotes of a claim, or what it rests on that the sources do not say something."""
        absent = unsaid(claim.text)
        if not absent and any(map(unsaid, _PAUSE.split(claim.text))):
            return ()  # only part of it is about what the sources do not say
        return self._absent(claim, absent) if absent else self._claim(claim)

    def _in_parts(self, claim: Claim) -> tuple[Evidence, ...]:
        """The quotes of a claim of two parts, each by itself: what is said, and what the sources do not say (……，但没有提到总投资).

        Two parts with figures are borne out apart if no quote is about someone whom the claim does not name.
        """
        for comma in _PAUSE.finditer(claim.text):
            parts = [replace(claim, text=one) for one in (claim.text[: comma.start()], claim.text[comma.end() :])]
            silent = any(unsaid(one.text) for one in parts)
            counted = all(_subject_of(one.text) for one in parts)
            if not silent and (not counted or _LEANS.search(parts[1].text)):
                continue
            held = [self._borne(one) for one in parts]
            quotes = tuple(dict.fromkeys(one for part in held for one in part))
            if all(held) and (silent or not any(_another(claim.text, quotes, place=one) for one in (True, False))):
                return quotes
        return ()

    def _claim(self, claim: Claim) -> tuple[Evidence, ...]:
        """The quotes of a claim."""
        text = _THEN.sub("", claim.text)
        least = _WITH_FIGURES if quantities(text) else _NAMED
        named = [n for n in claim.handles if n in self.passages]
        rows = [tuple(self._rows(number)) for number in named]
        # several passages named together: one may do, or one row of each
        for choice in (
            [(row,) for one in rows for row in one],
            product(*(_nearest(text, one) for one in rows)) if 1 < len(rows) <= _ROW else (),
        ):
            best = _best(text, ([e for row in rows_ for e in row] for rows_ in choice), least, self._around)
            if best:
                return best
        everywhere = (row for number in self.passages for row in self._rows(number))
        return _best(text, map(list, everywhere), _FOUND, self._around)

    def _absent(self, claim: Claim, what: str) -> tuple[Evidence, ...]:
        """What a claim that the sources do not say `what` rests on: their nearest sentence, if none says much of it."""
        pairs = _pairs(what)
        every = [one for held in self.passages.values() for one in held]
        if not pairs or not every or max(len(pairs & _pairs(one.quote)) for one in every) >= _SAID * len(pairs):
            return ()
        named = [one for n in claim.handles for one in self.passages.get(n, ())]
        return (max(named or every, key=lambda one: len(pairs & _pairs(one.quote))),)

    def _around(self, row: Sequence[Evidence]) -> Near:
        """What stands around a row, by the passage of its first sentence."""
        first, last = row[0], row[-1]
        held = next(held for held in self.passages.values() if first in held)
        at, end = held.index(first), held.index(last) if last in held else held.index(first)
        above = [Evidence(first.chunk, -1, -1, text) for text in first.above if text]
        before = tuple(reversed(held[:at]))
        close = (*before[:_CLOSE], *held[end + 1 : end + 1 + _CLOSE], *above)
        whole = (one for told in self.passages.values() if any(e in told for e in row) for one in told)
        return Near(before, close, tuple(whole))

    def _rows(self, number: int) -> Iterator[tuple[Evidence, ...]]:
        """The sentences of a passage in rows of one, two and three."""
        held = self.passages[number]
        for size in range(1, _ROW + 1):
            yield from (held[at : at + size] for at in range(len(held) - size + 1))

    def _formula(self, sentence: Sentence) -> Supported:
        """A sentence with a formula: the quotes of its operands and the formula, if it is right and nothing else is new."""
        known = list(dict.fromkeys((*self._named(sentence), *(one for held in self.passages.values() for one in held))))
        told = expressions(sentence.text)
        bare = sentence.text
        for expression in told:
            bare = bare.replace(expression.text, "")
        choices = [[one for one in worked_out(expression, known) if _fits(bare, one)][:_TRIES] for expression in told]
        for formulas in product(*choices):
            text = sentence.text
            for expression, formula in zip(told, formulas, strict=True):
                text = text.replace(expression.text, expression.with_(written(formula)))
            held = tuple(dict.fromkeys(one for formula in formulas for _, one in formula.operands))
            whole = _completed(text, held, self._around, formulas)
            if whole:
                return Supported(text, whole, formulas)
        return Supported(sentence.text)

    def _computed(self, sentence: Sentence) -> Supported:
        """A sentence with a figure that follows from others, with the formula behind it."""
        text = sentence.text
        pairs = _pairs(text)
        near = sorted(self._named(sentence), key=lambda one: -len(pairs & _pairs(one.quote)))
        strange = lacking(text, near[:_NEAREST]).figures if near else ()
        formula = found(text, strange[0], near) if len(strange) == 1 else None
        if formula is None:
            return Supported(sentence.text)
        held = tuple(dict.fromkeys(one for _, one in formula.operands))
        whole = _completed(text, held, self._around, [formula])
        shown = f"{sentence.text.rstrip('。')}（{written(formula)}）。"
        return Supported(shown, whole, (formula,)) if whole else Supported(sentence.text)

    def _named(self, sentence: Sentence) -> list[Evidence]:
        """The sentences of the passages that a sentence names, of all where it names none."""
        named = dict.fromkeys(n for claim in sentence.claims for n in claim.handles if n in self.passages)
        return [one for number in named or self.passages for one in self.passages[number]]


def _subject_of(part: str) -> bool:
    """Whether a part of a claim gives a figure and says itself what it is of."""
    return any(not brief(fold(part), one) for one in figures(part)[:1])


def _fits(text: str, formula: Formula) -> bool:
    """Whether `text`, which goes with a formula, is about its operands and puts them the way that it does."""
    if formula.operation == "share" and not _of_what_it_says(text, formula):
        return False
    if formula.operation == "average" and not _EACH.search(text):
        return False
    return not (other_way(text, formula) or backwards(text, formula) or _of_others(text, formula))


def _of_what_it_says(text: str, formula: Formula) -> bool:
    """Whether the part and the whole of a share are what `text` names: 长三角的4752.9亿元 is not the whole of 全国.

    What `text` gives itself is held against the passages anyway, and a whole may go unsaid (占58.8%, 占全年的74.0%).
    """
    (part, in_one), (whole, in_other) = formula.operands[:2]
    rest = text.replace(written(formula), "")
    if not _META.sub("", rest):  # 资料没有直接给出比重，计算可得：
        return True
    untold = not _OF.search(rest) or bool(_ALL.search(rest))
    named = whole in rest or untold or described(text, whole, in_other.quote)
    return named and (part in rest or described(text, part, in_one.quote))


def _of_others(text: str, formula: Formula) -> bool:
    """Whether an operand of a difference is a figure of something that `text` does not name."""
    pair = formula.operands if formula.operation == "difference" and len(formula.operands) == _PAIR else ()
    both = [written for written, _ in pair]
    return any(written not in text and of_another(text, written, one.quote, both) for written, one in pair)


def _best(text: str, rows: "Iterator[list[Evidence]]", share: float, around: Around) -> tuple[Evidence, ...]:
    """Of the rows that bear `text` out and hold `share` of its words, the one that holds most, () for none.

    What they rely on in the sentences around them comes with them.
    """
    pairs = _pairs(text)
    best: tuple[float, tuple[Evidence, ...]] = (0.0, ())
    for row in rows:
        part = _part(pairs, row)
        worth = part - _FURTHER * (len(row) - 1)  # a further sentence must tell something
        if part >= share and worth > best[0]:
            whole = _completed(text, row, around)
            best = (worth, whole) if whole else best
    return best[1]


def _nearest(text: str, rows: Sequence[tuple[Evidence, ...]]) -> list[tuple[Evidence, ...]]:
    """The rows of a passage that hold most of `text`."""
    pairs = _pairs(text)
    return nlargest(_CHOICES, rows, key=lambda row: _part(pairs, row) - _FURTHER * (len(row) - 1))


def _part(pairs: set[str], row: Sequence[Evidence]) -> float:
    """The share of `pairs` that a row holds, with what stands above it."""
    held = _pairs(" ".join([*(one.quote for one in row), *(part for one in row for part in one.above)]))
    return len(pairs & held) / len(pairs) if pairs else 1.0


def _completed(
    text: str, row: Sequence[Evidence], around: Around, formulas: Sequence[Formula] = ()
) -> tuple[Evidence, ...]:
    """`row` with the sentences around it that say whom and when it is about (该市, 本届, a year named before); () if something lacks.

    Figures must stand in the row. A date may come from the nearest dated sentence before a row that names no date, a name or
    rank from a sentence close by, a name from a heading too.
    """
    gap = lacking(text, row, formulas)
    if gap.figures or (not formulas and against(text, row)):
        return ()
    near = around(row)
    if not formulas and misplaced(text, [one.quote for one in near.whole]):
        return ()
    added: list[Evidence] = []
    if gap.dates and not formulas and _of_publication(gap.dates, row):
        gap = replace(gap, dates=())
    if gap.dates:
        dated = next((one for one in near.before if _years(one)), None)
        if dated is None or any(map(_years, row)) or lacking(" ".join(gap.dates), [dated]).dates:
            return ()
        added.append(dated)
    for name in (*gap.ranks, *gap.names):
        far = _alone(name, near.whole) if name in gap.ranks else _told_anywhere(name, text, row)
        where = (*added, *near.close, *(near.whole if far else ()))
        teller = next((one for one in where if not unsupported(name, [one]) and fold(name) in fold(one.quote)), None)
        if teller is None or _replaces(name, text, row):
            return ()
        added.append(teller)
    whole = tuple(dict.fromkeys((*row, *(one for one in added if one.start >= 0))))
    return () if added and not formulas and against(text, whole) else whole


def _alone(rank: str, quotes: Sequence[Evidence]) -> bool:
    """Whether no other rank of its kind (届) stands in the quotes."""
    held = [q for one in quotes for q in quantities(one.quote) if q.kind == "rank" and q.text[-1] == rank[-1]]
    return len({q.value for q in held}) == 1


def _told_anywhere(name: str, text: str, row: Sequence[Evidence]) -> bool:
    """Whether any sentence of the passage may tell a name: whose figures they are (据…数据), or which province 全省 is."""
    cited = re.search(
        f"(?:据|引用|来自)[^，。；]{{0,6}}{re.escape(name)}[^，。；]{{0,4}}(?:数据|统计|消息|介绍|公布|发布)",
        fold(text),
    )
    scope = tagged(name) == "ns" and any(re.search("全[省市区县国]", one.quote) for one in row)
    return bool(cited) or scope


def _replaces(name: str, text: str, row: Sequence[Evidence]) -> bool:
    """Whether a name from elsewhere stands in a claim where its row has another of the kind, which the claim leaves out."""
    return _another(text, row, place=tagged(name) == "ns")


def _another(text: str, row: Sequence[Evidence], *, place: bool) -> bool:
    """Whether a row names a place, or a person, body or brand, that a claim leaves out."""
    said = fold(text)
    for one in row:
        for word in cut(fold(one.quote)):
            like = tagged(word) == "ns" if place else len(word) > 1 and tagged(word)[:2] in ("nr", "nt", "nz")
            if like and word not in said:
                return True
    return False


def _of_publication(dates: Sequence[str], row: Sequence[Evidence]) -> bool:
    """Whether a row names no time of its own (本次 apart), and `dates` are of the time at which its documents were published."""
    own = any(_years(one) for one in row if not _NOW.search(one.quote))
    back = any(_BACK.search(p.text) for one in row for p in periods(one.quote, one.chunk.published))
    return not own and not back and all(_when_told(date, row) for date in dates)


def _when_told(date: str, row: Sequence[Evidence]) -> bool:
    """Whether a date is the day or month in which the documents of a row, which names none, were published; or the year of 本次."""
    now = any(_NOW.search(one.quote) for one in row)
    return all(
        one.chunk.published is not None
        and any(p.first and p.last and p.first <= one.chunk.published <= p.last and (now or (p.last - p.first).days <= _MONTH) for p in periods(date))
        for one in row
    )  # fmt: skip


def _years(one: Evidence) -> bool:
    """Whether a quote names a day, month or year of its own, not only one that it compares with (上年同期)."""
    dated = periods(one.quote, one.chunk.published)
    return any(p.first and not compared(one.quote, p) and not _BACK.search(p.text) for p in dated)


def _pairs(text: str) -> set[str]:
    """The pairs of neighbouring Chinese characters of `text`; without any, its words."""
    folded = fold(text)
    return set(han_pairs(folded)) or set(re.findall(r"\w+", folded))
