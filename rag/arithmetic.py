"""Figures worked out from written ones, exactly: `calculated(...)`, `written(...)`. A level below the stages.

    >>> calculated("difference", ["568.3亿元", "127.5亿元"])
    '440.8亿元'

derive makes a `Formula` with it, verify works it out again, cite puts the numbers of the sources into it. What the
units do not allow has no result: yuan and dollars, people and money, ranks, ranges.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from rag.quantities import quantities
from rag.types import Evidence, Formula, Operation

_SCALES = {"万亿": 12, "亿": 8, "千万": 7, "百万": 6, "万": 4}
_ARABIC = re.compile(rf"(?P<digits>\d[\d,，]*(?:\.\d+)?)\s?(?P<scale>{'|'.join(_SCALES)})?\s?(?P<unit>.*)", re.DOTALL)
_SPOKEN = re.compile(
    rf".*?(?P<scale>{'|'.join(_SCALES)})?(?P<unit>[^零〇一二两三四五六七八九十百千万亿点]*)", re.DOTALL
)
_TENTH = Decimal("0.1")
_WHOLE = Decimal(100)  # per cent
_SHIFTED = [("percent", "%"), ("percent", "个百分点")]  # 43.7% − 1.8个百分点 is 41.9%
_SIGNS = {"difference": " − ", "sum": " + ", "share": " ÷ ", "ratio": " ÷ ", "part": " × ", "average": " ÷ "}


@dataclass(frozen=True, slots=True)
class Figure:
    """A written figure: `value` in its base unit (元, 人), `scale` the power of ten it was written in (8 for 亿).

    `unit` is the unit as written, `measure` what must agree before two figures are put together; `rough` where it was
    written as an approximation.
    """

    value: Decimal
    scale: str
    unit: str
    measure: tuple[str, str]
    rough: bool


def figure(text: str) -> Figure | None:
    """The figure that `text` is; None where it holds none or several, or a rank or a range."""
    found = quantities(text)
    if len(found) != 1 or found[0].kind == "rank" or found[0].low is not None:
        return None
    quantity, (start, end) = found[0], found[0].core
    arabic = _ARABIC.fullmatch(text[start:end].replace("百分之", ""))
    part = arabic or _SPOKEN.fullmatch(text[start:end])
    if part is None:
        return None
    scale, unit = part["scale"] or "", part["unit"].strip()
    if quantity.kind in ("percent", "multiple"):
        scale, unit, value = "", quantity.unit, Decimal(repr(quantity.value))
    elif arabic:
        value = Decimal(re.sub("[,，]", "", arabic["digits"])).scaleb(_SCALES.get(scale, 0))
    else:
        value = Decimal(repr(quantity.value))
    return Figure(value, scale, unit, (quantity.kind, quantity.unit), bool(quantity.approximation))


def calculated(operation: Operation, operands: Sequence[str]) -> str | None:
    """The result of `operation` on written figures, as it is written; None where units or numbers do not allow it.

    A difference takes all later operands from the first and a sum adds any number; both keep unit, scale and decimals
    of the operands. The others take two: the part and the whole (share, in per cent), a figure and what it is a
    multiple of (ratio, 倍), the new figure and the old one (growth, in per cent), a figure and the share of it (part), an
    amount and the number it is spread over (average), and are rounded to one decimal; of one share the rest is what 100% has besides.
    Percentages differ by 个百分点. A decline is negative; what was worked out from an approximation is 约.
    """
    figures = [made for made in map(figure, operands) if made is not None]
    if len(figures) != len(operands) or len(figures) < 1 + (operation != "rest"):
        return None
    if operation in ("part", "rest"):
        return _of_share(operation, figures)
    if operation == "average":
        return _average(figures)
    if operation in ("difference", "sum") and [one.measure for one in figures] == _SHIFTED:
        total = figures[0].value + (figures[1].value if operation == "sum" else -figures[1].value)
        return f"{_plain(total)}%" if total >= 0 else None
    if len({one.measure for one in figures}) > 1:
        return None
    made = _summed(operation, figures) if operation in ("difference", "sum") else _related(operation, figures)
    return made and _rough(figures) + made


def _rough(figures: Sequence[Figure]) -> str:
    return "约" if any(one.rough for one in figures) else ""


def _of_share(operation: Operation, figures: Sequence[Figure]) -> str | None:
    """What a share makes of a figure, or leaves of the whole."""
    share = figures[-1]
    if share.measure != ("percent", "%") or not 0 < share.value < _WHOLE or len(figures) != 1 + (operation == "part"):
        return None
    if operation == "rest":
        return f"{_rough(figures)}{_plain(_WHOLE - share.value)}%"
    whole = figures[0]
    if whole.measure[0] in ("percent", "multiple", "bare"):
        return None
    made = (whole.value * share.value / _WHOLE).scaleb(-_SCALES.get(whole.scale, 0))
    return _rough(figures) + _plain(_rounded(made)) + whole.scale + whole.unit


def _average(figures: Sequence[Figure]) -> str | None:
    """What of an amount falls to each of a number of things, in the greatest scale that leaves it at least 1."""
    if len(figures) != 1 + 1:
        return None
    amount, number = figures
    if amount.measure[0] in ("percent", "multiple", "bare") or number.measure[0] != "count" or number.value <= 0:
        return None
    made = amount.value / number.value
    usual = ("亿", "万", "")
    scale = next((one for one in usual if made >= Decimal(1).scaleb(_SCALES.get(one, 0))), "")
    return _rough(figures) + _plain(_rounded(made.scaleb(-_SCALES.get(scale, 0)))) + scale + amount.unit


def _summed(operation: Operation, figures: Sequence[Figure]) -> str:
    values = [one.value for one in figures]
    total = sum(values, Decimal(0)) if operation == "sum" else values[0] - sum(values[1:], Decimal(0))
    if figures[0].measure[0] == "percent" and operation == "difference":
        return f"{_plain(total)}个百分点"
    scales = sorted({one.scale for one in figures}, key=lambda scale: _SCALES.get(scale, 0))
    scale = next((s for s in reversed(scales) if abs(total) >= Decimal(1).scaleb(_SCALES.get(s, 0))), scales[0])
    return _plain(total.scaleb(-_SCALES.get(scale, 0))) + scale + figures[0].unit


def _related(operation: Operation, figures: Sequence[Figure]) -> str | None:
    """A share, ratio or growth of two figures; percentages of percentages mean nothing."""
    if len(figures) != 2 or figures[1].value <= 0 or (figures[0].measure[0] == "percent" and operation != "ratio"):
        return None
    quotient = figures[0].value / figures[1].value
    if operation == "ratio":
        return f"{_plain(_rounded(quotient))}倍"
    if operation == "share":
        return f"{_plain(_rounded(quotient * 100))}%" if quotient <= 1 else None
    return f"{_plain(_rounded((quotient - 1) * 100))}%"


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_TENTH, ROUND_HALF_UP)


def _plain(value: Decimal) -> str:
    """Without an exponent and without zeros behind the point."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def terms(formula: Formula) -> tuple[tuple[str, Evidence | None], ...]:
    """A formula in pieces, left to right: each operand with the evidence it stands in, what is between with None."""
    operands = list(formula.operands)
    if formula.operation == "growth":
        old = operands[1][0]
        pieces: list[tuple[str, Evidence | None]] = [("（", None), operands[0], (" − ", None), operands[1]]
        return (*pieces, (f"）÷ {old} = {formula.result}", None))
    pieces = [("100% − ", None), operands[0]] if formula.operation == "rest" else [operands[0]]
    for operand in operands[1:]:
        pieces += [(_SIGNS[formula.operation], None), operand]
    return (*pieces, (f" = {formula.result}", None))


def written(formula: Formula) -> str:
    """A formula as it is shown: 568.3亿元 − 127.5亿元 = 440.8亿元."""
    return "".join(text for text, _ in terms(formula))
