"""What a question puts side by side: `coordination("2021年和2022年的产量")`. Used by plan.

    text -> units (periods, ranks, quotations, Latin, words) -> the best parallel run on both sides of 和, 与, 、 ...

Nothing is looked up in a list of phrases: two items belong together when their units are of the same kinds, their
characters agree at either end (男单, 女单; 冬奥会, 冬残奥会), they are of like length and end where something begins.
What stands before and after them is shared.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

from rag.periods import periods
from rag.quantities import quantities
from rag.tokens import cut, tagged

JOINERS = frozenset("、 和 与 及 以及 跟 还有".split())
_KEPT = re.compile(r"《[^》]*》|“[^”]*”|「[^」]*」|[A-Za-z][A-Za-z0-9.+-]*")
_ASKING = re.compile("谁|哪|[什甚]么|啥|多少|几[个家年月号位]|何|怎|为什么|分别|各")
# Words before which, or behind which, an item ends.
_STEPS = frozenset("是 为 有 在 到 由 被 都 均 时 各 叫 来自 对 向 从".split())
_NUMERALS = "0123456789零一二三四五六七八九十百"
_NAMES = frozenset("ns nt nr nz nrt j".split())
_FIXED = ("period", "rank", "quoted")
PARALLEL = 1.5
"""How parallel items must be, as `_likeness` counts, where the form of the question says that there are several."""
_LONGEST = 6  # units of an item
_ALIKE = 2  # characters that two words for one measure begin with
_HEAD = 3  # units of what each of two things has (营业收入)
_WHOLE = 0.4  # for all that stands after 的, against a part of it: 的发布时间和处理器 is not of 时间


@dataclass(frozen=True, slots=True)
class Unit:
    """A word or protected run of a question, `text[start:end]`, and what kind of thing it is."""

    start: int
    end: int
    text: str
    kind: str

    @property
    def fixed(self) -> bool:
        """Whether the form alone says what it is: a period, a rank, a title."""
        return self.kind.startswith(_FIXED)


@dataclass(frozen=True, slots=True)
class Coordination:
    """Parallel `items` that together take `text[start:end]`.

    `kind` is that of the last unit of the first, `score` how parallel they are; see `_likeness`.
    """

    start: int
    end: int
    items: tuple[str, ...]
    kind: str
    score: float

    @property
    def fixed(self) -> bool:
        """Whether the form alone says what the items are."""
        return self.kind.startswith(_FIXED)

    def spread(self, text: str) -> tuple[str, ...]:
        """`text` once for each item, with that item alone."""
        return tuple(text[: self.start] + item + text[self.end :] for item in self.items)


def coordinations(text: str, joiners: frozenset[str] = JOINERS) -> list[Coordination]:
    """The runs of parallel items in `text`, the most parallel first; each joint is used once."""
    cuts = units(text)
    joints = [k for k, unit in enumerate(cuts) if unit.text in joiners]
    made = _owned(text, cuts, joints)
    for chain in _chains(joints):
        whole = _best(text, cuts, chain)
        made += [whole] if whole else [found for k in chain if (found := _best(text, cuts, [k]))]
    return sorted(made, key=lambda found: -found.score)


def _owned(text: str, cuts: Sequence[Unit], joints: Sequence[int]) -> list[Coordination]:
    """Two things with the same of each, if there are any: 甲公司的营业额 and 乙公司的营业收入."""
    made = []
    for k in joints:
        ofs = [i for i, unit in enumerate(cuts) if unit.kind == "of"]
        before, after = [i for i in ofs if i < k], [i for i in ofs if i > k]
        if not before or not after or k - before[-1] > _HEAD + 1:
            continue
        head = cuts[before[-1] + 1 : k]
        shared = [
            i for i in range(before[-1]) if cuts[i].kind in ("mark", "of") or (cuts[i].fixed and not cuts[k + 1].fixed)
        ]
        start = shared[-1] + 1 if shared else 0
        for end in range(after[0] + 2, min(len(cuts), after[0] + 1 + len(head) + 1) + 1):
            other = cuts[after[0] + 1 : end]
            said = ["".join(unit.text for unit in part) for part in (head, other)]
            same = _shared(*said) >= min(_ALIKE, len(said[0]))  # 营业额, 营业收入
            if (same or _likeness(head, other) >= PARALLEL + 1) and start < before[-1] and k + 1 < after[0]:
                items = (text[cuts[start].start : cuts[k - 1].end], text[cuts[k + 1].start : cuts[end - 1].end])
                made.append(Coordination(cuts[start].start, cuts[end - 1].end, items, "name", 3.0))
                break
    return made


def counterpart(text: str, item: str) -> tuple[int, int] | None:
    """The run of `text` that is most like `item`, which is compared with it; None where nothing is."""
    cuts, wanted = units(text), units(item)
    best, place = 2.0, None
    for i in range(len(cuts)):
        for j in range(i + 1, min(len(cuts), i + _LONGEST) + 1):
            score = _likeness(cuts[i:j], wanted)
            if score > best:
                best, place = score, (cuts[i].start, cuts[j - 1].end)
    return place


def _chains(joints: Sequence[int]) -> list[list[int]]:
    """Joints in a row with at most an item between them: A、B和C has one chain of two joints."""
    chains: list[list[int]] = []
    for k in joints:
        if chains and k - chains[-1][-1] <= _LONGEST + 1:
            chains[-1].append(k)
        else:
            chains.append([k])
    return chains


def _best(text: str, cuts: Sequence[Unit], chain: Sequence[int]) -> Coordination | None:
    """The first and the last item of a chain that fit each other and those between them best."""
    between = [cuts[a + 1 : b] for a, b in pairwise(chain)]
    best: Coordination | None = None
    highest = 0.0
    for i in range(chain[0] - 1, max(-1, chain[0] - 1 - _LONGEST), -1):
        for j in range(chain[-1] + 2, min(len(cuts), chain[-1] + 1 + _LONGEST) + 1):
            items = [cuts[i : chain[0]], *between, cuts[chain[-1] + 1 : j]]
            again = f"的{text[cuts[i].start : cuts[chain[0] - 1].end]}" in text[cuts[j - 1].end :]
            if again:  # 大的企业和小的企业: the whole of both is meant, not 企业
                continue
            score = min(_likeness(a, b) for a, b in pairwise(items)) + _bordered(cuts, i, j)
            whole = _WHOLE if i and cuts[i - 1].kind == "of" else 0.0
            if score > 0 and score + whole > highest:
                highest = score + whole
                spans = tuple(text[item[0].start : item[-1].end] for item in items)
                best = Coordination(cuts[i].start, cuts[j - 1].end, spans, items[0][-1].kind, score)
    return best


def _likeness(a: Sequence[Unit], b: Sequence[Unit]) -> float:
    """How parallel two items are: 0 for nothing in common but being words, 6 for two years; negative if they cannot be."""
    if not a or not b or any(unit.kind in ("mark", "asking", "of", "joiner") for unit in (*a, *b)):
        return -9.0
    first, second = ("".join(unit.text for unit in item) for item in (a, b))
    if first.startswith(second) or second.startswith(first):
        return -9.0
    kinds = [unit.kind for unit in a], [unit.kind for unit in b]
    if any(unit.fixed for unit in (*a, *b)):
        return 5.0 if kinds[0] == kinds[1] else -9.0
    score = 2.0 if kinds[0] == kinds[1] else 1.0 if kinds[0][-1] == kinds[1][-1] else 0.25
    shared = max(_shared(first, second), _shared(first[::-1], second[::-1]))
    alike = min(1.5, 0.75 * shared) if shared or len(a) + len(b) > 2 else 0.5 * bool(set(first) & set(second))
    return score + alike + (0.5 if len(first) == len(second) else -0.25 * abs(len(first) - len(second)))


def _shared(a: str, b: str) -> int:
    """How many characters two texts begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False)))


def _bordered(cuts: Sequence[Unit], i: int, j: int) -> float:
    """How naturally the items begin at unit `i` and end before unit `j`."""
    before, after = cuts[i - 1] if i else None, cuts[j] if j < len(cuts) else None
    left = before is None or before.fixed or before.kind in ("mark", "of", "asking") or before.text in _STEPS
    right = after is None or after.fixed or after.kind in ("mark", "of", "asking") or after.text in _STEPS
    moved = after is not None and after.kind == "v"
    return 0.75 * left + (0.75 if right else 0.35 if moved else 0.0)


def units(text: str) -> list[Unit]:
    """`text` cut into units, without blanks."""
    made: list[Unit] = []
    at = 0
    for start, end, kind in (*_kept(text), (len(text), len(text), "")):
        for word in cut(text[at:start]):
            made.append(Unit(at, at + len(word), word, _kind(word)))
            at += len(word)
        if kind:
            made.append(Unit(start, end, text[start:end], kind))
        at = end
    return _whole_words([unit for unit in made if unit.text.strip()])


def _whole_words(cuts: Sequence[Unit]) -> list[Unit]:
    """Single nouns that the dictionary did not put together (线 上) as one."""
    made: list[Unit] = []
    for unit in cuts:
        last = made[-1] if made else None
        if last and last.end == unit.start and last.kind == unit.kind == "n" and len(last.text) == len(unit.text) == 1:
            made[-1] = Unit(last.start, unit.end, last.text + unit.text, "n")
        else:
            made.append(unit)
    return made


def _kept(text: str) -> list[tuple[int, int, str]]:
    """The runs of `text` that are not cut, in order, with their kinds."""
    spans = [(p.start, p.start + len(p.text.rstrip("的")), _grain(p.text)) for p in periods(text)]
    spans += [(q.start, q.end, f"rank {q.text[-1].strip(_NUMERALS)}") for q in quantities(text) if q.kind == "rank"]
    for match in _KEPT.finditer(text):  # EMNLP2022 is a name and a year
        inside = [start for start, _, _ in spans if match.start() < start < match.end()] if match[0].isascii() else []
        spans.append((match.start(), min([match.end(), *inside]), "latin" if match[0].isascii() else "quoted"))
    made: list[tuple[int, int, str]] = []
    for span in sorted(spans, key=lambda s: (s[0], -s[1])):
        if not made or span[0] >= made[-1][1]:
            made.append(span)
    return made


def _grain(period: str) -> str:
    """The kind of a period: periods of one kind stand side by side (2021 and 2022年, not 2021年 and 5月3日)."""
    marks = re.sub(r"[\d〇零一二三四五六七八九十\s]", "", period.rstrip("的")).replace("年度", "年")
    return f"period {marks or '年'}"


def _kind(word: str) -> str:
    if word in JOINERS:
        return "joiner"
    if not any(c.isalnum() for c in word):
        return "mark"
    if word == "的":
        return "of"
    if _ASKING.search(word):
        return "asking"
    tag = tagged(word)
    if tag in _NAMES:
        return "name"
    return {"vn": "n", "an": "n", "nz": "n", "t": "n", "l": "n", "s": "n", "f": "n"}.get(tag, tag[:1])
