"""The vectors: multiple-negatives ranking over drawn examples, with Adam on the rows that a batch touches.

    corpus -> vocabulary -> pairs -> [train] -> export

The model is a table, so forward and backward are products with a sparse matrix (one row per text, 1/length at each
of its tokens); only the loss between the means of a batch is left to torch. That is several times faster on a CPU
than `nn.EmbeddingBag` with `SparseAdam`.
"""

import multiprocessing
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from torch.nn import functional

from training.embeddings.pairs import Mix, Sampler, Tokens


@dataclass(frozen=True, slots=True)
class Course:
    """The training settings; the defaults are those of the shipped model."""

    dimension: int = 384
    steps: int = 2000
    batch: int = 1024
    rate: float = 5e-3  # falls linearly to a fiftieth
    warmup: int = 20
    scale: float = 20.0  # of the cosines in the loss
    spread: float = 0.1  # standard deviation of the first vectors, times a token's IDF over the mean IDF
    seed: int = 0


class Table:
    """Token vectors with Adam's two moments, updated only where a batch has gradients."""

    def __init__(self, vectors: NDArray[np.float32]) -> None:
        self.vectors = vectors
        self._first = np.zeros_like(vectors)
        self._second = np.zeros_like(vectors)
        self._step = 0

    def update(self, rows: NDArray[np.int64], gradient: NDArray[np.float32], rate: float) -> None:
        """One step of Adam (Kingma and Ba 2015, betas 0.9 and 0.999) on `rows`."""
        self._step += 1
        first = self._first[rows]
        first *= 0.9
        first += 0.1 * gradient
        self._first[rows] = first
        second = self._second[rows]
        second *= 0.999
        gradient *= gradient
        gradient *= 0.001
        second += gradient
        self._second[rows] = second
        np.sqrt(second, out=second)
        second += 1e-8
        first /= second
        first *= rate * np.sqrt(1 - 0.999**self._step) / (1 - 0.9**self._step)
        self.vectors[rows] -= first


def train(tokens: Tokens, tokenizer: Any, course: Course, mix: Mix) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """The step number and the vectors so far, every hundred steps and at the end; unknown tokens have a zero row."""
    torch.set_num_threads(1)
    draw = np.random.default_rng(course.seed)
    sampler = Sampler(tokens, tokenizer, mix, course.seed + 1)
    start = draw.standard_normal((len(sampler.idf), course.dimension), np.float32) * course.spread
    start *= (sampler.idf / sampler.idf.mean())[:, None]
    start[0] = 0
    table = Table(start)
    average, began = 0.0, time.monotonic()
    for step, examples in enumerate(_drawn(sampler, course)):
        rate = course.rate * min(1.0, (step + 1) / course.warmup) * max(0.02, 1 - step / course.steps)
        loss = _learn(table, examples, rate, course.scale)
        average = loss if step == 0 else 0.95 * average + 0.05 * loss
        if (step + 1) % 100 == 0 or step + 1 == course.steps:
            print(f"step {step + 1}  loss {average:.3f}  {time.monotonic() - began:.0f} s", flush=True)
            yield step + 1, table.vectors


def _learn(table: Table, examples: list[Any], rate: float, scale: float) -> float:
    """One step; the loss of the batch before it."""
    size = len(examples)
    own = [i for i, example in enumerate(examples) if example[2] is not None]
    texts = [e[0] for e in examples] + [e[1] for e in examples] + [examples[i][2] for i in own]
    lengths = np.array([len(text) for text in texts])
    rows, column = np.unique(np.concatenate(texts), return_inverse=True)
    share = np.repeat(1 / np.maximum(lengths, 1), lengths).astype(np.float32)
    bounds = np.concatenate([[0], np.cumsum(lengths)])
    bags = csr_matrix((share, column.astype(np.int32), bounds), shape=(len(texts), len(rows)))
    means = torch.from_numpy(bags @ table.vectors[rows]).requires_grad_()
    units = functional.normalize(means, dim=1)
    questions, passages, others = units[:size], units[size : 2 * size], units[2 * size :]
    against = torch.full((size,), -1e4)  # the other window of one's own document: one more wrong answer
    place = torch.tensor(own, dtype=torch.long)
    against = against.scatter(0, place, (questions[place] * others).sum(1) * scale)
    scores = torch.cat([questions @ passages.T * scale, against[:, None]], 1)
    loss = functional.cross_entropy(scores, torch.arange(size))
    loss.backward()  # type: ignore[no-untyped-call]
    gradient = bags.T.tocsr() @ means.grad.numpy()  # type: ignore[union-attr]
    known = rows != 0
    table.update(rows[known], gradient[known], rate)
    return float(loss.detach())


def _drawn(sampler: Sampler, course: Course) -> Iterator[list[Any]]:
    """`course.steps` batches, drawn in a process of their own."""
    context = multiprocessing.get_context("fork")
    queue = context.Queue(8)
    process = context.Process(target=_fill, args=(queue, sampler, course), daemon=True)
    process.start()
    for _ in range(course.steps):
        yield queue.get()
    process.join()


def _fill(queue: Any, sampler: Sampler, course: Course) -> None:
    for _ in range(course.steps):
        queue.put(sampler.batch(course.batch))
