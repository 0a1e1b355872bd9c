"""How a claim says that something changed, against the quotes: `changed`, `turned_round`. Part of `rag.llm`.

增加了14015亿元     for an amount of that size; 常年的四成 for 比常年少四成
由9.7%升至11.2%     for 从11.2%降至9.7%
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from rag.llm.person import QUOTED
from rag.quantities import Quantity, quantities, same
from rag.read.label import figures

_CHANGED = re.compile(r"(?:增长|增加|上升|上涨|提高|下降|减少|下跌|回落)(?:了|至|到|约|近|超)*$")
_CHANGES = re.compile(
    r"(?:增长|增加|上升|上涨|提高|提升|攀升|下降|减少|下跌|回落)(?![值额])|[增升降减涨跌](?=[至到为\d])|[较比][^，。；]*[多少高低]$"
)
_PART_OF = re.compile("(?:只有|仅有?|相当于|是|为|占)[^，。；]{1,10}的(?:约|近|大约)?$")
BY = re.compile(
    "(?:增长|增加|上升|上涨|提高|提升|扩大|缩小|缩短|延长|下降|减少|下跌|回落|多|少|高|低|增|减|降|升|涨)(?:出|了|近|约|超过|超|逾)*$"
)
"""What stands before a figure that says by how much something changed or differs."""
_FROM = re.compile("[由从][^，。；]{0,12}$")
_TO = re.compile("[^，。；\\d]{0,8}[到至为成]了?约?")
_LAST_YEAR = re.compile("[，（(]?(?:较|比|低于|高于)?(?:上年|去年|上一?[年届季])(?:同期)?(?:为|是|的)?")


def turned_round(text: str, quotes: Sequence[str]) -> str:
    """A change of `text` (由9.7%升至11.2%, 由“增持”上调至“买入”) that the quotes give from its end to its beginning."""
    held = [pair for quote in quotes for pair in _from_to(quote)]
    return next((new for old, new in _from_to(text) if (new, old) in held and (old, new) not in held), "")


def _from_to(text: str) -> list[tuple[str, str]]:
    """What changed from what to what: figures by value and unit, words in quotation marks."""
    ends = [(q.start, q.end, f"{q.value:g}{q.unit}") for q in quantities(text) if q.kind not in ("rank", "bare")]
    ends += [(m.start(), m.end(), m["name"]) for m in QUOTED.finditer(text)]
    made = []
    for (start, end, first), (begin, _, second) in pairwise(sorted(ends)):
        between = text[end:begin]
        if _FROM.search(text[:start]) and _TO.fullmatch(between):
            made.append((first, second))
        elif _LAST_YEAR.fullmatch(between):
            made.append((second, first))
    return made


def begins(text: str, figure: Quantity) -> bool:
    """Whether a change begins at a figure of `text` (由9.7%升至11.2%): it is of an earlier time."""
    return bool(_FROM.search(text[: figure.start]) and _TO.match(text[figure.end :]))


def ends(text: str, figure: Quantity) -> bool:
    """Whether a change ends at a figure of `text`."""
    before = [one for one in quantities(text) if one.end <= figure.start]
    return bool(before) and begins(text, before[-1])


def changed(text: str, quotes: Sequence[str]) -> str:
    """A figure that `text` gives as a change and the quotes as an amount, or as a part (常年的四成) and they as a change (少四成)."""
    for figure in quantities(text):
        change, part = _CHANGED.search(text[: figure.start]), _PART_OF.search(text[: figure.start])
        holding = [(quote, held) for quote in quotes for held in figures(quote) if equal(figure, held)]
        if change and holding and not any(_CHANGES.search(quote[: held.start]) for quote, held in holding):
            return figure.text
        if part and holding and all(BY.search(quote[: held.start]) for quote, held in holding):
            return figure.text
    return ""


def equal(one: Quantity, other: Quantity) -> bool:
    """Whether two figures are of one kind, unit and value."""
    return one.kind == other.kind and one.unit == other.unit and same(one, other)
