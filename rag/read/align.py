"""Which value goes to which subject: "离岸、在岸执行额分别增长15.9%、25.4%". Used by the pool.

A sentence with 分别 (or 依次, 各) pairs the items named before it with the values after it, in order, when there are
as many of one as of the other.
"""

import re
from dataclasses import dataclass

from rag.read import words as w
from rag.read.words import Words

_VALUES = frozenset({w.MONEY, w.PERCENT, w.MULTIPLE, w.AMOUNT, w.COUNT, w.BARE, w.PERIOD})
_CUE = re.compile("分别|依次")
_JOINT = re.compile("[、，,]|和|与|及|以及")


@dataclass(frozen=True, slots=True)
class Aligned:
    """The value at characters `[start, end)` belongs to the item at `own`; `others` are the items it does not belong to."""

    start: int
    end: int
    own: tuple[int, int]
    others: tuple[tuple[int, int], ...]


def aligned(words: Words) -> tuple[Aligned, ...]:
    """The pairings of all sentences of a text."""
    made: list[Aligned] = []
    for cue in _CUE.finditer(words.text):
        at = int((words.starts <= cue.start()).sum()) - 1
        inside = [i for i in range(len(words.starts)) if words.sentences[i] == words.sentences[at]]
        values = [i for i in inside if words.starts[i] >= cue.end() and int(words.tags[i]) in _VALUES]
        values = _same_kind(values, words)
        if len(values) < 2:
            continue
        items = _items(words, int(words.starts[inside[0]]), cue.start(), len(values))
        if items:
            made += [
                Aligned(int(words.starts[v]), int(words.ends[v]), item, tuple(o for o in items if o != item))
                for v, item in zip(values, items, strict=True)
            ]
    return tuple(made)


def _same_kind(values: list[int], words: Words) -> list[int]:
    """The first run of values of one kind."""
    kept: list[int] = []
    for i in values:
        if kept and words.tags[i] != words.tags[kept[0]]:
            break
        kept.append(i)
    return kept


def _items(words: Words, start: int, end: int, count: int) -> list[tuple[int, int]]:
    """The last `count` items named in `text[start:end]`, [] where there are fewer."""
    bounds = [start, *(m.end() for m in _JOINT.finditer(words.text, start, end)), end]
    stops = [*(m.start() for m in _JOINT.finditer(words.text, start, end)), end]
    items = [(a, b) for a, b in zip(bounds[:-1], stops, strict=True) if b - a >= 2]
    return _trimmed(items[-count:]) if len(items) >= count else []


def _trimmed(items: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The items without what the first or last one says for all: 离岸、在岸(服务外包执行额); (示范城市)合同额、执行额."""
    first, last = items[0], items[-1]
    longest = max(b - a for a, b in items[1:-1] or [min(first, last, key=lambda item: item[1] - item[0])])
    if last[1] - last[0] > 1.5 * longest:
        items = [*items[:-1], (last[0], last[0] + longest)]
    if first[1] - first[0] > 1.5 * longest:
        items = [(first[1] - longest - 3, first[1]), *items[1:]]  # numerals differ in length
    return items
