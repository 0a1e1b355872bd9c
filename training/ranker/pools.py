"""Candidate pools to train the ranker on: `python -m training.ranker.pools FOLDER MODELS OUT.npz`.

MODELS holds `kinds{0,1}.safetensors` and `neural{0,1}.npz`, trained without fold 0 and without fold 1.

Each answerable question is asked of an index of its own set, as users ask: its pool is what the reader would see. The
document that answers it is put into the pool where retrieval missed it. All right candidates are kept, and of the wrong
ones the hardest by overlap and a random part.
"""

import argparse
import random
from pathlib import Path
from zlib import crc32

import numpy as np

from rag.config import Settings
from rag.question import parse
from rag.read.bags import question_bag
from rag.read.features import FEATURES
from rag.read.kinds import load_kinds
from rag.read.neural import NeuralReader
from rag.read.pool import Pool
from rag.read.spans import plain
from rag.read.weigh import MAX_CHUNKS, examined
from rag.retrieve import retrieve
from rag.types import Hit
from training.ranker.contrast import Contrasts
from training.ranker.sets import NAMES, Example, load

NEGATIVES = 160
READ = MAX_CHUNKS  # chunks a pool is made of: as many as the reader reads
FOLDS = 2
LIMIT = 9000
"""Questions taken of each set."""
LIMITS = {"paragraphs": 6000}
CONTRASTED = 0.5  # share of the pools that get a passage which says the same of something else, where one can be made
_NEAR = [FEATURES.index(name) for name in ("recall_near", "left", "right")]
_GUESSED = FEATURES.index("neural")


def fold(document: str) -> int:
    """The cross-validation fold of a document."""
    return crc32(document.encode()) % FOLDS


def make_index(documents: dict[str, tuple[str, str]]) -> object:
    """An index in memory over the documents of a set."""
    from langchain_core.documents import Document

    from rag.load import from_document
    from rag.store import index_sources

    made = [
        Document(page_content=text, metadata={"source": key} | ({"published": date} if date else {}))
        for key, (text, date) in documents.items()
    ]
    return index_sources([from_document(document) for document in made], Settings())


def labels(pool: Pool, example: Example) -> np.ndarray:
    """How right each candidate is: 1 an exact answer in its document, less for a close one, 0; -1 for an equal string
    in another document, which is neither right nor wrong.
    """
    wanted = {plain(answer) for answer in example.answers}
    keys = {crc32(text.encode()) for text in wanted}
    evidence = plain(example.evidence)
    own = np.array([hit.chunk.source == example.document for hit in pool.hits])
    made = np.zeros(len(pool.start), dtype=np.float32)
    found = pool.gather([p.spans.keys for p in pool.prepared])
    exact = np.isin(found, np.array(sorted(keys)))
    made[exact] = -1.0
    for i in np.flatnonzero(own[pool.chunk]).tolist():
        text = plain(pool.text(i))
        start, end, c = pool.sentences[pool.sentence[i]].tolist()
        if exact[i]:
            sentence = plain(pool.prepared[c].chunk.text[start % 100_000 : end % 100_000])
            made[i] = 1.0 if not evidence or _shares(sentence, evidence) else 0.5
        elif len(text) <= 60:
            made[i] = max(_closeness(text, answer) for answer in wanted)
    return made


def _shares(sentence: str, evidence: str) -> bool:
    size = min(10, len(sentence), len(evidence))
    return any(sentence[i : i + size] in evidence for i in range(0, max(1, len(sentence) - size + 1), 2))


def _closeness(text: str, answer: str) -> float:
    """A small label for a span that holds the answer and little more, or most of it."""
    if answer in text and len(text) <= len(answer) + 6:
        return 0.25 * len(answer) / len(text)
    if text in answer and len(text) >= 0.7 * len(answer):
        return 0.1
    return 0.0


def main() -> None:
    """Writes the pools of all sets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="holds eval/ and corpus/")
    parser.add_argument("models", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--sets", nargs="*", default=list(NAMES))
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    kinds = [load_kinds.__wrapped__(options.models / f"kinds{k}.safetensors") for k in (0, 1)]
    networks = [NeuralReader.load(options.models / f"neural{k}.npz") for k in (0, 1)]
    x, bags, all_labels, bounds, questions, folds, weights, sources = [], [], [], [0], [], [], [], []
    for name in options.sets:
        documents, examples = load(options.folder, name)
        index = make_index(documents)
        contrasts, draw = Contrasts.of(examples), random.Random(0)
        for example in draw.sample(examples, min(len(examples), LIMITS.get(name, LIMIT))):
            if not example.answers:
                continue
            question = parse(example.question)
            hits = with_document(retrieve(index, question.text, READ), example, index)
            other = contrasts.passage(question, hits, example, draw) if draw.random() < CONTRASTED else None
            if other:
                hits = _with(hits, other, example, draw)
            k = fold(example.document)
            _, _, pool, rows = examined(question, hits, kinds[k], networks[k])
            target = labels(pool, example)
            if not len(target) or target.max() < 0.1:
                continue
            chosen = _sample(target, rows, rng)
            x.append(rows[chosen].astype(np.float16))
            bags.append(pool.gather([p.bags for p in pool.prepared])[chosen].astype(np.uint16))
            all_labels.append(np.maximum(target[chosen], 0).astype(np.float16))
            bounds.append(bounds[-1] + len(chosen))
            questions.append(question_bag(question).astype(np.uint16))
            folds.append(k)
            weights.append({"newsqa": 3.0, "written": 3.0, "squad_zh": 0.5}.get(name, 1.0))
            sources.append(name)
        print(name, len(examples), len(sources), flush=True)
    np.savez(
        options.out, x=np.concatenate(x), bags=np.concatenate(bags), labels=np.concatenate(all_labels),
        bounds=np.array(bounds), question=np.stack(questions), fold=np.array(folds),
        weight=np.array(weights), source=np.array(sources),
    )  # fmt: skip


def with_document(hits: list[Hit], example: Example, index: object) -> list[Hit]:
    """`hits`, the last replaced by the chunk of the example's document that holds an answer, if none does."""
    if any(h.chunk.source == example.document and any(a in h.chunk.text for a in example.answers) for h in hits):
        return hits
    for chunk in index.chunks:
        if chunk.source == example.document and any(a in chunk.text for a in example.answers):
            return [*hits[:-1], Hit(chunk, hits[-1].score if hits else 1.0, len(hits))]
    return hits


def _with(hits: list[Hit], other: Hit, example: Example, draw: random.Random) -> list[Hit]:
    """`hits` with a further one at some place, without the last that is not of the example's document."""
    spare = [i for i, hit in enumerate(hits) if hit.chunk.source != example.document]
    made = [hit for i, hit in enumerate(hits) if len(hits) < READ or not spare or i != spare[-1]]
    made.insert(draw.randint(0, len(made)), other)
    return made


def _sample(target: np.ndarray, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The rows of all right candidates and of `NEGATIVES` wrong ones: the hardest by nearness and by the network, and others."""
    right = np.flatnonzero(target > 0)
    wrong = np.flatnonzero(target == 0)
    near = rows[wrong][:, _NEAR].sum(axis=1) + rng.random(len(wrong)) * 0.1
    hard = np.union1d(
        wrong[np.argsort(-near)[: NEGATIVES * 3 // 8]],
        wrong[np.argsort(-rows[wrong, _GUESSED], kind="stable")[: NEGATIVES // 4]],
    )
    rest = np.setdiff1d(wrong, hard)
    easy = rng.choice(rest, min(len(rest), NEGATIVES - len(hard)), replace=False)
    return np.concatenate([right, hard, easy])


if __name__ == "__main__":
    main()
