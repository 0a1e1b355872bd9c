"""The gate: nothing that the quotes do not say leaves the library. Between read and cite.

    unsupported(text, evidence) -> what of any text the evidence does not say: figures, dates, proper names
    strange(text, evidence)     -> what of a text is neither verbatim in the evidence nor the reader's own wording
    verified(answer)            -> the answer without the statements that fail, or a refusal

A figure may be written otherwise than in its quote (half or full width, 万 and 亿, Chinese numerals, %), a date may
follow from the publication date of the quoted document, and a result may follow from figures that are cited.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from rag.arithmetic import calculated, written
from rag.names import OWN, RUNS, bare, names, numberless
from rag.paraphrase import retold
from rag.periods import EVENT_DAYS, Period, periods
from rag.quantities import DECLINE, EXACT, Quantity, quantities, same
from rag.tokens import fold
from rag.types import RELATED, Answer, Evidence, Formula

_NUMERALS = tuple("零〇一二三四五六七八九十百千万亿")
_HALF_WIDTH = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF5B), 0xFF05, 0xFF0E)}
_HAN = re.compile("[\u3400-\u9fff·]+")
_NUMBERING = re.compile(r"(?:(?<=[：:；;\n])|^)\s*(?:\d{1,2}[.．、)）]|[（(]\d{1,2}[)）])\s*(?=[“《「]?[^\W\d])")
_ABSENT = re.compile(
    "^[^，。；]*(?:资料|报道|原文|文中|文章)[^，。；]{0,4}(?:没有|并?未|不曾)(?:直接|明确|具体|单独)?"
    "(?:给出|提供|提及|提到|说明|交代|写明|列出|记载|公布|披露|涉及|找到)[^，。；]*[，；：]"
)
_ON_YEAR = re.compile("同比|[比较](?:上一?年|前一年|去年)")
_OVER_YEAR = re.compile(r"[比较](\d{4})年(?:同期)?")
_COMPARED = re.compile("(?:[比较]|与|相比)(?:上一?年|前一年|去年|上个?月|上一?季度)(?:同期)?(?:相比)?")
_BOTH = re.compile(
    "[两二三四]者|(?:这|上述|以上)?[两三四](?:个|项|类|种)(?=占比|数字|比例|比重|合计|之间|相加|分别|加起来)"
)
_POINTS = re.compile(
    "[两三四五几](?:个?部分|个?方面|点(?=[，。：；]|$)|份(?=资料|报道|材料)|篇(?=报道|文章|资料)|大(?=板块|类|领域|业务|原因|方面))"
    "|(?:^|(?<=[。；]))第[一二三四五六七八九十]+[条点步项]?(?=[是，：])"
)
_POINTING = re.compile("[今去明前后上下本当同]年|[上下本]月|季")
_RANGE = re.compile(r"\d\s*[年月日]?\s*(?:至|到|[-—–~～]+)\s*\d")
_SAME_TIME = re.compile("同年|同期|当年")
_LESS = re.compile("不到|不足|近|低于|以下|以内|最多|至多")
_MORE = re.compile("超|突破|逾|至少|高于|以上|多|余")
_FALL = re.compile(f"(?:{DECLINE})[了至为约近超达]*$")
_RISE = re.compile("(?:增长|上升|上涨|增加|提高|提升|扩大|涨|增)[了至为约近超达]*$")


@dataclass(frozen=True, slots=True)
class Source:
    """What some evidence says: its quotes in half width, and the results of formulas that follow from it."""

    evidence: tuple[Evidence, ...]
    quotes: tuple[str, ...]
    results: tuple[str, ...]

    @classmethod
    def of(cls, evidence: Sequence[Evidence], formulas: Sequence[Formula] = ()) -> "Source":
        """The source that `evidence` is; a formula that does not follow from it adds nothing."""
        results = tuple(formula.result for formula in formulas if _follows(formula, evidence))
        return cls(tuple(evidence), tuple(_half_width(one.quote) for one in evidence), results)

    def figures(self) -> Iterator[tuple[str, Quantity]]:
        """The figures, each with the text it stands in."""
        return (
            (text, figure) for text in (*self.results, *self.quotes) for figure in (*quantities(text), *_shared(text))
        )

    def dates(self) -> Iterator[Period]:
        """The dates of the quotes, relative ones counted from the publication of their document."""
        for one, quote in zip(self.evidence, self.quotes, strict=True):
            yield from dates_of(one, quote)

    def around(self) -> str:
        """The quotes and the titles and headings above them, folded."""
        named = (name for one in self.evidence for name in one.above)
        return fold("\n".join((*self.quotes, *named)))


def dates_of(one: Evidence, quote: str) -> Iterator[Period]:
    """The dates of a quote; 去年同期 is that of the period which the passage names before."""
    for period in periods(quote, one.chunk.published):
        if not period.text.endswith("同期"):
            yield period
            continue
        at = one.start - one.chunk.start + period.start
        told = [p for p in periods(one.chunk.text, one.chunk.published) if p.start == at]
        yield replace(period, first=told[0].first, last=told[0].last) if told else period


def _shared(text: str) -> Iterator[Quantity]:
    """The figures of a list that leave their unit to the next one: 966.5亿、550.9亿元."""
    for one, after in pairwise(quantities(text)):
        scaled = one.kind == "bare" and text[one.core[1] - 1] in "万亿"
        if scaled and after.kind != "bare" and text[one.end : after.start] in ("、", "和", "与", "及"):
            yield replace(one, kind=after.kind, unit=after.unit)


def _follows(formula: Formula, evidence: Sequence[Evidence]) -> bool:
    """Whether a formula's operands stand in quotes that are cited and its result is what they give."""
    operands = [written for written, _ in formula.operands]
    cited = all(one in evidence and not any(_figures(written, Source.of([one]))) for written, one in formula.operands)
    return cited and calculated(formula.operation, operands) == formula.result


@dataclass(frozen=True, slots=True)
class Lacking:
    """What of a text no quote holds: dates, figures, ranks (第十四届) and proper names."""

    dates: tuple[str, ...]
    figures: tuple[str, ...]
    ranks: tuple[str, ...]
    names: tuple[str, ...]

    def all(self) -> tuple[str, ...]:
        """All of it."""
        return (*self.dates, *self.figures, *self.ranks, *self.names)


def lacking(text: str, evidence: Sequence[Evidence], formulas: Sequence[Formula] = ()) -> Lacking:
    """What `text`, which may be a paraphrase, says and no quote of `evidence` holds.

    `formulas` are what was computed: a result that follows from the quotes is theirs too.
    """
    source = Source.of(evidence, formulas)
    rest = _rest(_plain(_half_width(_without_formulas(text, formulas, source)), evidence), source)
    figures = tuple(
        figure.text for figure in _figures(rest, source) if not retold(rest, figure, source.quotes, source.results)
    )
    others = tuple(figure for figure in figures if not figure.startswith("第"))
    around = source.around()
    # a headline may name the session
    ranks = tuple(figure for figure in figures if figure.startswith("第") and fold(figure) not in around)
    return Lacking(tuple(_dates(rest, source)), others, ranks, tuple(names(rest, around)))


def _without_formulas(text: str, formulas: Sequence[Formula], source: Source) -> str:
    """`text` with the result for each formula that follows from the quotes: its signs are no signs of figures."""
    for formula in formulas:
        if formula.result in source.results:
            text = text.replace(written(formula), formula.result)
    return text


def unsupported(text: str, evidence: Sequence[Evidence], formulas: Sequence[Formula] = ()) -> tuple[str, ...]:
    """The figures, dates and proper names of `text` that no quote of `evidence` holds; it may be a paraphrase."""
    return lacking(text, evidence, formulas).all()


def strange(text: str, evidence: Sequence[Evidence], formulas: Sequence[Formula] = ()) -> tuple[str, ...]:
    """What of `text` does not stand in `evidence` word for word, its figures and dates in any writing.

    Besides there may be the reader's own few words. A label (before ：) is of the question: only its names must stand there.
    """
    source = Source.of(evidence, formulas)
    rest = _rest(_half_width(_without_formulas(text, formulas, source)), source)
    words = bare(source.around())
    missing: list[str] = []
    for piece, label in re.findall("([^：]*)(：|$)", numberless(rest)):
        runs = filter(None, RUNS.split(fold(piece)))
        missing += names(piece, source.around()) if label else [run for run in runs if not _verbatim(run, words)]
    return (*_dates(rest, source), *(figure.text for figure in _figures(rest, source)), *missing)


def _verbatim(run: str, words: str) -> bool:
    """Whether `run` stands in `words`, at its edges perhaps the reader's own ones (一带一路更大)."""
    return run in words or re.sub(f"^{OWN.pattern}|{OWN.pattern}$", "", run) in words


def verified(answer: Answer, verbatim: bool = True) -> Answer:
    """`answer` without the statements that say more than their quotes; a refusal where the short answer is one.

    Each part of a joined short answer (at ；, or else at ，) must rest on one of the statements, not on what is to be looked at
    besides. `verbatim` demands that
    statements are the very words of their quotes; without it they may be paraphrases, as a language model's are.
    """

    def holds(text: str, evidence: Sequence[Evidence]) -> bool:
        return not (strange if verbatim else unsupported)(text, evidence, answer.formulas)

    kept = tuple((text, evidence) for text, evidence in answer.statements if holds(text, evidence))

    def rests(part: str) -> bool:
        return any(holds(part, evidence) for text, evidence in kept if text != RELATED)

    said = all(rests(part) or all(map(rests, part.split("，"))) for part in answer.short.split("；"))
    if answer.answered and not said:
        return Answer(False, "", kept, reason="找到的说法与原文不完全一致，为避免出错未作回答。")
    return replace(answer, statements=kept)


def _half_width(text: str) -> str:
    """`text` with digits, letters, point and % in half width, of equal length."""
    return text.translate(_HALF_WIDTH)


def _plain(text: str, evidence: Sequence[Evidence]) -> str:
    """`text` without what says nothing of its subject: numbering, 比上年, 同年, what the sources do not say, and their dates."""
    absent = _ABSENT.match(text)
    if absent and not _counts(absent.group()):  # what is not there has no figure: 没有提到不足999亿元 would tell one
        text = text[absent.end() :]
    text = without_year_before(text, [one.quote for one in evidence])
    for words in (_NUMBERING, _COMPARED, _SAME_TIME, _BOTH, _POINTS):
        text = words.sub("", text)
    return without_source_dates(text, evidence)


def without_source_dates(text: str, evidence: Sequence[Evidence]) -> str:
    """`text` without the dates on which the documents of `evidence` were published, where it says them of these (2025年7月24日的报道)."""
    for day in {one.chunk.published for one in evidence if one.chunk.published}:
        spoken = rf"(?<![\d-])(?:{day}|{day.year}年(?:{day.month}月(?:{day.day}日)?)?)"
        text = re.sub(
            rf"{spoken}(?=(?:关于[^，。；]{{1,24}})?的?(?:评论)?(?:报道|文章|资料|稿件|简报|消息)|刊|发布)", "", text
        )
        text = re.sub(rf"(?:(?<=日期为)|(?<=日期是)){spoken}(?!\d)", "", text)
        whole = f"{day.month}月{day.day}日"
        if any(re.search(f"{whole}.{{0,4}}[讯电]|{whole}消息", one.chunk.text) for one in evidence):  # its dateline
            said = f"[在于]?{day.year}年{whole}(?=的?评论|介绍|表示|说|称|指出|透露|公布|消息)"
            text = re.sub(said, "", text)
        text = re.sub(rf"(?:(?<=刊发于)|(?<=发表于)|(?<=刊于)|(?<=发布于)){spoken}(?!\d)", "", text)
    return text


def without_year_before(text: str, quotes: Sequence[str]) -> str:
    """`text` without 比2023年 where it is about 2024 and a quote compares with the year before (同比, 比前一年)."""
    if not any(_ON_YEAR.search(quote) for quote in quotes):
        return text
    years = {period.first.year for period in periods(text) if period.first}
    return _OVER_YEAR.sub(lambda match: "" if int(match[1]) + 1 in years else match.group(), text)


def _counts(text: str) -> bool:
    """Whether `text` has a figure that is no date."""
    dated = [(p.start, p.end) for p in periods(text)]
    return any(not any(a <= q.core[0] and q.core[1] <= b for a, b in dated) for q in quantities(text))


def _rest(text: str, source: Source) -> str:
    """`text` without what needs no further check: the quotes that stand whole in it, and "2025-07-24刊" of their documents."""
    for quote in sorted((one for one in source.quotes if one), key=len, reverse=True):
        pieces = text.split(quote)
        for i in range(len(pieces) - 1, 0, -1):
            inside = _joined(pieces[i - 1], quote) or _joined(quote, pieces[i])
            pieces[i - 1 : i + 1] = [(quote if inside else "\n").join(pieces[i - 1 : i + 1])]
        text = pieces[0]
    for day in {one.chunk.published for one in source.evidence if one.chunk.published}:
        text = re.sub(rf"(?<![\d-]){day}(?=刊|）)", " ", text)
    return text


def _joined(left: str, right: str) -> bool:
    """Whether a word or number may go on from `left` into `right`."""
    return left[-1:].isalnum() and right[:1].isalnum()


def _dates(text: str, source: Source) -> Iterator[str]:
    """The dates of `text` that are none of the source's, nor the month or year of an event there."""
    dates = tuple(source.dates())
    for period in periods(text):
        inside = period.text[0] in _NUMERALS and text[period.start - 1 : period.start] in _NUMERALS  # 十五 of 七十五
        told = any(_dated(period, held) for held in dates) or any(
            _dated(one, held) and (_digits(period) <= _digits(held) or (one.first == one.last and not _digits(held)))
            for one in _resolved(period, source)
            for held in dates
        )
        if not inside and not told:
            yield period.text


def _digits(period: Period) -> set[str]:
    """The numbers of a date as written: 年底 is no 12月."""
    return set(re.findall(r"\d+", period.text))


def _resolved(period: Period, source: Source) -> Iterator[Period]:
    """A date without a year (前11个月) as the documents of the quotes would mean it."""
    if period.first is None and not _POINTING.search(period.text):
        for published in {one.chunk.published for one in source.evidence}:
            yield from (one for one in periods(period.text, published) if one.text == period.text)


def _dated(said: Period, held: Period) -> bool:
    if said.first is None or said.last is None or held.first is None or held.last is None:
        return bool(re.search(rf"(?<!\d){re.escape(_spoken(said))}", _spoken(held)))  # 4月 of 今年4月
    if (said.first, said.last) == (held.first, held.last):
        return bool(_RANGE.search(held.text)) or not _RANGE.search(said.text)  # 2007至2007年 is no 2007年
    if said.first == said.last and _RANGE.search(held.text):  # 7月26日 of 7月26日至8月11日
        return said.first in (held.first, held.last)
    event = (held.last - held.first).days < EVENT_DAYS and said.first.day == 1 and said.last.day > 27
    whole = said.first.month == said.last.month or (said.first.month, said.last.month) == (1, 12)
    return (
        bool(event)
        and whole
        and said.first <= held.first
        and held.last <= said.last
        and said.first.year == said.last.year
    )


def _spoken(period: Period) -> str:
    """A date as it is said, 上年 as 去年."""
    return fold(period.text).removesuffix("的").replace("上年", "去年")


def _figures(text: str, source: Source) -> Iterator[Quantity]:
    """The figures of `text` that are none of the source's: other value, unit, range, side of it or direction."""
    dated = [(p.start, p.end) for p in periods(text)]
    for said in quantities(text):
        if any(start <= said.core[0] and said.core[1] <= end for start, end in dated):
            continue
        if not any(_says(quote, held, text, said) for quote, held in source.figures()) and not _article(said, source):
            yield said


def _says(quote: str, held: Quantity, text: str, said: Quantity) -> bool:
    if held.kind != said.kind or (held.low is None) != (said.low is None) or not same(held, said, EXACT):
        return False
    if held.low is not None and said.low is not None and abs(held.low - said.low) > EXACT * abs(held.low):
        return False
    if said.kind in ("bare", "rank") and _counted(text, said) not in ("", _counted(quote, held)):
        return False
    if any(side.search(said.approximation) and not side.search(held.approximation) for side in (_LESS, _MORE)):
        return False  # 约12万 is not 超过12万
    ways = (_FALL, _RISE)
    return not any(a.search(text[: said.start]) and b.search(quote[: held.start]) for a, b in (ways, ways[::-1]))


def _counted(text: str, quantity: Quantity) -> str:
    """What a figure without a known unit counts: the last character of 第十四届, the first behind 12; "" for none."""
    last = text[quantity.core[1] - 1 : quantity.core[1] + 1]
    found = _HAN.search(last[:1] if quantity.kind == "rank" and not last[:1].isdigit() else last[1:])
    return found.group() if found and found.group() not in "的了是为和在" else ""


def _article(said: Quantity, source: Source) -> bool:
    """Whether 一家 or 一种 is no figure but an article: the source counts nothing in that unit."""
    return said.text[0] == "一" and said.value == 1 and all(held.unit != said.unit for _, held in source.figures())
