"""A noun, name or character of a claim in the place of another one of its quotes. Part of `rag.llm`.

国家数字服务基地    for 国家语言服务基地: what stands on both sides is the same
英、德、日等国      for a list without the last
业务流程外包        where only 知识流程外包 is spoken of
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from rag.read.label import content
from rag.tokens import cut, fold, tagged
from rag.types import Evidence

_ITEMS = re.compile("[\u4e00-\u9fff]{1,8}(?:、[\u4e00-\u9fff]{1,6})+(?=、|等|[和与及])")
_SIDE = 2  # characters on each side of a word that tell its place in a sentence
_CONTEXT = 3  # characters on each side of a single one
_LINKING = frozenset("为是有达到至在居共计超近约")
_HAN = re.compile("[\u4e00-\u9fff]")
_TOGETHER = 3  # words that may stand there together
_FILLER = 8  # the longest word that may stand there instead


def unlisted(text: str, row: Sequence[Evidence]) -> str:
    """An item of a list in `text` that has a noun or name which stands in none of the quotes nor above them."""
    held = fold("".join((*(one.quote for one in row), *(part for one in row for part in one.above))))
    for found in _ITEMS.finditer(fold(text)):
        first, *items = found.group().split("、")
        for word in (cut(first)[-1], *(word for item in items for word in cut(item))):
            if word in (first, *items) and len(word) == 1 and not re.search(f"、{word}|{word}、", held):
                return word  # 日 of 英、美、日: nowhere in a list there
            if word not in held and (content(word) or tagged(word) in ("vn", "ns")):
                return word
    return ""


def of_another_kind(text: str, whole: str, above: str = "") -> str:
    """A noun before another one (业务|流程) where the quotes have the second only behind nouns that `text` has not (知识|流程).

    What the headings `above` name may stand for another (越洋供应链总经理 for 该公司总经理).
    """
    said, held = _short_words(text), _short_words(whole)
    for first, second in pairwise(said):
        if not (_noun(first) and _noun(second)) or first + second in whole or first in above:
            continue
        if re.search(f"{re.escape(first)}[^，。；]{{1,{_FILLER}}}{re.escape(second)}", whole):
            continue  # told more shortly: 信息[服务]产业链, 甲类[、乙类]产品
        others = [one for one, other in pairwise(held) if other == second]
        if (
            others
            and first in whole
            and all(len(one) > 1 and tagged(one)[:1] in ("n", "v") and one not in text for one in others)
        ):
            return first + second
    return ""


def _short_words(text: str) -> list[str]:
    """The words of `text`, those of four characters as two where both are words (业务流程)."""
    made: list[str] = []
    for word in cut(text):
        halves = [word[:2], word[2:]]
        made += halves if len(word) == 2 * _SIDE and all(map(tagged, halves)) else [word]
    return made


def _noun(word: str) -> bool:
    return len(word) > 1 and tagged(word) in ("n", "nz", "l")


def put_in(text: str, whole: str, above: str = "") -> str:
    """A noun or name of `text` in the place of another: what stands on both sides of it stands so around another in the quotes.

    What is named in the headings `above` may stand for what the quotes call 公司 or 该市.
    """
    words = cut(text)
    starts = [sum(map(len, words[:i])) for i in range(len(words) + 1)]
    for i in range(len(words)):
        for j in range(i + 1, min(i + _TOGETHER, len(words)) + 1):
            place = tagged(words[i]) == "ns" and j == i + 1
            if not place and not all(content(word) and word not in whole for word in words[i:j]):
                continue
            own = text[starts[i] : starts[j]]
            left, right = text[max(0, starts[i] - _SIDE) : starts[i]], text[starts[j] : starts[j] + _SIDE]
            if own in above:
                continue
            if len(left) == len(right) == _SIDE and _other_between(left, own, right, whole, place, text):
                return own
    return ""


def _other_between(left: str, own: str, right: str, whole: str, place: bool, text: str) -> bool:
    """Whether between `left` and `right` the quotes have another noun than `own`, another place for a place."""
    if left + own + right in whole:
        return False
    found = re.search(f"{re.escape(left)}(?P<other>[^，。；、“”]{{1,{_FILLER}}}?){re.escape(right)}", whole)
    others = [word for word in cut(found["other"]) if word not in text] if found else []
    return any(tagged(word) == "ns" if place else content(word) for word in others) and own not in (found or [""])[0]


def altered(text: str, whole: str) -> str:
    """The part of `text` that the quotes have with another character in its middle (远航 for 远帆, 第一 for 第三医院)."""
    for at in range(_CONTEXT, len(text) - _CONTEXT):
        left, own, right = text[at - _CONTEXT : at], text[at], text[at + 1 : at + 1 + _CONTEXT]
        if _HAN.match(own) and left + own + right not in whole:
            found = re.search(f"{re.escape(left)}([\u4e00-\u9fff]){re.escape(right)}", whole)
            # 其中海上风电2万千瓦，陆上风电6万千瓦: both are told, in another order
            both = found and own + right in whole and found[1] + right in text
            if found and not both and _differ(own, found[1]):
                return left + own + right
    return ""


def _differ(own: str, other: str) -> bool:
    """Whether two characters may name different things: not two verbs (开工, 动工), nor such as sentences are made with."""
    tags = tagged(own)[:1], tagged(other)[:1]
    return own not in _LINKING and not any(tag in "pucdryf" for tag in tags) and tags != ("v", "v")
