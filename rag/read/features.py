"""What a question says about each candidate span: `features(question, cues, pool)`. Third step of the reader.

A row of `FEATURES` floats per candidate. Nothing here knows any particular question; all of it is overlap, distance,
agreement of period and unit, shape and frequency.
"""

import re
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from rag.quantities import quantities
from rag.question import Question
from rag.read import words as w
from rag.read.cues import Cues, presence, share
from rag.read.pool import STRIDE, Array, Pool
from rag.read.words import Words

FAR = 400.0
FEATURES = [
    "score",
    "rank",
    "chars",
    "words",
    "clauseshape",
    "listshape",
    "comma_items",
    "quoted",
    "booked",
    "has_quotes",
    "money",
    "percent",
    "multiple",
    "amount",
    "count",
    "rankword",
    "bare",
    "period",
    "latin",
    "name",
    "person",
    "weight_sum",
    "weight_max",
    "sentence_chars",
    "sentence_at",
    "clause_first",
    "clause_last",
    "recall",
    "recall_near",
    "recall_chunk",
    "recall_heading",
    "recall_rel",
    "numbers",
    "numbers_near",
    "clause_recall",
    "clause_rest",
    "left",
    "right",
    "left_wide",
    "right_wide",
    "left_gap",
    "right_gap",
    "own_overlap",
    "own_all",
    "head_in",
    "head_ends",
    "head_left",
    "head_right",
    "unit",
    "unit_wrong",
    "period_left",
    "period_any",
    "period_near",
    "period_asked",
    "rank_same",
    "rank_other",
    "aligned",
    "aligned_known",
    "votes",
    "votes_chunks",
    "first_vote",
    "exact_run",
]


def features(question: Question, looked: Cues, pool: Pool) -> NDArray[np.float32]:
    """A (m, len(FEATURES)) array: one row of floats for each candidate of the pool."""
    columns: dict[str, Array] = {}
    columns |= _shape(pool)
    columns |= _overlap(looked, pool)
    columns |= _distance(looked, pool)
    columns |= _agreement(question, looked, pool)
    columns |= _votes(pool, columns["recall"])
    return np.column_stack([columns[name].astype(np.float32) for name in FEATURES])


def _words_at(pool: Pool, name: str, which: str) -> Array:
    """An array of `Words` taken at the first or last word of every candidate."""
    return pool.gather([getattr(p.words, name)[getattr(p.spans, which)] for p in pool.prepared])


def _shape(pool: Pool) -> dict[str, Array]:
    """What the candidate is, whatever was asked."""
    scores = np.array([hit.score for hit in pool.hits], dtype=np.float32)
    top = float(scores.max()) if len(scores) else 1.0
    first, last = _words_at(pool, "tags", "first"), _words_at(pool, "tags", "last")
    size = pool.gather([p.spans.last - p.spans.first + 1 for p in pool.prepared])
    shapes = pool.gather([p.spans.shapes for p in pool.prepared])
    alone = size == 1
    sums = pool.gather([_between(np.cumsum(p.words.weights), p.spans.first, p.spans.last) for p in pool.prepared])
    most = pool.gather(
        [np.maximum(p.words.weights[p.spans.first], p.words.weights[p.spans.last]) for p in pool.prepared]
    )
    before, after = _outside(pool)
    s_start, s_end = pool.sentences[pool.sentence, 0], pool.sentences[pool.sentence, 1]
    c_start, c_end = pool.clauses[pool.clause, 0], pool.clauses[pool.clause, 1]
    made: dict[str, Array] = {
        "score": scores[pool.chunk] / max(top, 1e-6),
        "rank": 1.0 / (1.0 + pool.chunk),
        "chars": np.log1p(pool.end - pool.start) / 4,
        "words": np.minimum(size, 30) / 10,
        "clauseshape": shapes == 2,
        "listshape": shapes == 1,
        "comma_items": np.minimum(
            pool.gather([_marks(p.words, p.spans.first, p.spans.last, "、") for p in pool.prepared]), 8
        )
        / 4,
        "quoted": (before == _QUOTE) & (after == _UNQUOTE),
        "booked": (before == _BOOK) & (after == _UNBOOK),
        "has_quotes": (first == w.MARK) & (last == w.MARK),
        "weight_sum": np.log1p(sums),
        "weight_max": most,
        "sentence_chars": np.minimum((s_end - s_start) / 100.0, 3.0),
        "sentence_at": (pool.start - s_start) / np.maximum(s_end - s_start, 1),
        "clause_first": pool.start == c_start,
        "clause_last": pool.end == c_end,
        "latin": first == w.LATIN,
        "name": (first == w.PLACE) | (first == w.ORGANISATION) | (first == w.NAME),
        "person": first == w.PERSON,
    }
    kinds = ("bare", w.BARE), ("money", w.MONEY), ("percent", w.PERCENT), ("multiple", w.MULTIPLE), ("amount", w.AMOUNT)
    for name, tag in (*kinds, ("count", w.COUNT), ("rankword", w.RANK), ("period", w.PERIOD)):
        made[name] = alone & (first == tag)
    return made


_QUOTE, _UNQUOTE, _BOOK, _UNBOOK = (crc32(c.encode()) for c in "“”《》")


def _between(running: NDArray[np.float32], first: NDArray[np.int32], last: NDArray[np.int32]) -> NDArray[np.float32]:
    padded = np.concatenate(([0.0], running)).astype(np.float32)
    result: NDArray[np.float32] = padded[last + 1] - padded[first]
    return result


def _marks(cut: Words, first: NDArray[np.int32], last: NDArray[np.int32], mark: str) -> NDArray[np.float32]:
    return _between(np.cumsum(cut.hashes == crc32(mark.encode())).astype(np.float32), first, last)


def _outside(pool: Pool) -> tuple[Array, Array]:
    """The hashes of the words right before and right after each candidate, 0 at the ends of a chunk."""
    before = pool.gather([np.concatenate(([0], p.words.hashes))[p.spans.first] for p in pool.prepared])
    after = pool.gather([np.concatenate((p.words.hashes, [0]))[p.spans.last + 1] for p in pool.prepared])
    return before, after


def _overlap(looked: Cues, pool: Pool) -> dict[str, Array]:
    """How much of the question stands in the candidate's sentence, beside it, in its clause and chunk."""
    here, near, chunk, heading = presence(looked, pool)
    fixed = looked.fixed
    recall = share(here, looked)
    clause = np.zeros((len(pool.clauses), len(looked.terms)), dtype=bool)
    rest = np.zeros(len(pool.clauses), dtype=np.float32)
    for i, (start, end, c) in enumerate(pool.clauses.tolist()):
        text = pool.prepared[c].folded[start - c * STRIDE : end - c * STRIDE]
        clause[i] = [term in text for term in looked.terms]
        rest[i] = len(text) - sum(len(term) for term, held in zip(looked.terms, clause[i], strict=True) if held)
    per_sentence = {
        "recall": recall,
        "recall_near": share(near | heading, looked),
        "recall_chunk": share(chunk | heading, looked),
        "recall_heading": share(heading, looked),
        "recall_rel": recall - (recall.max() if len(recall) else 0.0),
        "numbers": here[:, fixed].mean(axis=1) if fixed.any() else np.full(len(recall), 0.5),
        "numbers_near": (chunk | heading)[:, fixed].mean(axis=1) if fixed.any() else np.full(len(recall), 0.5),
    }
    made: dict[str, Array] = {name: values[pool.sentence] for name, values in per_sentence.items()}
    made["clause_recall"] = share(clause, looked)[pool.clause]
    made["clause_rest"] = np.clip(rest, 0, 90)[pool.clause] / 30
    return made


def _distance(looked: Cues, pool: Pool) -> dict[str, Array]:
    """How near the words of the question stand, left and right of the candidate, and what of it they cover."""
    m = len(pool.start)
    total = max(float(looked.weights.sum()), 1e-6)
    kernel = {name: np.zeros(m, dtype=np.float32) for name in ("left", "right", "left_wide", "right_wide")}
    gaps = {"left": np.full(m, FAR), "right": np.full(m, FAR)}
    heads = {"left": np.full(m, FAR), "right": np.full(m, FAR)}
    inside, own = np.zeros(m, dtype=np.float32), np.zeros(m, dtype=np.float32)
    for term, weight in zip((*looked.terms, looked.head), (*looked.weights.tolist(), 0.0), strict=True):
        starts = _occurrences(pool, term)
        if not len(starts):
            continue
        distances = _nearest(starts, starts + len(term), pool.start, pool.end)
        if weight == 0.0:
            heads = dict(zip(("left", "right"), distances, strict=True))
            continue
        for side, distance in zip(("left", "right"), distances, strict=True):
            kernel[side] += weight * np.exp(-distance / 6.0)
            kernel[side + "_wide"] += weight * np.exp(-distance / 30.0)
            if weight > 0.5:
                gaps[side] = np.minimum(gaps[side], distance)
        overlap = _covered(starts, len(term), pool.start, pool.end)
        inside = inside + overlap
        own = own + weight * (overlap >= len(term))
    made: dict[str, Array] = {name: values / total for name, values in kernel.items()}
    length = np.maximum(pool.end - pool.start, 1)
    made |= {"left_gap": np.log1p(gaps["left"]) / 6, "right_gap": np.log1p(gaps["right"]) / 6}
    made |= {"own_overlap": np.minimum(inside / length, 1.0), "own_all": own / total}
    made |= {"head_left": np.exp(-heads["left"] / 5.0), "head_right": np.exp(-heads["right"] / 5.0)}
    return made | _head(looked, pool)


def _occurrences(pool: Pool, term: str) -> NDArray[np.int64]:
    """The pool positions where `term` stands."""
    if not term:
        return np.zeros(0, dtype=np.int64)
    found = []
    for i, p in enumerate(pool.prepared):
        at = p.folded.find(term)
        while at >= 0:
            found.append(i * STRIDE + at)
            at = p.folded.find(term, at + 1)
    return np.array(found, dtype=np.int64)


def _nearest(
    starts: NDArray[np.int64], ends: NDArray[np.int64], first: NDArray[np.int64], last: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Characters from each candidate to the nearest occurrence that ends before it, and that begins after it."""
    at = np.searchsorted(ends, first, side="right") - 1
    left = np.where(at >= 0, first - ends[np.maximum(at, 0)], FAR)
    at = np.searchsorted(starts, last, side="left")
    right = np.where(at < len(starts), starts[np.minimum(at, len(starts) - 1)] - last, FAR)
    return np.minimum(left, FAR).astype(np.float64), np.minimum(right, FAR).astype(np.float64)


def _covered(
    starts: NDArray[np.int64], length: int, first: NDArray[np.int64], last: NDArray[np.int64]
) -> NDArray[np.float32]:
    """How many characters of each candidate the first occurrence that reaches into it covers."""
    at = np.minimum(np.searchsorted(starts + length, first, side="right"), len(starts) - 1)
    overlap = np.minimum(starts[at] + length, last) - np.maximum(starts[at], first)
    result: NDArray[np.float32] = np.maximum(overlap, 0).astype(np.float32)
    return result


def _head(looked: Cues, pool: Pool) -> dict[str, Array]:
    head = looked.head
    if not head:
        nothing = np.zeros(len(pool.start), dtype=np.float32)
        return {"head_in": nothing, "head_ends": nothing}
    starts = _occurrences(pool, head)
    if not len(starts):
        starts = np.array([-(10**9)])
    covered = _covered(starts, len(head), pool.start, pool.end) >= len(head)
    ends = starts + len(head)
    return {"head_in": covered, "head_ends": covered & np.isin(pool.end, ends)}


def _agreement(question: Question, looked: Cues, pool: Pool) -> dict[str, Array]:
    """Whether unit, period, rank and aligned subject of a candidate are those of the question: 1, -1, or 0 unknown."""
    units = [_chunk_units(p.chunk.text, p.words, p.spans.first, p.spans.last, looked) for p in pool.prepared]
    made: dict[str, Array] = {
        "unit": pool.gather([u[0] for u in units]),
        "unit_wrong": pool.gather([u[1] for u in units]),
    }
    made |= _periods(question, pool)
    made |= _ranks(looked, pool)
    made |= _alignment(looked, pool)
    return made


def _chunk_units(
    text: str, cut: Words, first: NDArray[np.int32], last: NDArray[np.int32], looked: Cues
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """For each span: whether its last word has the unit asked for, and whether it has another."""
    right, wrong = np.zeros(len(cut.starts), dtype=np.float32), np.zeros(len(cut.starts), dtype=np.float32)
    if looked.unit:
        for i in np.flatnonzero((cut.tags >= w.BARE) & (cut.tags <= w.COUNT)).tolist():
            found = quantities(text[cut.starts[i] : cut.ends[i]])
            if found:
                good = found[0].unit == looked.unit or (found[0].kind == looked.kind and looked.kind == "percent")
                (right if good else wrong)[i] = 1.0
    return right[last] * (right[first] > 0), wrong[last] * (right[first] == 0)


def _periods(question: Question, pool: Pool) -> dict[str, Array]:
    """The relation of the question's period to the period named left of the candidate, in its sentence, and before it."""
    m = len(pool.start)
    asked = [(p.first.toordinal(), p.last.toordinal()) for p in question.periods if p.first and p.last]
    made: dict[str, Array] = {
        name: np.zeros(m, dtype=np.float32) for name in ("period_left", "period_any", "period_near")
    }
    made["period_asked"] = np.full(m, float(bool(asked)), dtype=np.float32)
    rows = [p.periods + np.array([i * STRIDE, i * STRIDE, 0, 0]) for i, p in enumerate(pool.prepared) if len(p.periods)]
    if not asked or not rows:
        return made
    table = np.concatenate(rows).astype(np.int64)
    relation = np.max([_relation(first, last, table[:, 2], table[:, 3]) for first, last in asked], axis=0)
    sentence_start, sentence_end = pool.sentences[pool.sentence, 0], pool.sentences[pool.sentence, 1]
    at = np.searchsorted(table[:, 0], pool.start, side="left") - 1
    left = np.where(at >= 0, table[np.maximum(at, 0), 0], -1)
    value = relation[np.maximum(at, 0)]
    here = (at >= 0) & (left >= sentence_start)
    made["period_left"] = np.where(here, value, 0.0)
    near = (at >= 0) & (left // STRIDE == pool.chunk)
    made["period_near"] = np.where(near, value, 0.0)
    low = np.searchsorted(table[:, 0], pool.sentences[:, 0], side="left")
    high = np.searchsorted(table[:, 0], pool.sentences[:, 1], side="left")
    best = np.array([relation[a:b].max() if b > a else 0.0 for a, b in zip(low, high, strict=True)], dtype=np.float32)
    made["period_any"] = best[pool.sentence]
    del sentence_end
    return made


def _relation(first: int, last: int, firsts: NDArray[np.int64], lasts: NDArray[np.int64]) -> NDArray[np.float32]:
    """1 equal, .7 inside the asked period, .4 around it, .2 overlapping, -1 apart."""
    made = np.full(len(firsts), 0.2, dtype=np.float32)
    made[(firsts <= first) & (lasts >= last)] = 0.4
    made[(firsts >= first) & (lasts <= last)] = 0.7
    made[(firsts == first) & (lasts == last)] = 1.0
    made[(firsts > last) | (lasts < first)] = -1.0
    return made


def _ranks(looked: Cues, pool: Pool) -> dict[str, Array]:
    """Whether the sentence names the asked rank (第十四届), and whether it names only another of the same counter."""
    same, other = np.zeros(len(pool.sentences), dtype=np.float32), np.zeros(len(pool.sentences), dtype=np.float32)
    for rank, counter in looked.ranks:
        pattern = re.compile(f"第[^，。、]{{1,4}}?{re.escape(counter)}")
        for s, (start, end, c) in enumerate(pool.sentences.tolist()):
            named = pattern.findall(pool.prepared[c].folded[start - c * STRIDE : end - c * STRIDE])
            same[s] = max(same[s], float(rank in named))
            other[s] = max(other[s], float(bool(named) and rank not in named))
    return {"rank_same": same[pool.sentence], "rank_other": other[pool.sentence]}


def _alignment(looked: Cues, pool: Pool) -> dict[str, Array]:
    """For a value that 分别 pairs with a subject: how much more of the question its subject holds than the others do."""
    gain, known = np.zeros(len(pool.start), dtype=np.float32), np.zeros(len(pool.start), dtype=np.float32)
    total = max(float(looked.weights.sum()), 1e-6)
    for i, p in enumerate(pool.prepared):
        for pair in p.aligned:
            rows = (pool.start >= pair.start + i * STRIDE) & (pool.end <= pair.end + i * STRIDE)
            if rows.any():
                held = [_held(looked, p.folded[a:b]) / total for a, b in (pair.own, *pair.others)]
                gain[rows] = held[0] - max(held[1:], default=0.0)
                known[rows] = 1.0
    return {"aligned": gain, "aligned_known": known}


def _held(looked: Cues, text: str) -> float:
    return float(
        sum(weight for term, weight in zip(looked.terms, looked.weights.tolist(), strict=True) if term in text)
    )


def _votes(pool: Pool, recall: Array) -> dict[str, Array]:
    """How often the same string is a candidate, in how many chunks, and whether this is its best sentence."""
    keys = pool.gather([p.spans.keys for p in pool.prepared])
    _, group, counts = np.unique(keys, return_inverse=True, return_counts=True)
    chunks = np.zeros(len(counts), dtype=np.float32)
    pairs = np.unique(np.stack([group, pool.chunk]), axis=1)
    np.add.at(chunks, pairs[0], 1.0)
    best = np.zeros(len(counts), dtype=np.float32)
    np.maximum.at(best, group, recall.astype(np.float32))
    return {
        "votes": np.log(counts)[group],
        "votes_chunks": np.log(chunks)[group],
        "first_vote": (recall >= best[group] - 1e-6),
        "exact_run": best[group],
    }
