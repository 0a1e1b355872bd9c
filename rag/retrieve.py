"""Hits for a question: the dense and the sparse half of the index, fused.

    question -> [retrieve: dense | sparse -> fuse -> spread] -> read

The best of both halves are candidates. Each gets a weighted sum of how near it is and of its BM25, both as shares of the
best candidate's, so that neither depends on the length of the question. Both halves also count the document around
the passage, which may name the subject where the passage does not. A passage that repeats better ones steps back a little.
The constants were measured on the news, CMRC, DRCD and RGB questions; see benchmarks/README.md.
"""

import re

import numpy as np
from numpy.typing import NDArray

from rag.sparse import best
from rag.store import Index
from rag.tokens import terms
from rag.types import Chunk, Hit, Stage

_CANDIDATES = 100  # from each half; 50 and 200 measure the same
_AROUND = 0.6  # the share of the document's mean vector
_REPEATED = 0.9  # what a passage keeps of its score for each better one that is of its document or says the same
_SAME = 0.95  # the cosine from which two passages say the same
_SPREAD = 60  # how many of the candidates are ordered with regard to each other
# What a question asks with says nothing about where its answer stands.
_ASKING = re.compile("请问|是?多少|是?哪些|是?什么|是?哪里|是?哪个|有哪|是谁|谁|如何|怎么样?|怎样|为什么")


@np.errstate(invalid="ignore")  # raised by some builds of OpenBLAS over finite numbers
def retrieve(index: Index, question: str, k: int) -> list[Hit]:
    """The `k` chunks that fit `question` best, best first; equal scores are ordered by chunk id. None for a blank one.

    `stage` says which half found a hit: "dense", "sparse", or "fused" for both.
    """
    if k <= 0 or not question.strip() or not len(index.chunks):
        return []
    wanted = max(2 * k, _CANDIDATES)
    totals = index.sparse.totals(_terms(index, question))
    sparse_rows = best(totals, wanted)
    vector = index.embedder.encode([question], index.settings.query_prefix)[0]
    dense_rows = index.dense.search(vector, wanted)[0] if vector.any() else np.zeros(0, np.int64)
    rows = np.union1d(sparse_rows, dense_rows)
    scores = _fused(totals[rows], _nearness(index, rows, vector), index.settings.dense_weight)
    found: dict[int, Stage] = dict.fromkeys(dense_rows.tolist(), "dense")
    for row in sparse_rows.tolist():
        found[row] = "fused" if row in found else "sparse"
    ranked = _spread(index, _ranked(index, rows, scores, max(k, _SPREAD)), k)
    return [Hit(chunk, score, rank, found[row]) for rank, (score, chunk, row) in enumerate(ranked, start=1)]


def _terms(index: Index, question: str) -> list[str]:
    asked = terms(_ASKING.sub(" ", question), index.settings.terms)
    return asked or terms(question, index.settings.terms)


def _nearness(index: Index, rows: NDArray[np.int64], vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """The cosine of each row with the question's vector, plus a share of that of its document's mean."""
    vectors = index.dense.vectors()
    own: NDArray[np.float32] = vectors[rows] @ vector
    around = np.empty_like(own)
    means: dict[tuple[int, int], float] = {}
    for at, (start, stop) in enumerate(zip(*index.sparse.document_rows(rows), strict=True)):
        if stop - start == 1:
            around[at] = own[at]
            continue
        if (start, stop) not in means:
            mean = vectors[start:stop].sum(axis=0)
            means[start, stop] = float(mean @ vector) / max(float(np.linalg.norm(mean)), 1e-9)
        around[at] = means[start, stop]
    return own + np.float32(_AROUND) * around


def _fused(sparse: NDArray[np.float32], dense: NDArray[np.float32], dense_weight: float) -> NDArray[np.float64]:
    """The weighted sum of both scores as shares of their highest; a half that found nothing has no say."""
    halves = [
        (weight, np.maximum(scores, 0).astype(np.float64))
        for weight, scores in ((1 - dense_weight, sparse), (dense_weight, dense))
        if len(scores) and scores.max() > 0
    ]
    fused = np.zeros(len(sparse))
    for weight, scores in halves:
        fused += (weight if len(halves) > 1 else 1.0) * scores / scores.max()
    return fused


Ranked = list[tuple[float, Chunk, int]]


def _ranked(index: Index, rows: NDArray[np.int64], scores: NDArray[np.float64], k: int) -> Ranked:
    """The `k` best (score, chunk, row), equal scores by chunk id. Only the chunks of these are read."""
    if len(rows) > k:
        kept = scores >= np.partition(scores, len(rows) - k)[len(rows) - k]
        rows, scores = rows[kept], scores[kept]
    made = [(float(score), index.chunks[row], row) for score, row in zip(scores, rows.tolist(), strict=True)]
    made.sort(key=lambda ranked: (-ranked[0], ranked[1].id, ranked[2]))
    return made[:k]


def _spread(index: Index, ranked: Ranked, k: int) -> Ranked:
    """The `k` best of `ranked` when each loses a little for every better one that it repeats."""
    if not ranked:
        return []
    vectors = index.dense.vectors()[[row for _, _, row in ranked]]
    documents = np.array(index.sparse.document_rows(np.array([row for _, _, row in ranked]))[0])
    repeats = (vectors @ vectors.T > _SAME) | (documents[:, None] == documents[None, :])
    scores = np.array([score for score, _, _ in ranked])
    left = np.ones(len(ranked), dtype=bool)
    made: Ranked = []
    for _ in range(min(k, len(ranked))):
        at = int(np.argmax(np.where(left, scores, -1.0)))
        left[at] = False
        made.append((float(scores[at]), *ranked[at][1:]))
        scores[repeats[at] & left] *= _REPEATED
    return made
