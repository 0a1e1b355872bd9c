"""A figure that is not stated but follows from two that are: `implied(question, answer, hits, read)`. Beside derive.

    2021年人均收入6086元，同比增加1308元          asked for 2020年: 6086元 − 1308元
    PMI为49.3%，比上月上升0.3个百分点             asked for last month's: 49.3% − 0.3个百分点
    CPI上涨1.0%，涨幅高于全国0.3个百分点          asked for 全国's: 1.0% − 0.3个百分点
    上半年4.97亿元, 二季度2.59亿元                asked for 一季度: 4.97亿元 − 2.59亿元

Only exact differences are used: what a rate of growth implies is an estimate. A stated figure goes before an implied one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from rag.arithmetic import calculated, written
from rag.derive import Read, as_told, candidates, quote_of
from rag.figures import Mention, Sought, fitting, mentions, of_period, sought
from rag.periods import Period, periods, undated
from rag.quantities import EXACT, quantities, same
from rag.question import Question
from rag.reckon import Operand
from rag.tokens import fold, han_pairs
from rag.types import BY_RULE, Answer, Formula, Hit, Operation

_RISE = "增加|增长|提高|上升|提升|扩大|上涨|增产|增收|高出|[多高增升涨]"
_FALL = "减少|下降|降低|回落|收窄|下跌|减产|[少低减降跌]"
# between a figure and its difference from another: 同比增加, 比上月上升, 对比年初净增加
_SINCE = re.compile(
    r"(?:(?P<again>同比)|(?P<month>环比)|(?:比|较|对比|与|同|和)(?P<than>[^，,；;。]{1,14}?)(?:相比)?[，,]?)"
    rf"(?:净|又|再|大幅|小幅)*(?:(?P<rise>{_RISE})|(?P<fall>{_FALL}))(?:了|出)?约?$"
)
_BEYOND = re.compile(
    r"(?:增速|增幅|涨幅|占比|比重)?(?:(?P<rise>高|多|快|大)|(?P<fall>低|少|慢|小))(?:于|出|过)(?P<than>[^，,；;。]{1,12}?)$"
)
_BRACKETED = re.compile("[（(][^（()）]*[)）]")
_LAST_YEAR = re.compile("^(?:上年|去年|上一年)(?:同期|同月)?$")
_PLAIN = re.compile("的?(?:平均)?(?:水平|平均|同期|末|底)$")
_FITS = 0.33  # of what is asked, that a figure must be near
_ANY_DAY = date(2000, 7, 1)  # what relative dates are counted from, where only their places matter
_MONTH_DAYS = 27  # from the first to the last day
_DIFFERENCE_ASKED = re.compile(
    "(?<![同环])比(?!上年|去年|上月|[重例])[^，。]{1,14}[多少高低快慢大小]|相差|差距|差多少|[多少](?:了|出)多少|(?:增加|减少)了?多少"
)
_BELOW = re.compile("(?:[-−–—]|(?:下降|降幅|减少|降低|下跌|跌|亏损?|负增长)[^，,；;。]{0,4})$")
# what does not add up over months
_NO_FLOW = re.compile(
    "均|单价|价格|房价|余额|存量|保有量|人数|员工|职工|用户|人口|库存|资产|负债|工资|收入水平|率|比重|占比|指数"
)
_ASKING = re.compile("(?:大概|大约|一共|总共|同比|上涨|是|有|为|达)*了?多少.*$|的|时候")
_ABOUT = 0.8  # of the pairs of characters of what is asked of
_LABEL_CHARS = 6  # before a figure, that say what it alone is of


@dataclass(frozen=True, slots=True)
class _Relative:
    """A stated figure, and by how much it is more or less than another, which `than` names or which is of `period`."""

    stated: Mention
    change: Mention
    rises: bool
    than: str
    period: tuple[date, date] | None


def implied(question: Question, answer: Answer, hits: Sequence[Hit], read: Read) -> Answer | None:
    """The figure asked for, where two stated ones give it; None where one is stated, or nothing follows."""
    if question.asked != "number":
        return None
    return _compared_with(question, answer, hits) or _rest_of_period(question, answer, hits, read)


def _compared_with(question: Question, answer: Answer, hits: Sequence[Hit]) -> Answer | None:
    if _DIFFERENCE_ASKED.search(question.text):
        return None
    found = mentions(hits)
    asked = re.search(r"多少([^，,。？?\s]{1,4})", question.text)
    unit = quantities(f"1{asked[1]}") if asked else ()
    made: list[tuple[float, _Relative]] = []
    for stated in found:
        one = _relative(stated, found)
        counted = not unit or unit[0].unit in ("", stated.quantity.unit)
        if one and counted and _asked_for(question, one) and not _stated(answer, one):
            bare = undated(question.text, _ANY_DAY).replace(_name(one), "")
            wanted = sought(bare)
            if wanted.measured in stated.near and _about(bare, one) and not _of_another(wanted, one, found):
                made += [(score, one) for score, _ in fitting(wanted, [stated]) if score >= _FITS]
    if not made:
        return None
    _, best = max(made, key=lambda pair: pair[0])
    return _worked_out("difference" if best.rises else "sum", (best.stated, best.change))


def _about(bare: str, one: _Relative) -> bool:
    """Whether what is asked of stands before the stated figure, and nothing narrower does (其中出口20万辆 for 销量)."""
    before = fold(f"{one.stated.around} {' '.join(one.stated.evidence.above)}")
    if "进出口" in one.stated.near and "进出口" not in bare:
        return False
    pairs = set(han_pairs(fold(_ASKING.sub(" ", bare))))
    part = re.search("其中([^，,；;]*)$", one.stated.near[: one.stated.near.rfind(one.stated.written)])
    narrower = part is not None and not any(pair in bare for pair in han_pairs(part[1]))
    return sum(pair in before for pair in pairs) >= _ABOUT * len(pairs) and not narrower


def _of_another(wanted: Sought, one: _Relative, found: Sequence[Mention]) -> bool:
    """Whether something asked for stands right before another figure of the sentence and not at the one that the change is of."""
    near = f"{one.stated.near}{one.change.near}"
    others = [m for m in found if m.evidence == one.stated.evidence and m not in (one.stated, one.change)]
    labels = [other.near[: other.near.rfind(other.written)][-_LABEL_CHARS:] for other in others]
    return any(word in label and word not in near for label in labels for word in wanted.words)


def _relative(stated: Mention, found: Sequence[Mention]) -> _Relative | None:
    """What a figure behind `stated` in its sentence says of another one that it is compared with."""
    quote, at = stated.evidence.quote, stated.quantity.end
    if stated.rivals or _BELOW.search(quote[: stated.quantity.start]):
        return None
    for change in found:
        if change.evidence != stated.evidence or change.quantity.start < at:
            continue
        points = stated.quantity.kind == "percent" and change.quantity.unit == "个百分点" != stated.quantity.unit
        if points or (stated.measure == change.measure and stated.quantity.kind != "percent"):
            between = _BRACKETED.sub("", quote[at : change.quantity.start]).lstrip("，,、（(且并又")
            told = _SINCE.match(between) or _BEYOND.match(between)
            rough = stated.quantity.approximation or change.quantity.approximation
            if told is None or rough:
                return None
            parts = told.groupdict()
            than = parts["than"] or ""
            return _Relative(stated, change, bool(parts["rise"]), than, _period(stated, than, parts))
        at = change.quantity.end  # 120亿美元，同比增长6%，较市场预期高2.5亿美元
    return None


def _period(stated: Mention, than: str, parts: dict[str, str | None]) -> tuple[date, date] | None:
    """What the figure that is compared with is of: a year or a month earlier, or the period that is named."""
    own = stated.period
    if parts.get("month") or re.match("上个?月", than):
        return _earlier_month(own)
    if parts.get("again") or _LAST_YEAR.match(than):
        return _earlier_year(own)
    named = [p for p in periods(than, stated.evidence.chunk.published) if p.first and p.last]
    if not named or named[0].first is None or named[0].last is None:
        return None
    if "同期" in than and own and own.first and own.last:  # 与2022年同期相比
        return _in_year(own, named[0].first.year)
    return named[0].first, named[0].last


def _earlier_year(own: Period | None) -> tuple[date, date] | None:
    return _in_year(own, own.first.year - 1) if own and own.first else None


def _in_year(own: Period, year: int) -> tuple[date, date] | None:
    """The same days of another year; the end of February as it comes."""
    if not own.first or not own.last or own.first.year != own.last.year:
        return None
    after = own.last + timedelta(days=1)
    whole = after.day == 1
    last = date(year + (after.year - own.last.year), after.month, 1) - timedelta(days=1) if whole else None
    try:
        return own.first.replace(year=year), last or own.last.replace(year=year)
    except ValueError:  # 29 February
        return None


def _earlier_month(own: Period | None) -> tuple[date, date] | None:
    if not own or not own.first or not own.last or own.first.month != own.last.month or own.first.day != 1:
        return None
    last = own.first - timedelta(days=1)
    return last.replace(day=1), last


def _asked_for(question: Question, one: _Relative) -> bool:
    """Whether the question is for the figure that is compared with: its period, or what it is named by (全国, 市场预期)."""
    published = one.stated.evidence.chunk.published
    asked = [(p.first, p.last) for p in periods(question.text, published)]
    if one.period:
        own = one.stated.period
        return one.period in asked and not (own and (own.first, own.last) in asked)
    return len(_name(one)) > 1 and _name(one) in question.text and "年" not in one.than


def _name(one: _Relative) -> str:
    return _PLAIN.sub("", one.than)


def _stated(answer: Answer, one: _Relative) -> bool:
    """Whether `answer` gives a figure that is stated for what is asked, and not one of the two it would follow from."""
    told = quantities(answer.short) if answer.answered else ()
    if told and told[0].kind != one.stated.quantity.kind:  # 7.52‰ for a rate, whatever is told of a number
        return True
    if not told or any(same(q, m.quantity, EXACT) for q in told for m in (one.stated, one.change)):
        return False
    if one.period is None:
        return True
    return any(m.period and (m.period.first, m.period.last) == one.period for m in as_told(answer))


def _rest_of_period(question: Question, answer: Answer, hits: Sequence[Hit], read: Read) -> Answer | None:
    """What is left of a longer period's figure without that of the rest of it; only where nothing was answered."""
    if answer.answered or not hits or _NO_FLOW.search(question.text):
        return None
    published = hits[0].chunk.published
    asked = [p for p in periods(question.text, published) if p.first and p.last]
    if len(asked) != 1:
        return None
    for longer, rest in _pairs(asked[0], mentions(hits)):
        texts = (question.text[: asked[0].start] + _named(p) + question.text[asked[0].end :] for p in (longer, rest))
        whole, part = (_best(period, text, read) for period, text in zip((longer, rest), texts, strict=True))
        if whole and part and whole.measure == part.measure and whole.quantity.value >= part.quantity.value:
            return _worked_out("difference", (whole, part))
    return None


def _pairs(asked: Period, found: Sequence[Mention]) -> Iterator[tuple[Period, Period]]:
    """The periods of the documents that contain the asked one, with what is left of them before or behind it."""
    known = {(p.first, p.last): p for p in (one.period for one in found) if p and p.first and p.last}
    day = timedelta(days=1)
    for (first, last), longer in known.items():
        if not (first and last and asked.first and asked.last) or (last - first).days < _MONTH_DAYS:
            continue
        if first == asked.first and last > asked.last:
            rest = known.get((asked.last + day, last))
        elif last == asked.last and first < asked.first:
            rest = known.get((first, asked.first - day))
        else:
            rest = None
        if rest:
            yield longer, rest


def _named(period: Period) -> str:
    """A period as it is asked for: with its year."""
    year = f"{period.first.year}年" if period.first else ""
    return period.text if re.search(r"\d{4}|[今去前]年", period.text) else year + period.text


def _best(period: Period, text: str, read: Read) -> Mention | None:
    """The amount that answers `text`, of `period`."""
    found = candidates(Operand(text, ""), read)
    return next((one for _, one in found if of_period(one, period)), None)


def _worked_out(operation: Operation, figures: tuple[Mention, Mention]) -> Answer | None:
    result = calculated(operation, [one.written for one in figures])
    if result is None:
        return None
    formula = Formula(operation, tuple((one.written, one.evidence) for one in figures), result)
    quotes = dict.fromkeys((quote_of(one), (one.evidence,)) for one in figures)
    shown = ((written(formula), tuple(one.evidence for one in figures)), *quotes)
    return Answer(True, result, shown, confidence=BY_RULE, formulas=(formula,))
