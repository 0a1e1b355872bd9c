"""What a claim gives as a cause that the quotes do not: `miscaused(text, quotes)`. Part of `rag.llm`.

因为停业，客流减少        for 客流减少，停业……: cause and effect the other way round
班额上升是因为班级合并    for 班额上升，主要是学位建设慢: another cause
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.tokens import fold, han_pairs

_PART = "[^，。；：,;:\n]"
_LINK = "因为|由于|缘于|源于|得益于|受益于|归因于|归功于|(?:主要)?原因(?:是|在于|为|包括)"
_MADE = "导致|造成|引发|促成|使得|促使|致使|拉低|拉高|推高"
_NOT = "(?<!不是)(?<!并非)(?<!不)"
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"(?:^|[，。；：,;:\n])(?:因为|由于|受益于|得益于|鉴于|因)(?P<cause>{_PART}+)[，,](?P<effect>{_PART}+)",
        rf"(?:^|[，。；：,;:\n])受(?P<cause>{_PART}+?)(?:影响|带动|推动|拉动|拖累)[，,]?(?P<effect>{_PART}+)",
        rf"(?P<effect>{_PART}+?)[则也]?受(?P<cause>{_PART}+?)(?:影响|带动|推动|拉动|拖累)",
        rf"因(?P<cause>{_PART}+?)而(?P<effect>{_PART}+)",
        rf"(?P<cause>{_PART}+)[，,]?(?:这也?|此)?是(?:造成|导致)?(?P<effect>{_PART}+?)的(?:主要|直接|重要|首要)?(?:原因|主因)",
        rf"(?P<effect>{_PART}+)[，,]?(?:主要|正|都|也)?{_NOT}是(?:由|受)?(?P<cause>{_PART}+?)(?:造成|导致|引起|所致|促成)的?",
        rf"(?P<effect>{_PART}+)[，,]?{_NOT}(?:{_LINK})(?P<cause>{_PART}+)",
        rf"(?P<cause>{_PART}+)[，,]?[也就]?(?:{_MADE})了?(?P<effect>{_PART}+)",
    )
)
# what a source may say besides, that a claim calls a cause
_LOOSE = tuple(
    re.compile(form)
    for form in (
        rf"(?P<effect>{_PART}+)[，,]?(?:主要)?(?:来自|系)(?P<cause>{_PART}+)",
        rf"(?:^|[，。；：,;:\n])随着(?P<cause>{_PART}+)[，,](?P<effect>{_PART}+)",
        rf"(?P<cause>{_PART}+)[，,]?(?:带动|推动|带来|从而|因此|因而|所以)了?(?P<effect>{_PART}+)",
    )
)
_LEAST = 2  # pairs of characters that tell what is meant
_UNTOLD = 7  # pairs of an effect that may be no more than 年报认为主要
_MOST = 0.5  # of the pairs of a cause or effect that stand in a sentence
_TOLD = re.compile("[此这该其上]|以[上下]|[两三四五几](?:点|个?方面|大)")  # causes told elsewhere: 此, 这些因素, 两点
_THIS = re.compile("这样|如此")
_DENIES = re.compile("无关|并非|不是|而非")
_SAME = 4  # characters behind 因 that are the source's


@dataclass(frozen=True, slots=True)
class Cause:
    """What a text says follows from what, as pairs of characters."""

    cause: frozenset[str]
    effect: frozenset[str]
    text: str
    result: str


def miscaused(text: str, quotes: Sequence[str]) -> str:
    """The cause that `text` gives and no quote does, or gives the other way round; "" for none."""
    held = [one for quote in quotes for one in _causes(quote, (*_FORMS, *_LOOSE))]
    said = next((one for one in _causes(text, _FORMS) if one.cause and not _TOLD.match(one.text)), None)
    if said is None or any(_borne(said, one) for one in held):
        return ""
    whole = fold("".join(quotes))
    if f"因{said.text[:_SAME]}" in whole:
        return ""
    # what stands side by side in one sentence, which names no other cause, may be told as cause and effect
    other = any(_shares(said.effect, one.effect) or _shares(said.effect, one.cause) for one in held)
    return "" if not other and any(_in_turn(said, fold(quote)) for quote in quotes) else said.text


def _in_turn(said: Cause, quote: str) -> bool:
    """Whether a quote has the cause, and behind it the effect, and nothing that may deny it."""
    pairs = han_pairs(quote)
    if _DENIES.search(quote) or not _shares(said.cause, pairs):
        return False
    if _THIS.search(said.result):
        return True
    if not _shares(said.effect, pairs):
        return False
    first, later = (
        [quote.index(pair) for pair in pairs if pair in quote] for pairs in (said.cause - said.effect, said.effect - said.cause)
    )  # fmt: skip
    return bool(first and later) and sum(first) / len(first) < sum(later) / len(later)


def _shares(some: frozenset[str], pairs: frozenset[str]) -> bool:
    """Whether most of `some` are among `pairs`."""
    return len(some & pairs) >= _MOST * len(some)


def _borne(said: Cause, held: Cause) -> bool:
    """Whether a source gives a cause that a text gives; what it is the cause of may be told by 这 or left out."""
    cause, effect = len(said.cause & held.cause), len(said.effect & held.effect)
    crossed = len(said.cause & held.effect) + len(said.effect & held.cause)
    told = effect > 0 or len(said.effect) < _UNTOLD
    return told and cause > 0 and max(cause, effect) >= _LEAST and cause + effect > crossed


def _causes(text: str, forms: Sequence[re.Pattern[str]]) -> Iterator[Cause]:
    folded = fold(text)
    for form in forms:
        for found in form.finditer(folded):
            yield Cause(han_pairs(found["cause"]), han_pairs(found["effect"]), found["cause"].strip(), found["effect"])
