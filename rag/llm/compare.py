"""Comparisons that a claim makes, against its own figures and the quotes: `compared(text, whole)`. Part of `rag.llm`.

增长12%，快于包装纸的4.5%    holds by its figures
甲市多于乙市                  where the quotes compare the two the other way round, or not at all
"""

import re

from rag.quantities import quantities
from rag.read.label import figures
from rag.tokens import cut

COMPARES = re.compile(
    r"(?:高于|低于|快于|慢于|多于|少于|大于|小于|强于|好于|不及|领先于|落后于|超过)(?![\d一二两三四五六七八九十百千万])|比[^，。；]{1,20}?(?:更|还)?(?:高|低|多|少|快|慢|大|小|长|短)(?![出了]?\d)"
)
"""What compares two things."""
_LESSER = re.compile("低|慢|少|小|短|不及|落后")
_BREAK = re.compile("[，。；！？、：,;:（）()]")
_NEAR = 12  # characters behind a comparison in which the lesser thing is named
_FAR = 20  # characters before one in which the figure of its first thing stands


def compared(text: str, whole: str) -> str:
    """A comparison of two things that the quotes do not make, or make the other way round."""
    for found in COMPARES.finditer(text):
        order = _in_order(text, found)
        if order is not None:
            if not order:
                return found.group()
            continue
        if quantities(text[found.end() : found.end() + 8])[:1] and text[found.end() : found.end() + 1] not in "的，":
            continue  # 多10家: a figure, which is held against the quotes by itself
        left = {word for word in cut(_clause(text[: found.start()])) if len(word) > 1}
        right = {word for word in cut(text[found.end() :]) if len(word) > 1}
        made = [
            match for match in COMPARES.finditer(whole)
            if match.group()[-1] == found.group()[-1]
            and not any(word in whole[match.end() : match.end() + _NEAR] and word not in _clause(whole[: match.start()]) for word in left - right)
        ]  # fmt: skip
        if not made:
            return found.group()
    return ""


def _in_order(text: str, found: re.Match[str]) -> bool | None:
    """Whether the figures on both sides of a comparison are as it says, None where there are not two of a kind.

    The greater one stands before 高于 and the like, the lesser before 低于; in 比43元低 the second stands inside.
    """
    before = [q for q in figures(text[: found.start()]) if found.start() - q.end <= _FAR]
    inside = figures(found.group())
    after = inside or [
        q for q in figures(text[found.end() :]) if not _BREAK.search(text[found.end() : found.end() + q.start])
    ]
    if not before or not after or (before[-1].kind, before[-1].unit) != (after[0].kind, after[0].unit):
        return None
    left, right = before[-1].value, after[0].value
    return left < right if _LESSER.search(found.group()) else left > right


def _clause(before: str) -> str:
    """What stands before a place since the last break."""
    return _BREAK.split(before)[-1]
