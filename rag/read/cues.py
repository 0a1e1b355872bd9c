"""What a question looks for in a passage: `cues(question)`, and which sentences hold it. Used by features and reader."""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.quantities import quantities
from rag.question import Question
from rag.read import words as w
from rag.read.pool import STRIDE, Pool
from rag.read.words import words
from rag.tokens import fold

_LINKS = frozenset(("是 有 为 叫 做 了 会 能 要 想 请 问 说 到 来 去 用 给 让 把 被").split())


@dataclass(frozen=True, slots=True)
class Cues:
    """What is looked for in the passages: units of the question with weights, and what it fixes.

    `terms` are folded strings with `weights` (float32, sum > 0 unless empty); `fixed` marks terms that are numbers or
    Latin; `head` is the folded noun asked of; `unit` the unit asked for ("" if not said), `kind` its kind.
    """

    terms: tuple[str, ...]
    weights: NDArray[np.float32]
    fixed: NDArray[np.bool_]
    head: str
    unit: str
    kind: str
    span: tuple[int, int]
    ranks: tuple[tuple[str, str], ...]


def cues(question: Question) -> Cues:
    """The cues of a question: its content words, runs of single characters joined."""
    cut = words(question.text)
    terms: dict[str, tuple[float, bool]] = {}
    before = run = ""
    for i in range(len(cut.starts)):
        start, end, tag = int(cut.starts[i]), int(cut.ends[i]), int(cut.tags[i])
        inside = start < question.cue[1] and end > question.cue[0]
        word = fold(cut.text[start:end])
        told = cut.weights[i] > 0 and not inside and tag != w.PERIOD and word not in _LINKS
        if told and len(word) == 1 and tag not in (w.LATIN, w.BARE):
            run += word
            continue
        _close(before, run, terms)
        before, run = word if told else "", ""
        if told:
            terms[word] = (float(cut.weights[i]), tag in (w.LATIN, w.RANK) or w.BARE <= tag <= w.COUNT)
    _close(before, run, terms)
    unit, kind = _unit(question)
    ranks = tuple((fold(q.text), fold(q.text)[-1]) for q in question.quantities if q.kind == "rank")
    return Cues(
        tuple(terms),
        np.array([weight for weight, _ in terms.values()], dtype=np.float32),
        np.array([fixed for _, fixed in terms.values()], dtype=bool),
        fold(question.head),
        unit,
        kind,
        question.cue,
        ranks,
    )


def _close(before: str, run: str, terms: dict[str, tuple[float, bool]]) -> None:
    """Adds a run of single characters: alone where it is long enough to tell, else with the word before it (执行额)."""
    if len(run) > 1:
        terms[run] = (min(2.5, 0.8 + 0.5 * len(run)), False)
    elif run and before:
        terms[before + run] = (0.8, False)
    elif run:
        terms[run] = (0.3, False)


def _unit(question: Question) -> tuple[str, str]:
    """The unit and kind that the words after 多少 or 几 ask for: 多少亿美元 -> (美元, money)."""
    asked = re.search("多少|几|百分之", question.text)
    if not asked:
        return "", ""
    if asked.group() == "百分之":
        return "%", "percent"
    found = quantities("3" + question.text[asked.end() :].lstrip())
    return (found[0].unit, found[0].kind) if found and found[0].start == 0 and found[0].unit else ("", "")


def sentence_recall(cues: Cues, pool: Pool) -> NDArray[np.float32]:
    """The weighted share of the cues that each sentence of the pool holds, half counted when only a neighbour does."""
    here, near, _, _ = presence(cues, pool)
    return 0.5 * (share(here, cues) + share(near, cues))


def share(held: NDArray[np.bool_], cues: Cues) -> NDArray[np.float32]:
    """The weighted share of the cues that each row of `held` (n, terms) has, float32 in [0, 1]."""
    if not cues.terms:
        return np.zeros(len(held), dtype=np.float32)
    result: NDArray[np.float32] = held.astype(np.float32) @ cues.weights / cues.weights.sum()
    return result


def presence(cues: Cues, pool: Pool) -> tuple[NDArray[np.bool_], ...]:
    """Which term stands in which sentence, beside it, in its chunk, and in its headings: four (sentences, terms) arrays."""
    count, terms = len(pool.sentences), cues.terms
    here = np.zeros((count, len(terms)), dtype=bool)
    chunk, heading = here.copy(), here.copy()
    for s, (start, end, c) in enumerate(pool.sentences.tolist()):
        text = pool.prepared[c].folded[start - c * STRIDE : end - c * STRIDE]
        here[s] = [term in text for term in terms]
    for c, p in enumerate(pool.prepared):
        rows = pool.sentences[:, 2] == c
        chunk[rows] = [term in p.folded for term in terms]
        heading[rows] = [term in p.heading for term in terms]
    near = here.copy()
    same = pool.sentences[1:, 2] == pool.sentences[:-1, 2]
    near[1:] |= here[:-1] & same[:, None]
    near[:-1] |= here[1:] & same[:, None]
    return here, near, chunk, heading
