"""Sources that do not agree, asked about openly: `dispute(question)`, `compared(...)`. Beside reckon and derive.

    有的写22%有的写22.6%，哪个对       the figures named are looked up, each with its sentence, source and date
    两篇报道的数字对不上               all figures of what is asked for, each once
    几篇稿子写得不一样                 what other sources answer

All sides are shown. One is preferred only by a rule: the exact figure before the rough one, the later document before the
earlier one where both are of one period.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rag.arithmetic import figure
from rag.figures import Mention, clauses, fitting, mentions, sought
from rag.quantities import EXACT, Quantity, quantities, same
from rag.question import Question
from rag.types import BY_RULE, Answer, Hit

_SOURCES = "(?:材料|报道|文章|稿子?|资料|文件|地方|人|新闻|来源|媒体|篇|处|份|个)"
_REPORTS = "(?:材料|报道|文章|稿子?|资料|新闻|来源|媒体|[两几]篇)"
_SAYS = "(?:写|说|称|报|讲|提到|给出|是)"
_SIDES = re.compile(
    rf"有的?{_SOURCES}?(?:里|上|中)?{_SAYS}|也有|又有|一[会边]儿?{_SAYS}|还是|哪个(?:数|数字)?(?:是)?(?:对|准|真)|以哪个为准|到底"
)
_DISAGREE = re.compile(
    rf"[^，,。？?]*(?:对不上|不一样|不一致|有出入|矛盾|不同|打架|说法不一|不统一)[^，,。？?]*|[^，,。？?]*{_REPORTS}[^，,。？?]*(?:各|分别){_SAYS}[^，,。？?]*"
)
_ABOUT_SOURCES = re.compile(f"{_REPORTS}|说法|口径|数字|数据|数$")
_QUOTE_CHARS = 90
_NEAR_BEST = 0.3  # how far behind the best the other figures of what is asked for may lie
_MOST = 3

Again = Callable[[str, frozenset[str]], tuple[Answer, Sequence[Hit]]]


@dataclass(frozen=True, slots=True)
class Dispute:
    """What the sources are said to disagree on: the question without that remark, and the figures it names."""

    text: str
    named: tuple[Quantity, ...]


def dispute(question: Question) -> Dispute | None:
    """The disagreement a question is about, None where it is about none."""
    text = question.text
    named = [q for q in question.quantities if q.kind != "rank" and (q.kind != "bare" or not q.text.isdigit())]
    if len(named) > 1 and len({(q.kind, q.unit) for q in named}) == 1 and _SIDES.search(text):
        first = min(match.start() for match in _SIDES.finditer(text))
        return Dispute(text[: min(first, named[0].start)].rstrip("，, ") or text, tuple(named))
    remark = _DISAGREE.search(text)
    if remark and _ABOUT_SOURCES.search(remark[0]):
        return Dispute((text[: remark.start()] + text[remark.end() :]).strip("，,。？? "), ())
    return None


def compared(disputed: Dispute, read: Again) -> Answer | None:
    """What the sources say, side by side, and which of the figures named none says; None where they do not differ."""
    answer, hits = read(disputed.text, frozenset())
    sides = _named(disputed, hits) if disputed.named else _figures(disputed.text, answer, hits)
    absent = "、".join(q.text for q in disputed.named if not any(same(q, one.quantity, EXACT) for one in sides))
    if len(sides) > 1 or (sides and disputed.named):
        return _side_by_side(sides, f"资料中没有找到：{absent}。" if absent else "")
    if disputed.named or not answer.answered:
        return None
    other, _ = read(disputed.text, frozenset(one.chunk.source for one in answer.statements[0][1]))
    if not other.answered or other.short in answer.short or answer.short in other.short:
        return None
    shown = tuple((text, evidence) for one in (answer, other) for text, evidence in one.statements[:1])
    return Answer(True, f"{answer.short}；{other.short}", shown, confidence=min(answer.confidence, other.confidence))


def _named(disputed: Dispute, hits: Sequence[Hit]) -> list[Mention]:
    """Where each of the figures named stands, in the sentence that says most of what is asked."""
    found = fitting(replace(sought(disputed.text), measured="", period=None), mentions(hits))
    best = (
        next((m for _, m in found if same(m.quantity, q, EXACT) and q.kind in ("bare", m.quantity.kind)), None)
        for q in disputed.named
    )
    return [one for one in best if one]


def _figures(text: str, answer: Answer, hits: Sequence[Hit]) -> list[Mention]:
    """The different figures of what is asked for, that of the answer first."""
    told = quantities(answer.short) if answer.answered else ()
    found = [(s, m) for s, m in fitting(sought(text), mentions(hits)) if figure(m.written)]
    first = next(
        (m for _, m in found if any(same(m.quantity, q, EXACT) and m.quantity.kind == q.kind for q in told)), None
    )
    if first is None:
        return []
    least = next(s for s, m in found if m is first) - _NEAR_BEST
    sides = [first]
    for score, one in found:
        other = one.evidence.chunk.source != first.evidence.chunk.source and one.measure == first.measure
        if other and score >= least and not any(same(one.quantity, side.quantity, EXACT) for side in sides):
            sides.append(one)
    return sides[:_MOST]


def _side_by_side(sides: Sequence[Mention], reason: str) -> Answer:
    shown = [(_shown(one), (one.evidence,)) for one in sides]
    preferred = _preferred(sides) if len(sides) > 1 else None
    if preferred:
        why, one = preferred
        shown.append((f"此处采用{why}{one.written}", (one.evidence,)))
    short = "；".join(f"{one.written}（{_dated(one)}）" if _dated(one) else one.written for one in sides)
    return Answer(True, short, tuple(shown), reason, confidence=BY_RULE)


def _shown(one: Mention) -> str:
    """The sentence of a figure, with the day its document was published."""
    text = one.evidence.quote.rstrip("。")
    if len(text) > _QUOTE_CHARS:
        text = clauses(text, one.quantity, _QUOTE_CHARS)
    published = one.evidence.chunk.published
    return f"{text}（{published}刊）" if published else text


def _dated(one: Mention) -> str:
    """The period that stands before a figure in its sentence, or else the day of its document."""
    inside = one.period and one.period.text.rstrip("的") in one.evidence.quote[: one.quantity.start]
    if one.period and inside:
        return one.period.text.rstrip("的")
    return f"{one.evidence.chunk.published}刊" if one.evidence.chunk.published else ""


def _preferred(sides: Sequence[Mention]) -> tuple[str, Mention] | None:
    """Which figure is to be preferred and the rule that says so; None where no rule does."""
    exact = [one for one in sides if not one.quantity.approximation]
    if len(exact) == 1:
        return "更精确的：", exact[0]
    if len({_period(one) for one in sides}) > 1:
        return None
    dated = sorted((one for one in sides if one.evidence.chunk.published), key=_published)
    if len(dated) == len(sides) and _published(dated[-1]) > _published(dated[-2]):
        return "较新的", dated[-1]
    return None


def _period(one: Mention) -> tuple[object, object]:
    return (one.period.first, one.period.last) if one.period else (None, None)


def _published(one: Mention) -> str:
    return str(one.evidence.chunk.published)
