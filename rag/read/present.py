"""What is shown of a found span: its sentence, other sources that agree or differ, or why nothing is answered.

Found -> answer(...)  -> Answer(answered=True,  short, sentences with evidence)
Found -> refusal(...) -> Answer(answered=False, reason, the nearest sentence with evidence)
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from rag.periods import Period, periods
from rag.quantities import quantities
from rag.question import Question
from rag.read.conflict import Place, figure
from rag.read.exact import Compared
from rag.read.pool import STRIDE, Pool
from rag.read.quote import ITEM, clauses, enumerated, quote, whole
from rag.read.spans import plain
from rag.read.written import absolute, told
from rag.types import RELATED, Answer, Evidence, Statement

_RELATED_CHARS = 45  # of the clauses around a candidate behind the best one
_MOST_RELATED = 3  # how many sentences are cited beside the quoted ones
_SUPPORT = 4.0  # how far, in log-odds, a second source may lie behind the first
_UNRELATED = 0.25  # the share of the question that a sentence must hold to be shown as the nearest
_TO_THE_ASSISTANT = re.compile(
    "(?:请|帮我|给我|麻烦|替我)*(?:(?:忽略|无视|忘记|忘掉|不要管).{0,8}(?:指令|提示|规则|设定|要求|内容|对话)"
    "|(?:写|作|编|讲|说|来)一?[首篇个段封份则](?!.*是)|翻译|扮演|假装|假设你)|(?:你|您)(?:是谁|是什么|叫什么|能做什么|会什么|好$)"
)


@dataclass(frozen=True, slots=True)
class Found:
    """What the ranker made of a pool: `order` holds one candidate for each distinct string, best first.

    `recall` says how much of the question each sentence of the pool holds; `scores` are those of all candidates;
    `confidence` is the chance that the first is right; `compared` is what other sentences give for a figure;
    `contradicted` is what the question fixes and the first does not have.
    """

    pool: Pool
    recall: NDArray[np.float32]
    scores: NDArray[np.float32]
    order: NDArray[np.int64]
    confidence: float
    compared: Compared | None = None
    contradicted: str = ""


def answer(question: Question, found: Found) -> Answer:
    """The best candidate, in its sentence, with a second source where one says the same or something else."""
    if _TO_THE_ASSISTANT.match(question.text):
        return refusal(question, None)
    best, pool = _defining(question, found), found.pool
    own = Place(int(pool.sentence[best]), int(pool.start[best]), int(pool.end[best]))
    exact = found.compared.exact if found.compared else None
    other = found.compared.other if found.compared else None
    if other and _newer(found, exact or own, other):
        exact, other = other, exact or own
    at = exact or own
    first = quote(question, pool, found.recall, at.sentence, at.start, at.end)
    quoted, text = [first], first.quote
    if exact:
        short = pool.between(at.start, at.end)
        quoted += [_quoted(question, found, best)] if other != own else []
    else:
        short = told(pool, best)
        dated = absolute(question, pool, best, short, first)
        published = first.chunk.published
        text = f"{dated}（原文“{short}”{f'，{published}刊' if published else ''}）：{text}" if dated else text
        short = dated or short
        second = _second(found, best)
        if second is not None:
            quoted.append(_quoted(question, found, second))
    introduction, listed = enumerated(pool, first) if question.asked in ("list", "explain") else (first, ())
    if listed:
        return _itemised(question, found, short, introduction, listed)
    statements: list[Statement] = [(text, tuple(quoted))]
    if other:
        statements.append(_differing(question, found, first, short, other))
    return Answer(True, short, _with_related(found, statements), confidence=found.confidence)


def _itemised(
    question: Question, found: Found, short: str, introduction: Evidence, listed: tuple[Evidence, ...]
) -> Answer:
    """An enumeration item by item; it says so when the introduction (四个方面) counts more than were found."""
    parts = [ITEM.sub("", one.quote, count=1).rstrip("。；;") for one in listed]
    statements: list[Statement] = [(one.quote, (one,)) for one in (introduction, *listed)]
    counted = [q for q in quantities(introduction.quote[-12:]) if q.kind == "count" and q.value > len(listed)]
    reason = f"原文列有{counted[-1].value:.0f}项，这里找到{len(listed)}项。" if counted else ""
    joined = "；".join(parts) if question.asked == "list" else short
    return Answer(True, joined, _with_related(found, statements), reason, found.confidence)


def _defining(question: Question, found: Found) -> int:
    """The best candidate; of "A是什么意思" the best of the sentence that goes on after "A是"."""
    best, pool = int(found.order[0]), found.pool
    lead = plain(question.text[: question.cue[0]])
    if question.asked != "explain" or len(lead) < 4 or lead[-1] not in "是指":
        return best
    for i in found.order.tolist():
        start, end, _ = pool.sentences[pool.sentence[i]].tolist()
        if plain(pool.between(start, end)).startswith(lead):
            return int(i)
    return best


def _newer(found: Found, own: Place, other: Place) -> bool:
    """Whether another source that differs is the newer one and holds as much of the question."""
    days = [found.pool.prepared[at.start // STRIDE].chunk.published for at in (own, other)]
    later = days[0] is not None and days[1] is not None and days[1] > days[0]
    return later and bool(found.recall[other.sentence] >= found.recall[own.sentence])


def _differing(question: Question, found: Found, own: Evidence, short: str, at: Place) -> Statement:
    """What another source gives instead, and why the answer does not: it is newer, or holds more of the question."""
    other = quote(question, found.pool, found.recall, at.sentence, at.start, at.end)
    value = found.pool.between(at.start, at.end)
    days = own.chunk.published, other.chunk.published
    given = f"另有来源给出{value}" + (f"（{days[1]}刊）" if days[1] else "")
    why = ""
    if days[0] and days[1] and days[0] != days[1]:
        why = "较新的" if days[0] > days[1] else "与问题更接近的"
    return f"{given}；此处采用{why}{short}", (other, own)


def refusal(question: Question, found: Found | None) -> Answer:
    """Why nothing is answered, with the sentence that came nearest where one has something of the question."""
    if _TO_THE_ASSISTANT.match(question.text):
        return Answer(False, "", (), reason="这里只回答资料中写到的内容，请就资料提问。")
    if found is None or float(found.recall.max(initial=0.0)) < _UNRELATED:
        return Answer(False, "", (), reason="资料中没有与这个问题有关的内容。")
    nearest = _quoted(question, found, int(found.order[0]))
    what = "、".join(p.text for p in question.periods if _unmentioned(p, found.pool)) or found.contradicted
    statements = _with_related(found, [(_told(found, nearest) if what else nearest.quote, (nearest,))])
    return Answer(False, "", statements, reason=_reason(question, what), confidence=found.confidence)


def _reason(question: Question, what: str) -> str:
    """What is missing, in the words of the question where it ends in what it asks for (2019年南宁市出口额是多少)."""
    if not what:
        return "资料中没有能直接回答这个问题的内容。"
    asked = question.text[: question.cue[0]].rstrip(" 是有为达了到的，,：:")
    ended = not re.search(r"[^个家名位人项次条件台亿万元美%吨吗呢啊？?。！\s]", question.text[question.cue[1] :])
    if ended and what in asked and not re.search("[，,。；;？?]", asked):
        return f"资料中没有{asked.replace(' ', '')}。"
    return f"资料中没有{what}。" if re.search("数字|时间", what) else f"资料中没有{what}的相关内容。"


def _told(found: Found, nearest: Evidence) -> str:
    """The nearest fact with the period it is of: 2024年：127.5亿元（原文：…）; its sentence alone where it has none."""
    pool, best = found.pool, int(found.order[0])
    chunk = nearest.chunk
    at = int(pool.start[best]) % STRIDE
    named = [p for p in periods(chunk.text, chunk.published) if nearest.start - chunk.start <= p.start and p.end <= at]
    said = figure(pool, Place(int(pool.sentence[best]), int(pool.start[best]), int(pool.end[best])))
    return f"{named[-1].text}：{said.text}（原文：{nearest.quote}）" if named and said else nearest.quote


def _with_related(found: Found, statements: list[Statement]) -> tuple[Statement, ...]:
    """`statements`, and where else to look."""
    related = tuple(islice(_related(found, [one for _, quoted in statements for one in quoted]), _MOST_RELATED))
    return (*statements, (RELATED, related)) if related else tuple(statements)


def _related(found: Found, quoted: list[Evidence]) -> Iterator[Evidence]:
    """What a careful reader checks next: sentences that are not quoted yet, no two alike.

    In turn those of the candidates behind the best one, the clauses around it, and those that hold most of what was asked.
    """
    pool, seen = found.pool, [(one, plain(one.quote)) for one in quoted]
    runners: dict[int, int] = {}
    for i in found.order.tolist():
        runners.setdefault(int(pool.sentence[i]), i)
    told = (
        clauses(pool, int(pool.start[i]), int(pool.end[i]), sentence, _RELATED_CHARS) for sentence, i in runners.items()
    )
    fullest = (whole(pool, sentence) for sentence in np.argsort(-found.recall, kind="stable").tolist())
    # the first candidate's sentence is quoted as a rule: it takes no turn
    for one in chain(islice(told, 1), chain.from_iterable(zip(told, fullest, strict=False))):
        said = plain(one.quote)
        if not any(one.overlaps(other) or said in text for other, text in seen):
            seen.append((one, said))
            yield one


def _unmentioned(asked: Period, pool: Pool) -> bool:
    """Whether no passage names a period that touches the one asked for."""
    if not asked.first or not asked.last:
        return False
    first, last = asked.first.toordinal(), asked.last.toordinal()
    return not any(((p.periods[:, 2] <= last) & (p.periods[:, 3] >= first)).any() for p in pool.prepared)


def _second(found: Found, best: int) -> int | None:
    """The best candidate of another source with the same string, if it is not far behind."""
    pool = found.pool
    source = pool.hits[pool.chunk[best]].chunk.source
    wanted = plain(pool.text(best))
    for i in map(int, np.argsort(-found.scores, kind="stable")[:200]):
        if found.scores[i] < found.scores[best] - _SUPPORT:
            return None
        if pool.hits[pool.chunk[i]].chunk.source != source and plain(pool.text(i)) == wanted:
            return i
    return None


def _quoted(question: Question, found: Found, i: int) -> Evidence:
    """The quote of candidate `i`."""
    pool = found.pool
    return quote(question, pool, found.recall, int(pool.sentence[i]), int(pool.start[i]), int(pool.end[i]))
