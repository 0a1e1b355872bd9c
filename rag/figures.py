"""The figures that stand in some hits, with what they are figures of: `mentions(...)`. Used by derive and dispute.

A sum needs its operands exactly: the year, the place and the scope that were asked for. A figure is of the period that
stands before it, and of what its clause, its sentence and the sentence before it name.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log

from rag.periods import Period, periods
from rag.quantities import Quantity, bounded, quantities
from rag.tokens import cut, fold, sentences, tagged
from rag.types import Chunk, Evidence, Hit

# What a word counts in the figure's own part of its sentence, around it, in the chunk.
_NEAR, _AROUND, _FAR = 1.0, 0.6, 0.3
_BEHIND = 4  # characters behind a figure that may still say what it is of
_EXTRA = 0.06  # what each further noun takes from a figure: it says that the figure is of something narrower
_FROM = re.compile("(?:从|由|自)[^，。；]{0,2}$")
_UP_TO = re.compile("(?:增|升|涨|扩大|提高|达|减|降|跃升|激增|上升|增长|增加|下降)(?:至|到|为)[^，。；]{0,2}$")
_MOST_EXTRA = 4
_YEAR_BEFORE = re.compile("去年|上年|上一年|前一年|同期")
_OF_YEAR_BEFORE = re.compile("(?:[去上]年|上一年|前一年)(?:同期|同月)?[^，,；;]{0,4}$")  # 去年同期为948.04亿元
_COMPARED = re.compile(r"[比较]\||\|(?:同期)?相?比")
_BARE_CHANGE = re.compile(
    "(?:同比|环比|比[^，]{1,6}|较[^，]{1,6}|年均|分别|约)*(?:增长|下降|增加|减少|上升|回落|提高|降低|涨|跌|降|增)"
)
_MARKS = re.compile(r"[\s()“”‘’\"'《》「」*]+")
_BREAK = re.compile("[；;]|(?<=[\\d亿万元%％吨人家个）)])[，、,]")


@dataclass(frozen=True, slots=True)
class Mention:
    """A figure at its place: `written` as in the text without words of approximation, `evidence` its sentence.

    `near` is the part of its sentence that it belongs to, `around` all of the sentence up to it and the one before;
    `period` is what it is of. Where it is one of several (A、B分别为1亿元、2亿元), `item` is its own name among them and
    `rivals` are the others.
    """

    written: str
    quantity: Quantity
    evidence: Evidence
    near: str
    around: str
    period: Period | None
    item: str = ""
    rivals: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """The figure with the word that makes it a bound (突破500亿元)."""
        return bounded(self.evidence.quote, self.quantity)

    @property
    def measure(self) -> tuple[str, str]:
        """What must be alike before figures are put together."""
        return self.quantity.kind, self.quantity.unit


def mentions(hits: Sequence[Hit]) -> list[Mention]:
    """Every figure of the hits, in their order; ranks and parts of dates are none."""
    seen: set[tuple[str, int]] = set()
    made = []
    for hit in hits:
        for one in _of_chunk(hit.chunk):
            key = (one.evidence.chunk.source, one.evidence.start + one.quantity.start)
            if key not in seen:
                seen.add(key)
                made.append(one)
    return made


def of_quote(evidence: Evidence) -> list[Mention]:
    """The figures of one quote."""
    return [
        one
        for one in _of_chunk(evidence.chunk)
        if evidence.start <= one.evidence.start + one.quantity.start < evidence.end
    ]


@lru_cache(maxsize=512)
def _of_chunk(chunk: Chunk) -> tuple[Mention, ...]:
    made: list[Mention] = []
    before, inherited = " ".join(chunk.headings[-1:]), None
    for start, end in sentences(chunk.text):
        text = chunk.text[start:end]
        named = periods(text, chunk.published)
        dated = [p for p in named if p.first and not _compared(text, p)]
        evidence = Evidence.of(chunk, start, end)
        for quantity in quantities(text):
            if quantity.kind in ("rank", "bare") or any(p.start <= quantity.start < p.end for p in named):
                continue
            own = _governing(dated, quantity, text)
            written = text[quantity.core[0] : quantity.core[1]]
            behind = quantity.end + len(re.split("[，；。、,;]", text[quantity.end : quantity.end + _BEHIND])[0])
            near = text[_clause_start(text, quantity.start) : behind]
            if _BARE_CHANGE.match(near) and made and made[-1].evidence == evidence:  # 出口额20亿元，增长4.1%
                near = f"{made[-1].near}，{near}"
            around = f"{before} {text[:behind]}"
            item, rivals = _listed(text, quantity)
            if item:  # what all of the list are of stands before 分别
                each = text.rfind("分别", 0, quantity.start)
                said = re.split(r"[\d约近超]", text[each + len("分别") : quantity.start])[0]  # 分别占全国总额的
                near = f"{item} {re.split('[，；,;]', text[:each])[-1]} {said}{written}"
            made.append(Mention(written, quantity, evidence, near, around, own or inherited, item, rivals))
        before, inherited = text, dated[-1] if dated else inherited
    return tuple(made)


def clauses(text: str, quantity: Quantity, longest: int) -> str:
    """The clauses of a sentence up to that of a figure in it, as many as fit into `longest` characters, at least its own."""
    start, end = quantity.core
    begins = [0, *(m.end() for m in re.finditer("[，；,;]", text[:start]))]
    left = min((at for at in begins if end - at <= longest), default=begins[-1])
    after = re.search("[，；。,;]", text[end:])
    return text[left : end + after.start() if after else len(text)]


def _clause_start(text: str, at: int) -> int:
    """Where the part of a sentence begins that a figure at `at` belongs to: after the figure before it."""
    return max((m.end() for m in _BREAK.finditer(text, 0, at)), default=0)


def _listed(text: str, quantity: Quantity) -> tuple[str, tuple[str, ...]]:
    """The item that a figure is of in "A、B和C分别为1亿元、2亿元和3亿元", and the other items; "" where there is no such list."""
    each = text.rfind("分别", 0, quantity.start)
    if each < 0 or re.search("[；;。]", text[each : quantity.start]):
        return "", ()
    end = re.search("[；;。]|，(?![\\d约近超])", text[each:])
    values = [q for q in quantities(text[each : each + end.start() if end else len(text)]) if q.kind == quantity.kind]
    at = next((k for k, value in enumerate(values) if value.start + each == quantity.start), -1)
    for run in reversed(re.findall("[^，；。:：为是、和与及]+(?:[、和与及][^，；。:：为是、和与及]+)+", text[:each])):
        items = re.split("[、和与及]", run)
        if len(items) == len(values) > 1 and at >= 0:
            return items[at], tuple(item for k, item in enumerate(items) if k != at)
    return "", ()


def _governing(dated: Sequence[Period], quantity: Quantity, text: str) -> Period | None:
    """The period a figure is of: the last before it; of a range, the end that "从" or "增至" picks."""
    ahead = [p for p in dated if p.end <= quantity.start] or [p for p in dated if p.start > quantity.end][:1]
    if not ahead:
        return None
    whole = max(ahead, key=lambda p: (p.end, p.end - p.start))
    ends = [p for p in ahead if whole.start <= p.start and p.end <= whole.end and p is not whole]
    if len(ends) == 2:
        before = text[: quantity.start]
        return ends[0] if _FROM.search(before) else ends[1] if _UP_TO.search(before) else whole
    return whole


@dataclass(frozen=True, slots=True)
class Sought:
    """What a figure must be of: the `words` it should be near, those it must have, and those it must not.

    `measured` is the word for what is measured (执行额), which must stand before it; `earlier` says that the year before is asked for.
    """

    words: tuple[str, ...]
    measured: str
    must: tuple[str, ...]
    avoid: tuple[str, ...]
    period: Period | None
    earlier: bool = False


def sought(text: str, must: Sequence[str] = (), avoid: Sequence[str] = ()) -> Sought:
    """What a question for a figure looks for; its words are those of content, periods apart."""
    dated = [p for p in periods(text) if p.first]
    bare = text
    for period in reversed(dated):
        bare = bare[: period.start] + " " + bare[period.end :]
    words = [w for w in cut(bare) if len(w) > 1 and (tagged(w) or "n")[0] in "nvjlsqzf" and w.isalnum()]
    own = [p for p in dated if not _compared(text, p)] or dated
    measured = words[-1] if words else ""
    earlier = bool(_YEAR_BEFORE.search(text))
    return Sought(tuple(dict.fromkeys(words)), measured, tuple(must), tuple(avoid), own[0] if own else None, earlier)


def _compared(text: str, period: Period) -> bool:
    """Whether `period` is only what another is compared with: 跟2006年比, 比2019年增长."""
    return bool(_COMPARED.search(f"{text[: period.start]}|{text[period.end : period.end + 2]}"))


def fitting(wanted: Sought, found: Sequence[Mention]) -> list[tuple[float, Mention]]:
    """The mentions that are of what is sought, best first, with a score of about 1 for those that hold all of it."""
    quotes = {one.evidence.quote for one in found}
    common = Counter(word for text in quotes for word in wanted.words if word in text)
    weights = {word: log(1 + len(quotes) / (1 + common[word])) for word in wanted.words}
    total = sum(weights.values()) or 1.0
    claimed = {(word, one.evidence.quote, one.measure) for one in found for word in wanted.must if word in one.near}
    made = []
    for one in found:
        near, around, far = one.near, one.around, _all_text(one.evidence.chunk)
        if any(word in around for word in wanted.avoid) or not all(_is_of(one, word, claimed) for word in wanted.must):
            continue
        if wanted.measured not in around:
            continue
        if of_year_before(one, wanted):
            continue
        if wanted.period and not of_period(one, wanted.period):
            continue
        held = sum(
            weights[w] * (_NEAR if w in near else _AROUND if w in around else _FAR if w in far else 0)
            for w in wanted.words
        )
        made.append((held / total - _EXTRA * min(_MOST_EXTRA, sum(1 for _ in _others(one, wanted))), one))
    return sorted(made, key=lambda pair: -pair[0])


def of_year_before(one: Mention, wanted: Sought) -> bool:
    """Whether a figure is only what another one is compared with (去年同期为948.04亿元), and no such one is asked for."""
    before = one.near[: one.near.rfind(one.written)]
    return not wanted.earlier and not wanted.period and bool(_OF_YEAR_BEFORE.search(before))


def _is_of(one: Mention, word: str, claimed: set[tuple[str, str, tuple[str, str]]]) -> bool:
    """Whether a figure is of what `word` names, and no other figure of its sentence is nearer to that."""
    if any(word in rival for rival in one.rivals) and word not in one.item:
        return False
    return word in one.near or (word in one.around and (word, one.evidence.quote, one.measure) not in claimed)


def _others(one: Mention, wanted: Sought) -> Iterator[str]:
    """The nouns and names that say what a figure is of and that were not asked for."""
    told = "".join((*wanted.words, *wanted.must))
    before = one.near[: max(0, one.near.rfind(one.written))]
    for word in cut(before):
        if len(word) > 1 and (tagged(word) or "n")[0] in "njlsf" and word not in told and not word.isdigit():
            yield word


def of_period(one: Mention, asked: Period) -> bool:
    """Whether a figure is of the asked period: the same days, or counted up to its last day."""
    own = one.period
    if own is None or not own.first or not own.last or not asked.last:
        return False
    return (own.first, own.last) == (asked.first, asked.last) or (own.cumulative and own.last == asked.last)


def speaks_of(chunk: Chunk, phrase: str) -> bool:
    """Whether a chunk, its headings or its title hold `phrase`, or most pairs of characters of it (出口额: 出口)."""
    bare, text = _MARKS.sub("", fold(phrase)), _MARKS.sub("", _all_text(chunk))
    pairs = [bare[i : i + 2] for i in range(len(bare) - 1)]
    return bare in text or (len(pairs) > 1 and sum(pair in text for pair in pairs) >= len(pairs) / 2)


@lru_cache(maxsize=512)
def _all_text(chunk: Chunk) -> str:
    return fold(f"{chunk.title} {' '.join(chunk.headings)} {chunk.text}")
