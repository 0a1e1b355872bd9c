"""Formulas that a model wrote or left out: `worked_out(expression, known)`, `found(text, figure, known)`. Part of `rag.llm`.

两者相差9.5个百分点（25.4% − 15.9% = 9.5个百分点）   operands are looked up in the quotes, the result is worked out again
长三角比京津冀多3882.6亿元                          the figures it follows from are looked for, and shown
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise, permutations, product

from rag.arithmetic import calculated
from rag.paraphrase import step
from rag.quantities import EXACT, Quantity, quantities, same
from rag.tokens import cut, fold
from rag.types import Evidence, Formula, Operation

_NUMBER = r"约?\d[\d,，]*(?:\.\d+)?\s?(?:万亿|千万|百万|亿|万|千)?(?:个百分点|平方[米公里]+|[^\d\s=＝≈+＋−－÷/／×（）()，。；、\-–]{0,4})"
_SIGN = r"\s*[-−–－+＋÷/／×xX*]\s*"
_FURTHER = 5  # operands after the first: what may be tried grows with a power of their number
_EXPRESSION = re.compile(
    rf"[（(]?(?P<left>[（(]?{_NUMBER}(?:{_SIGN}{_NUMBER}[)）]?){{1,{_FURTHER}}})\s*[=＝≈]\s*(?P<result>{_NUMBER})[)）]?"
)
_UNFINISHED = re.compile(
    rf"(?P<result>{_NUMBER})(?P<formula>[（(](?P<left>{_NUMBER}(?:{_SIGN}{_NUMBER}){{1,{_FURTHER}}})[)）])"
)
_SIGNS: dict[str, Operation] = {"-": "difference", "+": "sum", "÷": "share"}
_ALL = ("100%", "100％")
_CHANGE = re.compile("[增升降减涨跌]|[高低快慢]于")
_SCALES = (1e4, 1e8, 1e12)  # 万, 亿, 万亿
_DIGITS = re.compile(r"\d[\d,，]*(?:\.\d+)?")
_MORE = re.compile(
    r"(?P<one>[^，。；]{2,24}?)(?:比(?P<other>[^，。；]{2,24}?)(?:要|还)?(?P<way>多|高|少|低|增加|减少|提高)|(?P<out>[高多低少])[出于](?P<than>[^，。；\d]{2,24}))"
)
# words that say how a figure follows from two others of the same sentence
_SAYING: tuple[tuple[re.Pattern[str], Operation], ...] = (
    (
        re.compile("相差|[只仅还]差|差距|[还只尚]剩|多出|提高|提升|增加|增长了|上升|多了|下降|减少|降低|少了"),
        "difference",
    ),
    (re.compile("合计|共计|总共|一共|总计|加起来"), "sum"),
    (re.compile("占|比重"), "share"),
)
_RISES, _FALLS = re.compile("提高|提升|增加|增长了|上升|多了"), re.compile("下降|减少|降低|少了")
_UP = re.compile("(?:增长|增加|上升|上涨|提高|提升|扩大|延长|[增多高升涨快])(?:了|约|近|超|出)*$")
_DOWN = re.compile("(?:下降|减少|降低|下滑|回落|收窄|缩短|缩减|[减少降低跌慢])(?:了|约|近|超)*$")
_FROM = re.compile("(?:由|从)[^，。；]{0,12}$")
_INTO = re.compile("[^，。；\\d]{0,6}(?:到|至|为)(?:了|约)?")
_AGAINST = re.compile("[，（(]?(?:而)?(?:上年|去年|上一?[年届季]|前一年)(?:同期)?(?:为|是|则为)?")
_AHEAD = re.compile("明年|下一?年|目标|预计|届时|将|之后")
_CLAUSE = re.compile("[，。；！？]")
_NEAR = 20  # characters before a figure that say what it is of
_CANDIDATES = 3  # figures that a bare number may be
_SENTENCES = 4  # the sentences nearest to a claim, whose figures it may follow from
Operands = tuple[tuple[str, Evidence], ...]


@dataclass(frozen=True, slots=True)
class Expression:
    """A formula as it stands in a text."""

    text: str
    operands: tuple[str, ...]
    signs: tuple[str, ...]
    result: str

    def with_(self, formula: str) -> str:
        """`formula` in the brackets that this one stands in."""
        return f"（{formula}）" if self.text[0] in "（(" and self.text[-1] in ")）" else formula


def expressions(text: str) -> list[Expression]:
    """The formulas of `text`, left to right."""
    made = [_expression(match.group(), match) for match in _EXPRESSION.finditer(text)]
    return made or [_expression(match["formula"], match) for match in _UNFINISHED.finditer(text)]


def _expression(text: str, match: re.Match[str]) -> Expression:
    numbers = [found.group().strip() for found in re.finditer(_NUMBER, match["left"])]
    signs = [_sign(found.group()) for found in re.finditer(_SIGN, match["left"])]
    if signs[-2:] == ["÷", "×"] and numbers[-1] in _ALL:  # 127.5 ÷ 568.3 × 100%
        numbers, signs = numbers[:-1], signs[:-1]
    return Expression(text, tuple(numbers), tuple(signs), match["result"].strip())


def _sign(written: str) -> str:
    bare = written.strip()
    return "+" if bare in "+＋" else "÷" if bare in "÷/／" else "×" if bare in "×xX*" else "-"


def worked_out(expression: Expression, known: Sequence[Evidence]) -> Iterator[Formula]:
    """The formulas that an expression may be, whose operands stand in `known` and whose result is what was written."""
    if expression.operands[0] in _ALL and expression.signs == ("-",):  # 100% − 72%: the first needs no source
        for share, one in _places(expression.operands[1], known):
            left = calculated("rest", [share]) if _is_share(share, one.quote) else None
            if left and _as_written(expression.result, left):
                yield Formula("rest", ((share, one),), left)
        return
    choices = [list(islice(_places(number, known), _CANDIDATES)) for number in expression.operands]
    for operands in product(*choices):
        for operation, taken in _operations(expression.signs, operands):
            result = calculated(operation, [written for written, _ in taken])
            exact = operation in ("difference", "sum")
            if result and (
                _as_written(expression.result, result) or (not exact and _rounded(expression.result, result))
            ):
                yield Formula(operation, taken, result)


def _places(number: str, known: Sequence[Evidence]) -> Iterator[tuple[str, Evidence]]:
    """The figures of `known` that a number, with or without its unit, may stand for."""
    digits = _mantissa(number)
    unit = quantities(number)[0].unit if quantities(number) else ""
    for one in known:
        for held in quantities(one.quote):
            written = one.quote[slice(*held.core)]
            like = not unit or held.unit == unit or unit in held.unit
            if like and (_mantissa(written) == digits or _scaled(number, held)):
                yield written, one


def _scaled(number: str, held: Quantity) -> bool:
    """Whether a number is a figure in another scale: 15000 or 15000亿元 for 1.5万亿元."""
    said = quantities(number)
    if not said or said[0].value <= 0:
        return False
    if said[0].unit:
        return same(said[0], held, EXACT)
    return any(abs(held.value - said[0].value * scale) <= EXACT * held.value for scale in _SCALES)


def _mantissa(written: str) -> str:
    found = _DIGITS.search(written)
    digits = re.sub("[,，]", "", found.group()) if found else ""
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def _as_written(written: str, result: str) -> bool:
    """Whether a result is what was written, with or without unit."""
    return _mantissa(written) == _mantissa(result) and (not quantities(written) or _same_unit(written, result))


def _rounded(written: str, result: str) -> bool:
    """Whether a result is what was written with fewer digits or with more, or in another scale."""
    said, made = quantities(written), quantities(result)
    if not (said and made and said[0].value > 0 and made[0].value > 0):
        return False
    if said[0].kind == "bare":
        scales = (1.0, *_SCALES) if made[0].kind != "percent" else (1.0,)
        return any(abs(made[0].value / scale - said[0].value) <= step(written, said[0]) / 2 for scale in scales)
    alike = (said[0].kind, said[0].unit) == (made[0].kind, made[0].unit)
    number = result[slice(*made[0].core)]  # to one decimal
    digit = max(step(written, said[0]), step(number, made[0]) if "." in number else 0.0)
    return alike and abs(made[0].value - said[0].value) <= digit / 2


def _same_unit(written: str, result: str) -> bool:
    first, second = quantities(written), quantities(result)
    return not first or not second or first[0].unit in ("", second[0].unit)


def _is_share(written: str, quote: str) -> bool:
    """Whether a percentage stands in a quote as a share, not as a change."""
    return not _CHANGE.search(_before(written, quote))


def _operations(signs: Sequence[str], operands: Operands) -> Iterator[tuple[Operation, Operands]]:
    """What an expression of these signs may mean."""
    if "÷" in signs:
        if len(operands) == 3 and operands[1][0] == operands[2][0]:  # (new − old) ÷ old
            yield "growth", operands[:2]
        elif len(operands) == 3 and operands[0][0] == operands[2][0]:  # a decline: (old − new) ÷ old
            yield "growth", (operands[1], operands[0])
        elif len(operands) == 2:
            yield "share", operands
            yield "ratio", operands
            yield "average", operands
    elif signs == ("×",):
        yield "part", operands
    elif len(set(signs)) == 1:
        yield _SIGNS[signs[0]], operands


def found(text: str, figure: str, known: Sequence[Evidence]) -> Formula | None:
    """The formula that gives `figure` from figures of `known`, where `text` says that it follows from others; None for none.

    A result of figures that `text` itself gives (由64.5%升至65.6%，提高了1.1个百分点) needs no more than a word for the operation.
    Of a difference (相差, A比B多) the figures may be untold; where the text says which is more, they must stand by A and B.
    """
    figures = [(one.quote[slice(*q.core)], one, q) for one in known[:_SENTENCES] for q in quantities(one.quote)]
    formula = _of_told(text, figure, figures) or _of_change(text, figure, known[:_SENTENCES])
    if formula:
        return formula
    way = _MORE.search(text)
    if way is None and not re.search("相差|[只仅还]差", text):
        return None
    for (larger, in_one, first), (smaller, in_other, second) in permutations(figures, 2):
        result = _giving(figure, "difference", (larger, smaller))
        if not result:
            continue
        if way is None or _stand_by(way, (first, in_one.quote), (second, in_other.quote)):
            return Formula("difference", ((larger, in_one), (smaller, in_other)), result)
    return None


def _giving(figure: str, operation: Operation, operands: Sequence[str]) -> str:
    """The result of an operation where it is `figure` and not negative, "" where it is not."""
    result = calculated(operation, operands) or ""
    right = result[:1] != "-" and _mantissa(result) == _mantissa(figure) and _same_unit(figure, result)
    return result if right else ""


def _of_told(text: str, figure: str, figures: Sequence[tuple[str, Evidence, Quantity]]) -> Formula | None:
    """The formula that gives `figure` from two other figures of `text`, all of which stand in `figures`."""
    told: dict[str, tuple[Evidence, int]] = {}
    for written, one, held in figures:
        at = next((said.start for said in quantities(text) if said.unit == held.unit and same(said, held)), None)
        if at is not None:
            told.setdefault(written, (one, at))
    for words, operation in _SAYING:
        for (first, (in_one, here)), (second, (in_other, there)) in permutations(told.items(), 2):
            result = _giving(figure, operation, (first, second)) if words.search(text) else ""
            if not result:
                continue
            # from 64.5% to 65.6% it rises: the larger figure comes last
            turned = _FALLS if here > there else _RISES
            if operation != "difference" or not turned.search(text):
                return Formula(operation, ((first, in_one), (second, in_other)), result)
    return None


def _of_change(text: str, figure: str, known: Sequence[Evidence]) -> Formula | None:
    """The formula that gives `figure` as the change from one figure of a quote to the next (由7.8天缩短到7.2天, 8.5，上年为7.9)."""
    at = text.find(figure)
    way = _UP.search(text[:at]), _DOWN.search(text[:at])
    for one in known:
        for first, second in pairwise(quantities(one.quote)):
            between = one.quote[first.end : second.start]
            if _INTO.fullmatch(between) and _FROM.search(one.quote[: first.start]):
                old, new = first, second
            elif _AGAINST.fullmatch(between):
                new, old = first, second
            else:
                continue
            larger, smaller = (new, old) if new.value >= old.value else (old, new)
            operands = [one.quote[slice(*q.core)] for q in (larger, smaller)]
            result = _giving(figure, "difference", operands)
            told = bool(way[0]) if new is larger else bool(way[1])
            same_thing = _about(text[:at]) & _about(one.quote[: first.start])
            if told and same_thing and result:
                return Formula("difference", ((operands[0], one), (operands[1], one)), result)
    return None


def _about(text: str) -> set[str]:
    """The words of two characters and more that stand in a text."""
    return {word for word in cut(fold(text)) if len(word) > 1 and word[0] > "\u3400"}


def other_way(text: str, formula: Formula) -> bool:
    """Whether `text` says that the less of a difference is more: 小麦比玉米高54.3公斤, where maize has the larger operand."""
    way = _MORE.search(text)
    listed = any("分别" in one.quote for _, one in formula.operands)  # there a figure stands apart from its item
    if formula.operation != "difference" or way is None or listed:
        return False
    (larger, in_one), (smaller, in_other) = formula.operands[:2]
    other, word = way["other"] or way["than"], way["way"] or way["out"]
    mine, theirs = set(cut(fold(way["one"]))), set(cut(fold(other)))
    by_larger, by_smaller = _before(larger, in_one.quote), _before(smaller, in_other.quote)
    lesser = (theirs - mine) if word in "多高增加提高" else (mine - theirs)
    stand = [word for word in lesser if len(word) > 1 and word in by_larger and word not in by_smaller]
    return bool(stand)


def backwards(text: str, formula: Formula) -> bool:
    """Whether a change is put to a figure the wrong way: what was before a rise is less, not the sum of both."""
    if formula.operation not in ("difference", "sum") or len(formula.operands) != 1 + 1 or _AHEAD.search(text):
        return False
    (level, in_one), (change, in_other) = formula.operands
    if _way(level, in_one.quote):
        return False
    return _way(change, in_other.quote) == ("down" if formula.operation == "difference" else "up")


def _way(written: str, quote: str) -> str:
    """Which way a written figure says that something changed, "" where it says no change."""
    before = _before(written, quote)
    return "up" if _UP.search(before) else "down" if _DOWN.search(before) else ""


def _before(written: str, quote: str) -> str:
    at = quote.find(written)
    return _CLAUSE.split(fold(quote[:at]))[-1][-_NEAR:]


def _stand_by(way: re.Match[str], larger: tuple[Quantity, str], smaller: tuple[Quantity, str]) -> bool:
    """Whether the larger figure stands by what is said to be more and the smaller one by the other."""
    other, word = way["other"] or way["than"], way["way"] or way["out"]
    more, less = (way["one"], other) if word in "多高增加提高" else (other, way["one"])
    mine, theirs = set(cut(fold(more))), set(cut(fold(less)))
    for words, (figure, quote) in ((mine - theirs, larger), (theirs - mine, smaller)):
        before = fold(quote[max(0, figure.start - _NEAR) : figure.start])
        if not any(len(word) > 1 and word in before for word in words):
            return False
    return True
