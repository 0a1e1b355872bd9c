"""The answer that is worked out of figures that were found: `derived(reckoning, read)`. Between reckon and verify.

    reckoning -> [read: retrieve -> read] for each operand -> the figures that fit -> Formula -> Answer

Nothing is worked out of a figure that is not of the period and the scope asked for; then the figures that were found are
shown and what is missing is said.
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import product

from rag.arithmetic import calculated, figure, written
from rag.figures import Mention, Sought, clauses, fitting, mentions, of_quote, of_year_before, sought, speaks_of
from rag.periods import periods
from rag.quantities import DECLINE, EXACT, approximates, quantities, same
from rag.reckon import HALVES, Operand, Reckoning
from rag.tokens import cut, sentences, tagged
from rag.types import BY_RULE, RELATED, Answer, Evidence, Formula, Hit, Statement
from rag.verify import strange

_READ = 0.5  # what it counts for a figure that the reader answers the operand's question with it
_ROUGH = 0.45  # what it counts against one that is written as an approximation
_LEAST = 0.33  # what a figure must reach; measured on the seed documents
_SURE = 0.6  # what it must reach to take the place of one that was read
_RATE = re.compile("率|增速|增幅|涨幅|占|比重|比例|百分|(?:增长|上涨|下降|涨|跌)了?(?:多少|$)")
_GROWTH = re.compile("的?(?:同比)?(?:增速|增幅|涨幅|增长率)")
_COMPARES = re.compile("[比较高低多少差超快慢]")
_POINTS = re.compile("这方面|[这该此]一?(?:领域|业务|指标|市场|板块|项|类)")  # to what the sentence before is about
_CANDIDATES = 6
_QUOTE_CHARS = 60

Read = Callable[[str], tuple[Answer, Sequence[Hit]]]
Scored = list[tuple[float, Mention]]


@dataclass(frozen=True, slots=True)
class Chosen:
    """An operand with the figure that was found for it, None if none was."""

    operand: Operand
    mention: Mention | None


def derived(wanted: Reckoning, whole: str, read: Read) -> Answer | None:
    """The worked out answer to the question `whole`; None where what the documents state is answered better.

    A refusal names the figures that were found where their units do not go together.
    """
    stated, _ = read(whole) if wanted.stated else (None, ())
    if stated and stated.answered and _states(wanted, stated):
        return None
    found = [candidates(operand, read) for operand in wanted.operands]
    chosen = _together(wanted, found)
    if any(one.mention is None for one in chosen):
        told = stated or read(whole)[0]
        all_named = stated and wanted.operation != "difference" and _names_all(wanted, stated)
        return None if all_named or _tells(wanted, told) else _lacking(chosen)
    return _worked_out(wanted, [(one.operand.label, one.mention) for one in chosen if one.mention])


def of_the_whole(question: str, answer: Answer, hits: Sequence[Hit]) -> Answer:
    """`answer`, or the figure of the whole where it is that of a half nobody asked for (离岸的执行额 for 执行额).

    Only a figure of the same kind, of the period asked for and near all that was asked takes its place.
    """
    told = quantities(answer.short) if answer.answered else ()
    unasked = _unasked(question)
    said = answer.statements[0][0] if told else ""
    if not any(half in said for half in unasked) and not _POINTS.search(said):
        return answer
    near = as_told(answer)
    if not near or not any(half in near[0].around for half in unasked):
        return answer
    found = fitting(sought(question, (), unasked), mentions(hits))
    alike = [(score, one) for score, one in found if one.measure == near[0].measure]
    whole = next((one for score, one in alike if score >= _SURE), None)
    if whole is None:
        return answer
    # 突破500亿元, elsewhere 这个数字已经达到568.3亿元
    exact = (one for score, one in alike if score >= _LEAST and not one.quantity.approximation)
    rough = whole.quantity.approximation
    best = next((one for one in exact if rough and approximates(whole.quantity, one.quantity)), whole)
    quoted = tuple(dict.fromkeys((best.evidence, whole.evidence)))
    related = apart((one for text, held in answer.statements if text == RELATED for one in held), quoted)
    statements = ((quote_of(best), quoted), *(((RELATED, related),) if related else ()))
    return Answer(True, best.told, statements, confidence=BY_RULE)


def apart(related: Iterable[Evidence], quoted: Collection[Evidence]) -> tuple[Evidence, ...]:
    """What is to be looked at besides, each once, without what is quoted."""
    return tuple(one for one in dict.fromkeys(related) if not any(one.overlaps(other) for other in quoted))


def _unasked(question: str) -> tuple[str, ...]:
    """The halves (离岸, 线上) that a question does not name: a figure of one of them is not what it asks for."""
    return tuple(half for half in HALVES if half not in question)


def of_the_part(question: str, label: str, answer: Answer, hits: Sequence[Hit]) -> Answer:
    """`answer`, or the figure that stands nearer to what tells the part `question` from the others (欧盟, 2021年).

    The figure that was read stays if it is about as near as any; one that belongs to another subject or year is replaced.
    """
    must = () if periods(label) else (label,)
    told = quantities(answer.short) if answer.answered else ()
    rate = told[0].kind == "percent" if told else bool(_RATE.search(question))
    found = [
        (score, one)
        for score, one in fitting(sought(question, must, _unasked(question)), mentions(hits))
        if (one.quantity.kind == "percent") == rate and figure(one.written)
    ]
    read = [score for score, one in found if any(same(one.quantity, q, EXACT) for q in told)]
    if not found or found[0][0] < _SURE or (read and read[0] >= found[0][0] - _READ / 2):
        return answer
    best = found[0][1]
    return Answer(True, best.told, ((quote_of(best), (best.evidence,)),), confidence=BY_RULE)


def _states(wanted: Reckoning, stated: Answer) -> bool:
    """Whether an answer that was read is the result itself, not one of the operands."""
    percent = bool(quantities(stated.short)) and quantities(stated.short)[0].kind == "percent"
    if percent != (wanted.operation in ("share", "growth")):
        return False
    evidence = stated.statements[0][1][0]
    near = [one.near for one in of_quote(evidence) if one.written in stated.short or stated.short in one.written]
    together = (
        wanted.operands if wanted.operation == "sum" else wanted.operands[1:] * (wanted.operation == "difference")
    )
    labels = [word for operand in together for word in operand.must]
    return any(re.search(wanted.stated, text) and all(label in text for label in labels) for text in near)


def _tells(wanted: Reckoning, told: Answer) -> bool:
    """Whether an answer that was read may well be the result: a share, or a figure that its clause compares."""
    figures = quantities(told.short) if told.answered else ()
    if not figures or wanted.operation not in ("share", "difference") or wanted.aim != "result":
        return False
    if wanted.operation == "share":
        return figures[0].kind in ("percent", "multiple")
    other = wanted.operands[-1].label
    named = bool(periods(other)) or any(tagged(word) in ("ns", "nt", "nz", "nr") for word in cut(other))
    near = [one.near for one in of_quote(told.statements[0][1][0]) if one.written in told.short]
    return any(_COMPARES.search(text) and (other in text or not named) for text in near)


def _names_all(wanted: Reckoning, stated: Answer) -> bool:
    """Whether an answer that was read speaks of all that was to be put together, or of nothing that could be."""
    told = "".join(text for text, _ in stated.statements)
    return not stated.answered or all(word in told for operand in wanted.operands for word in operand.must)


def _read_for(text: str, read: Read) -> tuple[Answer, Sequence[Hit]]:
    """The answer to the question for an operand; where there is none, to its key words (上海上半年GDP)."""
    answer, hits = read(text)
    words = re.sub("(?:是|有|为|达)?多少[^，,]{0,6}$", "", text)
    return (answer, hits) if answer.answered or words == text else read(words)


def candidates(operand: Operand, read: Read) -> Scored:
    """The figures that may be the operand, best first; not one of a half (离岸) that nobody asked for."""
    answer, hits = _read_for(operand.text, read)
    named = _GROWTH.sub("", operand.text) if operand.rate else operand.text  # the growth of 产量 is written 产量增长5%
    wanted = sought(named, operand.must, (*operand.avoid, *_unasked(operand.text)))
    found = fitting(wanted, mentions(hits))
    told = quantities(answer.short) if answer.answered else ()
    if told and not any(same(one.quantity, other, EXACT) for _, one in found for other in told):
        found = [*found, *_as_read(wanted, answer)]
    scored = []
    for score, mention in found:
        rate = mention.quantity.kind in ("percent", "multiple")
        if rate != operand.rate or figure(mention.written) is None:
            continue
        answers = any(same(mention.quantity, other, EXACT) for other in told)
        scored.append((score + _READ * answers - _ROUGH * bool(mention.quantity.approximation), mention))
    return sorted((one for one in scored if one[0] >= _LEAST), key=lambda pair: -pair[0])[:_CANDIDATES]


def _as_read(wanted: Sought, answer: Answer) -> Scored:
    """The figure that was read for an operand, where its clause says too little to be found by: its article names what it is of."""
    return [
        (_LEAST, one)
        for one in as_told(answer)
        if not any(word in one.around for word in wanted.avoid)
        and not of_year_before(one, wanted)
        and all(speaks_of(one.evidence.chunk, word) for word in wanted.must)
    ]


def as_told(answer: Answer) -> list[Mention]:
    """The figures of an answer's first quote that its short answer gives."""
    told = quantities(answer.short) if answer.answered else ()
    quoted = of_quote(answer.statements[0][1][0]) if told else []
    return [one for one in quoted if any(same(one.quantity, other, EXACT) for other in told)]


def _together(wanted: Reckoning, found: Sequence[Scored]) -> list[Chosen]:
    """The best figures of one unit, a part not larger than its whole; of different units where there is no such pair."""
    operands = wanted.operands
    unit = re.search("多少(.*)$", operands[0].text)
    asked = quantities(f"1{unit[1]}") if unit and unit[1] else ()
    best: tuple[float, Sequence[Mention]] | None = None
    for combination in product(*found):
        score, values = sum(one for one, _ in combination), [mention for _, mention in combination]
        if _go_together(wanted, values) and (not asked or asked[0].kind in ("bare", values[0].quantity.kind)):
            best = max(best or (score, values), (score, values), key=lambda pair: pair[0])
    if best:
        return [Chosen(operand, mention) for operand, mention in zip(operands, best[1], strict=True)]
    firsts = [scored[0][1] if scored else None for scored in found]
    if None not in firsts and len({one.measure for one in firsts if one}) == 1:  # not one figure for two
        firsts[1:] = [None] * (len(firsts) - 1)
    return [Chosen(operand, first) for operand, first in zip(operands, firsts, strict=True)]


def _go_together(wanted: Reckoning, values: Sequence[Mention]) -> bool:
    units = {one.measure for one in values}
    places = {(one.evidence.chunk.source, one.evidence.start + one.quantity.start) for one in values}
    if len(units) > 1 or len(places) < len(values):
        return False
    first, second = values[0].quantity.value, values[1].quantity.value
    if wanted.operation == "share":
        days = [(one.period.first, one.period.last) for one in values if one.period and one.period.first]
        return first <= second and len(set(days)) <= 1
    return first >= second or not any(operand.avoid for operand in wanted.operands)


def _lacking(chosen: Sequence[Chosen]) -> Answer:
    """A refusal that shows the operands that were found and names those that were not."""
    missing = "、".join(one.operand.label for one in chosen if one.mention is None)
    shown = tuple((quote_of(one.mention), (one.mention.evidence,)) for one in chosen if one.mention)
    return Answer(False, "", shown, f"资料中没有找到{missing}的确切数字，无法计算。")


def _worked_out(wanted: Reckoning, found: Sequence[tuple[str, Mention]]) -> Answer:
    if wanted.apart or wanted.aim != "result":
        found = sorted(found, key=lambda one: -_signed(one[1]))
    whole = wanted.aim == "result"  # of the larger and the smaller ones only two are compared
    figures = [_operand(one) for _, one in found]
    result = calculated(wanted.operation, figures if whole else figures[:2])
    quotes = tuple(dict.fromkeys((quote_of(one), _naming(one, label)) for label, one in found))
    if result is None:
        named = "，".join(f"{label}是{one.written}" for label, one in found)
        return Answer(False, "", quotes, f"{named}，单位或口径不同，不能直接计算。")
    operands = tuple((_operand(one), one.evidence) for _, one in found)
    formula = Formula(wanted.operation, operands if whole else operands[:2], result)
    short = _short(wanted, found, result, quotes)
    if wanted.aim != "result" and (not wanted.apart or any(_signed(one) < 0 for _, one in found)):
        return Answer(True, short, quotes, confidence=BY_RULE)
    shown = ((written(formula), tuple(evidence for _, evidence in formula.operands)), *quotes)
    return Answer(True, short, shown, confidence=BY_RULE, formulas=(formula,))


def _naming(one: Mention, label: str) -> tuple[Evidence, ...]:
    """The sentence of a figure, and where it does not say whose figure it is the last one before in its passage that does."""
    quote, chunk = one.evidence.quote, one.evidence.chunk
    if label in quote:
        return (one.evidence,)
    naming = [span for span in sentences(chunk.text) if label in chunk.text[slice(*span)]]
    before = [span for span in naming if span[1] <= one.evidence.start - chunk.start] or naming[:1]
    return (one.evidence, Evidence.of(chunk, *before[-1])) if before else (one.evidence,)


def _operand(one: Mention) -> str:
    """A figure as it is put into a formula: with its 约 or 左右, so that the result is 约 as well."""
    return one.quantity.text if one.quantity.approximation else one.written


def _signed(one: Mention) -> float:
    """The value of a figure, below zero where it is one of decline (下降4.2%)."""
    decline = re.search(f"(?:{DECLINE})了?约?$", one.near[: max(0, one.near.rfind(one.written))])
    return -one.quantity.value if decline and one.quantity.kind == "percent" else one.quantity.value


def _short(wanted: Reckoning, found: Sequence[tuple[str, Mention]], result: str, quotes: Sequence[Statement]) -> str:
    """The result: "440.8亿元", or which of them in the question's words: "更大：宁波港（5.2亿吨）；相差：0.3亿吨".

    `found` has the largest first where one of them is asked for.
    """
    if wanted.aim == "result":
        return result
    label, one = found[0] if wanted.aim == "larger" else found[-1]
    named = f"{wanted.which}：{label}（{one.written}）"
    if all(strange(named, evidence) for _, evidence in quotes):
        named = f"{label}（{one.written}）"
    apart = f"；相差：{result}" if wanted.apart and all(_signed(one) >= 0 for _, one in found) else ""
    return named + apart


def quote_of(mention: Mention) -> str:
    """The clauses of a figure's sentence that are shown for it."""
    return clauses(mention.evidence.quote, mention.quantity, _QUOTE_CHARS)
