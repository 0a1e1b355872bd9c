"""What a figure is of, by the words of its clause: `elsewhere(words, quote, figure)`. Used by slots and by the language model's gate.

承接信息技术外包（ITO）3735.6亿元，承接业务流程外包（BPO）1590.6亿元
BPO stands at the second figure and not at the first: a question or claim about BPO does not mean the first
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from rag.periods import periods
from rag.quantities import Quantity, quantities
from rag.read.align import Aligned, aligned
from rag.read.words import words
from rag.tokens import cut, fold, tagged

_BREAK = re.compile("[，。；！？、：,;:（）()]")
_CLAUSE = re.compile("[，。；！？、：,;:]")
_CONTENT = ("n", "s", "f", "j", "l", "")  # tags of nouns, places, sides, abbreviations, phrases, and of no word known
# what stands before a figure and does not say what it is of
_GOES_ON = re.compile(
    "[同环]比|[上去前今]年|同[期月]|年[初底末]|增[长加幅]|上[升涨]|提[高升]|下[降跌滑]|减少|回落|缩[短小]|延长|扩大|[涨降跌]幅"
    "|其中|此外|平均|达到|超过|[较比增减升降涨跌多少高低达为是占约近超仅只至到的了由从也则均都又与年月日]"
)
_HAN = re.compile("[\u4e00-\u9fff]+")
_LINKED = re.compile("[为达占是有约近超共至到了]+$")  # between what a figure is of and the figure
_BRIEF = 3  # characters
_FEW = 10  # a number written in characters up to it may be no figure but an article


def content(word: str) -> bool:
    """Whether a word names something: what verbs, adverbs and numbers do not."""
    return tagged(word)[:1] in _CONTENT and word.isalnum() and not word.isdigit()


@lru_cache(maxsize=4096)
def figures(text: str) -> tuple[Quantity, ...]:
    """The figures of a text that are no dates, ranks or articles (三项工程)."""
    dated = [(p.start, p.end) for p in periods(text)]
    return tuple(
        q for q in quantities(text)
        if q.kind != "rank" and not any(a <= q.start < b for a, b in dated) and (q.text[0].isascii() or q.value > _FEW)
    )  # fmt: skip


def elsewhere(
    label: Sequence[str], quote: str, figure: Quantity, telling: Callable[[str], bool] = content
) -> list[str]:
    """The words of `label` (folded) that stand in `quote` at other figures of the kind and not at `figure`; a 分别 list decides.

    What stands before the first of these figures is said of all.
    """
    folded = fold(quote)
    pair = listed(quote, figure)
    if pair:
        own, others = folded[slice(*pair.own)], [_item(folded, other) for other in pair.others]
        named = [word for word in label if any(word in other for other in others)]
        own_too = any(word in own for word in label if not all(word in other for other in others))
        return [] if own_too else named
    like = [one for one in figures(quote) if (one.kind, one.unit) == (figure.kind, figure.unit)]
    mine = zone(folded, figure)
    theirs = [zone(folded, one) for one in like if one.start != figure.start]
    shared = _shared(folded, figure, like)
    return [
        word for word in label
        if word not in mine and word not in shared and telling(word) and any(word in other for other in theirs)
    ]  # fmt: skip


def _item(folded: str, item: tuple[int, int]) -> str:
    """What tells an item of a list from the others; of one with a figure of its own (承接离岸合同额11825亿元) the words for that alone."""
    start, end = item
    inside = [one for one in figures(folded[start:end]) if one.end == end - start]
    return folded[start + subject_end(folded[start:end], inside[0]) : end] if inside else folded[start:end]


def _shared(folded: str, figure: Quantity, like: Sequence[Quantity]) -> str:
    """What of a quote is said of all its figures: what stands before the first, and for one with a mere word (执行额8018亿元) its subject."""
    first = min(like, key=lambda one: one.start, default=figure)
    return folded[: shared_end(folded, first, figure) or zone_start(folded, first)]


def shared_end(text: str, earlier: Quantity, figure: Quantity) -> int:
    """Where what is said of a figure as well as of one of the kind before it ends, 0 where nothing is.

    What the whole is of, its parts are of (共有门店21家，其中城东6家); one with a mere word goes on with the subject.
    """
    if earlier.start >= figure.start:
        return 0
    if "其中" in text[earlier.end : figure.start]:
        return earlier.start
    return subject_end(text, earlier) if brief(text, figure) else 0


def brief(text: str, figure: Quantity) -> bool:
    """Whether a figure's clause has next to nothing before it (其中新建7个), so that it goes on with the subject before."""
    return len("".join(_HAN.findall(_GOES_ON.sub("", text[zone_start(text, figure) : figure.start])))) <= _BRIEF


def subject_end(text: str, figure: Quantity) -> int:
    """Where what a figure is of ends and the word for the figure itself (合同额) begins."""
    start = zone_start(text, figure)
    before = _LINKED.sub("", text[start : figure.start])
    return start + len(before) - len((cut(before) or [""])[-1])


def own(label: Sequence[str], quote: str, figure: Quantity) -> list[str]:
    """The words of `label` that stand in the clause of `figure` and at no other figure of the kind."""
    folded = fold(quote)
    others = [
        zone(folded, one) for one in figures(quote)
        if one.start != figure.start and (one.kind, one.unit) == (figure.kind, figure.unit)
    ]  # fmt: skip
    mine = zone(folded, figure)
    return [word for word in label if word in mine and not any(word in other for other in others)]


def listed(quote: str, figure: Quantity) -> Aligned | None:
    """The item that a list with 分别 gives a figure of a text to, None where the figure stands in no such list."""
    return next((one for one in _lists(quote) if one.start <= figure.core[0] < one.end), None)


@lru_cache(maxsize=2048)
def _lists(quote: str) -> tuple[Aligned, ...]:
    return aligned(words(quote)) if "分别" in quote or "依次" in quote else ()


def zone(text: str, figure: Quantity) -> str:
    """The clause that a figure stands in, with those before it whose subject it goes on with (……余额31.7亿元，减少4.6亿元)."""
    end = _BREAK.search(text, figure.end)
    return text[zone_start(text, figure) : end.start() if end else len(text)]


def zone_start(text: str, figure: Quantity) -> int:
    """Where the zone of a figure begins."""
    starts = [0, *(match.end() for match in _CLAUSE.finditer(text, 0, figure.start))]
    for start in reversed(starts):
        if _subject(text[start : figure.start]) or text[start - 1 : start] not in "，,":
            return start
    return 0


@lru_cache(maxsize=4096)
def _subject(before: str) -> bool:
    """Whether what stands before a figure in its clause says what it is of, and not only how it changed."""
    return bool(re.search("[\u4e00-\u9fff]{2,}|[a-z]{2,}", _GOES_ON.sub(" ", before)))
