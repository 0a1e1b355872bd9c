"""Word vectors from raw text: PPMI and a truncated SVD (Levy, Goldberg, Dagan 2015), and the reader's vocabulary.

    python training/reader/vectors.py CORPUS.jsonl.gz EXTRA.jsonl.gz ... -o vectors.npz

CORPUS and EXTRA hold rows with a "text"; EXTRA (the paragraphs of the question sets) counts five times towards the
vocabulary only. About four minutes on one core for 40 million characters.
"""

import argparse
import gzip
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy import sparse

from rag.read.encode import shape, split

WORDS, CHARACTERS, CONTEXTS, WINDOW, DIMENSIONS = 40_000, 6_000, 10_000, 4, 128
CLASSES = ["<one>", "<han>", "<latin>", "<year>", *(f"<{n}>" for n in range(1, 10)), *(f"<{n}.>" for n in range(1, 7))]


def texts(path: Path) -> Iterator[str]:
    """The "text" of every row of a gzipped JSON lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as handle:
        for line in handle:
            yield json.loads(line)["text"]


def count(corpus: Path, extra: list[Path], limit: int) -> tuple[list[np.ndarray], list[str], Counter, Counter, Counter]:
    """The corpus as arrays of provisional ids, their words, and counts of words, documents and characters."""
    index: dict[str, int] = {}
    counts: Counter = Counter()
    documents: Counter = Counter()
    chars: Counter = Counter()
    rows = []
    for number, text in enumerate(texts(corpus)):
        if number >= limit:
            break
        forms = [shape(word) for word, _, _ in split(text)]
        counts.update(forms)
        documents.update(set(forms))
        chars.update(text)
        rows.append(np.array([index.setdefault(form, len(index)) for form in forms], dtype=np.int32))
    for path in extra:
        for text in texts(path):
            forms = [shape(word) for word, _, _ in split(text)]
            counts.update(forms * 5)
            chars.update("".join(forms) * 5)
    return rows, list(index), counts, documents, chars


def vectors(rows: list[np.ndarray], size: int, lookup: np.ndarray, dimensions: int) -> np.ndarray:
    """Unit vectors (size, dimensions) of the words: SVD of their shifted PPMI with the most frequent words."""
    total = sparse.csr_matrix((size, CONTEXTS), dtype=np.float32)
    batch: list[np.ndarray] = []
    length = 0

    def add() -> None:
        nonlocal total
        stream = np.concatenate(batch)
        parts = []
        for step in range(1, WINDOW + 1):
            left, right = stream[:-step], stream[step:]
            for a, b in ((left, right), (right, left)):
                keep = (a >= 0) & (b >= 0) & (b < CONTEXTS)
                weight = np.full(int(keep.sum()), 1 / step, dtype=np.float32)
                parts.append(sparse.coo_matrix((weight, (a[keep], b[keep])), shape=total.shape).tocsr())
        for part in parts:
            total = total + part

    gap = np.full(WINDOW, -1, dtype=np.int32)
    for row in rows:
        batch += [lookup[row], gap]
        length += len(row)
        if length > 3_000_000:
            add()
            batch, length = [], 0
    if batch:
        add()
    total = total.tocoo()
    row_sum = np.asarray(total.sum(1)).ravel() + 1e-9
    column_sum = np.asarray(total.sum(0)).ravel() ** 0.75
    pmi = np.log(total.data * column_sum.sum() / (row_sum[total.row] * column_sum[total.col]))
    keep = pmi > 0
    matrix = sparse.csr_matrix((pmi[keep].astype(np.float32), (total.row[keep], total.col[keep])), shape=total.shape)
    print(f"{matrix.nnz} positive cells", flush=True)
    generator = np.random.default_rng(0)
    basis = generator.standard_normal((CONTEXTS, dimensions + 16)).astype(np.float32)
    for _ in range(4):  # randomised subspace iteration (Halko, Martinsson, Tropp 2011)
        basis = np.linalg.qr(matrix @ basis)[0]
        basis = np.linalg.qr(matrix.T @ basis)[0]
    left, values, _ = np.linalg.svd(matrix @ basis, full_matrices=False)
    made = left[:, :dimensions] * np.sqrt(values[:dimensions])
    return made / np.maximum(np.linalg.norm(made, axis=1, keepdims=True), 1e-6)


def main() -> None:
    """Write the vocabulary, its IDF and vectors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("extra", type=Path, nargs="*")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=10**9, help="documents of the corpus that are read")
    arguments = parser.parse_args()
    started = time.time()
    rows, names, counts, documents, chars = count(arguments.corpus, arguments.extra, arguments.limit)
    print(f"{sum(map(len, rows))} words in {time.time() - started:.0f} s", flush=True)
    words = CLASSES + [word for word, _ in counts.most_common(WORDS) if word not in CLASSES][: WORDS - len(CLASSES)]
    rank = {word: i for i, (word, _) in enumerate(counts.most_common())}
    order = sorted(range(len(words)), key=lambda i: rank.get(words[i], 10**9))  # frequent words first: the contexts
    words = [words[i] for i in order]
    position = {word: i for i, word in enumerate(words)}
    lookup = np.array([position.get(name, -1) for name in names], dtype=np.int32)
    made = vectors(rows, len(words), lookup, DIMENSIONS)
    idf = np.log((len(rows) + 1) / (np.array([documents[word] for word in words]) + 1))
    for name in ("<han>", "<latin>"):
        idf[position[name]] = np.median(idf)
        made[position[name]] = 0
    idf[position["<one>"]] = 6.0
    np.savez(
        arguments.output, words=np.array("\n".join(words)), idf=idf.astype(np.float32), vectors=made.astype(np.float32),
        chars=np.array("".join(c for c, _ in chars.most_common(CHARACTERS) if not c.isspace())),
    )  # fmt: skip
    print(f"done in {time.time() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
