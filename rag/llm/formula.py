"""Formulas that a model wrote or left out: `worked_out(expression, known)`, `found(text, figure, known)`. Part of `rag.llm`.

两者相差9.5个百分点（25.4% − 15.9% = 9.5个百分点）   operands are looked up in the quotes, the result is worked out again
长三角比京津冀多3882.6亿元                          the figures it follows from are looked for, and shown
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, permutations, product

from rag.arithmetic import calculated
from rag.quantities import Quantity, quantities
from rag.tokens import cut, fold
from rag.types import Evidence, Formula, Operation

_NUMBER = r"约?\d[\d,，]*(?:\.\d+)?\s?(?:万亿|千万|百万|亿|万|千)?(?:个百分点|平方[米公里]+|[^\d\s=＝≈+＋−－÷/／×（）()，。；、\-–]{0,4})"
_SIGN = r"\s*[-−–－+＋÷/／]\s*"
_FURTHER = 5  # operands after the first: what may be tried grows with a power of their number
_EXPRESSION = re.compile(
    rf"[（(]?(?P<left>[（(]?{_NUMBER}(?:{_SIGN}{_NUMBER}[)）]?){{1,{_FURTHER}}})\s*[=＝≈]\s*(?P<result>{_NUMBER})[)）]?"
)
_SIGNS: dict[str, Operation] = {"-": "difference", "+": "sum", "÷": "share"}
_DIGITS = re.compile(r"\d[\d,，]*(?:\.\d+)?")
_MORE = re.compile(
    r"(?P<one>[^，。；]{2,24})比(?P<other>[^，。；]{2,24}?)(?:要|还)?(?P<way>多|高|少|低|增加|减少|提高)"
)
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
    made = []
    for match in _EXPRESSION.finditer(text):
        numbers = [found.group().strip() for found in re.finditer(_NUMBER, match["left"])]
        signs = [_sign(found.group()) for found in re.finditer(_SIGN, match["left"])]
        made.append(Expression(match.group(), tuple(numbers), tuple(signs), match["result"].strip()))
    return made


def _sign(written: str) -> str:
    bare = written.strip()
    return "+" if bare in "+＋" else "÷" if bare in "÷/／" else "-"


def worked_out(expression: Expression, known: Sequence[Evidence]) -> Iterator[Formula]:
    """The formulas that an expression may be, whose operands stand in `known` and whose result is what was written."""
    choices = [list(islice(_places(number, known), _CANDIDATES)) for number in expression.operands]
    for operands in product(*choices):
        for operation, taken in _operations(expression.signs, operands):
            result = calculated(operation, [written for written, _ in taken])
            if result and _as_written(expression.result, result):
                yield Formula(operation, taken, result)


def _places(number: str, known: Sequence[Evidence]) -> Iterator[tuple[str, Evidence]]:
    """The figures of `known` that a number, with or without its unit, may stand for."""
    digits = _mantissa(number)
    unit = quantities(number)[0].unit if quantities(number) else ""
    for one in known:
        for held in quantities(one.quote):
            written = one.quote[slice(*held.core)]
            if _mantissa(written) == digits and (not unit or held.unit == unit or unit in held.unit):
                yield written, one


def _mantissa(written: str) -> str:
    found = _DIGITS.search(written)
    return re.sub("[,，]", "", found.group()) if found else ""


def _as_written(written: str, result: str) -> bool:
    """Whether a result is what was written, with or without unit."""
    return _mantissa(written) == _mantissa(result) and (not quantities(written) or _same_unit(written, result))


def _same_unit(written: str, result: str) -> bool:
    first, second = quantities(written), quantities(result)
    return not first or not second or first[0].unit in ("", second[0].unit)


def _operations(signs: Sequence[str], operands: Operands) -> Iterator[tuple[Operation, Operands]]:
    """What an expression of these signs may mean."""
    if "÷" in signs:
        if len(operands) == 3 and operands[1][0] == operands[2][0]:  # (new − old) ÷ old
            yield "growth", operands[:2]
        elif len(operands) == 2:
            yield "share", operands
            yield "ratio", operands
    elif len(set(signs)) == 1:
        yield _SIGNS[signs[0]], operands


def found(text: str, figure: str, known: Sequence[Evidence]) -> Formula | None:
    """The difference of two figures of `known` that gives `figure`, where `text` says that it is one; None for none.

    Where the text says which is more (A比B多), the figures must stand by A and B.
    """
    way = _MORE.search(text)
    if way is None and "相差" not in text:
        return None
    figures = [(one.quote[slice(*q.core)], one, q) for one in known[:_SENTENCES] for q in quantities(one.quote)]
    for (larger, in_one, first), (smaller, in_other, second) in permutations(figures, 2):
        result = calculated("difference", (larger, smaller))
        if not result or result[0] == "-" or _mantissa(result) != _mantissa(figure) or not _same_unit(figure, result):
            continue
        if way is None or _stand_by(way, (first, in_one.quote), (second, in_other.quote)):
            return Formula("difference", ((larger, in_one), (smaller, in_other)), result)
    return None


def _stand_by(way: re.Match[str], larger: tuple[Quantity, str], smaller: tuple[Quantity, str]) -> bool:
    """Whether the larger figure stands by what is said to be more and the smaller one by the other."""
    more, less = (way["one"], way["other"]) if way["way"] in "多高增加提高" else (way["other"], way["one"])
    mine, theirs = set(cut(fold(more))), set(cut(fold(less)))
    for words, (figure, quote) in ((mine - theirs, larger), (theirs - mine, smaller)):
        before = fold(quote[max(0, figure.start - _NEAR) : figure.start])
        if not any(len(word) > 1 and word in before for word in words):
            return False
    return True
