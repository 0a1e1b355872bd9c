"""Hits for a question: the dense and the sparse half of the index, fused. The LangChain retriever.

    question -> [retrieve: dense | sparse -> fuse] -> read

The best of both halves are candidates. Each gets a weighted sum of its cosine and its BM25, both as shares of the best
candidate's, so that neither depends on the length of the question.
"""

import numpy as np
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from numpy.typing import NDArray

from rag.sparse import best
from rag.store import Index
from rag.tokens import terms
from rag.types import Chunk, Hit, Stage

_CANDIDATES = 100  # from each half; 50 and 200 measured the same (benchmarks/README.md)


def retrieve(index: Index, question: str, k: int) -> list[Hit]:
    """The `k` chunks that fit `question` best, best first; equal scores are ordered by chunk id. None for a blank one.

    `stage` says which half found a hit: "dense", "sparse", or "fused" for both.
    """
    if k <= 0 or not question.strip() or not len(index.chunks):
        return []
    wanted = max(k, _CANDIDATES)
    totals = index.sparse.totals(terms(question, index.settings.terms))
    sparse_rows = best(totals, wanted)
    vector = index.embedder.encode([question], index.settings.query_prefix)[0]
    dense_rows = index.dense.search(vector, wanted)[0] if vector.any() else np.zeros(0, np.int64)
    rows = np.union1d(sparse_rows, dense_rows)
    scores = _fused(totals[rows], index.dense.vectors()[rows] @ vector, index.settings.dense_weight)
    found: dict[int, Stage] = dict.fromkeys(dense_rows.tolist(), "dense")
    for row in sparse_rows.tolist():
        found[row] = "fused" if row in found else "sparse"
    ranked = _ranked(index, rows, scores, k)
    return [Hit(chunk, score, rank, found[row]) for rank, (score, chunk, row) in enumerate(ranked, start=1)]


def _fused(sparse: NDArray[np.float32], dense: NDArray[np.float32], dense_weight: float) -> NDArray[np.float64]:
    """The weighted sum of both scores as shares of their highest; a half that found nothing has no say."""
    shares = [np.maximum(scores, 0).astype(np.float64) for scores in (sparse, dense)]
    weights = [1 - dense_weight, dense_weight]
    found = [bool(len(share)) and share.max() > 0 for share in shares]
    if not all(found):
        weights = [float(is_found) for is_found in found]
    return sum(  # type: ignore[no-any-return]
        weight * share / share.max() for weight, share, is_found in zip(weights, shares, found, strict=True) if is_found
    ) + np.zeros(len(sparse))


def _ranked(
    index: Index, rows: NDArray[np.int64], scores: NDArray[np.float64], k: int
) -> list[tuple[float, Chunk, int]]:
    """The `k` best (score, chunk, row), equal scores by chunk id. Only the chunks of these are read."""
    if len(rows) > k:
        kept = scores >= np.partition(scores, len(rows) - k)[len(rows) - k]
        rows, scores = rows[kept], scores[kept]
    made = [(float(score), index.chunks[row], row) for score, row in zip(scores, rows.tolist(), strict=True)]
    made.sort(key=lambda ranked: (-ranked[0], ranked[1].id, ranked[2]))
    return made[:k]


class Retriever(BaseRetriever):
    """The search of an index as a LangChain retriever: `k` documents, with score, rank and place in the metadata."""

    index: Index
    k: int = 10

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        del run_manager
        return [_document(hit) for hit in retrieve(self.index, query, self.k)]


def _document(hit: Hit) -> Document:
    chunk = hit.chunk
    return Document(
        page_content=chunk.text,
        id=chunk.id,
        metadata={
            "source": chunk.source,
            "title": chunk.title,
            "published": chunk.published.isoformat() if chunk.published else None,
            "score": hit.score,
            "rank": hit.rank,
            "stage": hit.stage,
            "start": chunk.start,
            "end": chunk.end,
        },
    )
