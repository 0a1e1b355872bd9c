"""How likely every span of some passages answers a question, by a small network: `NeuralReader.score`.

    question, passages -> encode -> attention, recurrence (numpy) -> `Scored` of each passage

The network is described and trained in `training/reader`; here are numpy and its stored weights only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from rag.arrays import load_arrays
from rag.errors import ModelError
from rag.read.encode import Encoded, Vocabulary, match, shape

Array = NDArray[np.float32]
IMPOSSIBLE = -1e4  # the score of what is no span
MODEL = Path(__file__).parent / "model" / "neural.npz"
_KEPT = 1024  # passages whose words are kept


@dataclass(frozen=True, slots=True)
class Scored:
    """The log-odds of the spans of one passage.

    `starts`, `ends` (n) int32: the offsets of its words; `scores` (n, k) float32: the log-odds that the span from word
    i to word i + j is the answer rather than that the passage holds none, comparable between the passages of a
    question; `IMPOSSIBLE` past the last word.
    """

    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    scores: Array

    @property
    def null(self) -> float:
        """The log-odds that the passage holds no answer; infinite where it has no words."""
        return -_logsumexp(self.scores.ravel()) if self.scores.size else float("inf")

    def best(self, k: int = 20) -> list[tuple[int, int, float]]:
        """The `k` likeliest spans as (first character, end, log-odds), best first; of equals, the earlier."""
        flat = self.scores.ravel()
        likely = np.argpartition(-flat, k)[:k] if k < len(flat) else np.arange(len(flat))
        order = likely[np.lexsort((likely, -flat[likely]))]
        rows, columns = np.divmod(order, max(self.scores.shape[1], 1))
        return [
            (int(self.starts[row]), int(self.ends[row + column]), float(flat[at]))
            for at, row, column in zip(order, rows, columns, strict=True)
            if flat[at] > IMPOSSIBLE / 2
        ]

    def many(self, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Array:
        """The log-odds of the smallest runs of words that cover the character ranges `[starts, ends)`."""
        first = np.searchsorted(self.ends, starts, side="right")
        extra = np.searchsorted(self.starts, ends, side="left") - 1 - first
        inside = (first < len(self.scores)) & (extra >= 0) & (extra < self.scores.shape[1])
        made = np.full(len(starts), IMPOSSIBLE, dtype=np.float32)
        made[inside] = self.scores[first[inside], extra[inside]]
        return made


class NeuralReader:
    """The network, loaded; `score` is a pure function of its arguments."""

    def __init__(self, weights: Mapping[str, NDArray[np.generic]]) -> None:
        """Take the arrays of a model file (see `training/reader/train.py`)."""
        words = bytes(weights["vocabulary"].tobytes()).decode().split("\n")
        self.vocabulary = Vocabulary(words, weights["idf"].tolist(), list(weights["characters"].tobytes().decode()))
        self._vectors = weights["vectors"]
        self._scale = weights["scale"].astype(np.float32)
        skip = ("vocabulary", "characters", "idf", "vectors", "scale")
        self._weights = {
            name: np.ascontiguousarray(value.astype(np.float32).T)
            for name, value in weights.items()
            if name not in skip
        }
        for name in ("tuned", "chars.weight", "tags.weight"):
            self._weights[name] = np.ascontiguousarray(self._weights[name].T)
        self._encode = lru_cache(maxsize=_KEPT)(self.vocabulary.encode)

    @classmethod
    def load(cls, path: Path) -> "NeuralReader":
        """The reader stored at `path`.

        Raises:
            ModelError: The file is missing or is no model of this form.
        """
        try:
            return cls(load_arrays(path))
        except (OSError, ValueError, KeyError, BadZipFile) as error:
            raise ModelError(f"{path} is no model of the reader: {error}") from error

    def score(self, question: str, passages: Sequence[str]) -> list[Scored]:
        """The spans of each passage, in order."""
        asked = self.vocabulary.encode(question)
        told = [self._encode(passage) for passage in passages]
        empty = np.zeros((0, len(self._weights["length"])), dtype=np.float32)
        made = [Scored(passage.starts, passage.ends, empty) for passage in told]
        rows = [row for row, passage in enumerate(told) if passage.words]
        if asked.words and rows:
            for row, scores in zip(rows, self._run(asked, [told[row] for row in rows]), strict=True):
                made[row] = Scored(told[row].starts, told[row].ends, scores)
        return made

    def _run(self, asked: Encoded, told: list[Encoded]) -> list[Array]:
        """(n, k) scores of each passage."""
        pack = _Pack([len(passage.words) for passage in told])
        alone = _Pack([len(asked.words)])
        q_words, p_words = self._represent(asked, told, pack)
        matches = [match(asked, passage) for passage in told]
        matched = pack.pack(matches)
        tags = self._weights["tags.weight"][asked.tags]
        q = self._recur("question1", np.concatenate([q_words, tags, asked.features], 1), alone)
        q = self._recur("question2", q, alone)
        q_align, p_align = (np.maximum(self._map("align", words), 0) for words in (q_words, p_words))
        context = _softmax(p_align @ q_align.T) @ self._map("value", q_words)
        static = pack.pack([passage.features for passage in told])
        p = self._recur("passage1", np.concatenate([p_words, context, static, matched], 1), pack)
        key = self._map("key_passage", p)
        weights = _softmax(key @ self._map("key_question", q).T / np.float32(key.shape[1] ** 0.5))
        context = weights @ self._map("value_question", q)
        p = np.maximum(self._map("fuse", np.concatenate([p, context, key * context, matched], 1)), 0)
        p = self._recur("passage2", p, pack)
        summary = _softmax(self._map("focus", q).T) @ q
        return self._spans(p, summary[0], matches, pack)

    def _represent(self, asked: Encoded, told: list[Encoded], pack: "_Pack") -> tuple[Array, Array]:
        """Vectors of the words of the question, and of the passages (packed); equal words are computed once."""
        place: dict[str, int] = {}
        rows = [[place.setdefault(shape(word), len(place)) for word in text.words] for text in (asked, *told)]
        first = np.unique(np.concatenate(rows), return_index=True)[1]
        ids = np.concatenate([text.ids for text in (asked, *told)])[first]
        chars = np.concatenate([text.chars for text in (asked, *told)])[first]
        tags = np.concatenate([text.tags for text in (asked, *told)])[first]
        base = np.where(ids > 0, self._scale[ids - 1], 0)[:, None] * self._vectors[ids - 1]
        tuned = self._weights["tuned"]
        base += tuned[np.where(ids < len(tuned), ids, 0)] * (ids < len(tuned))[:, None]
        letters = self._weights["chars.weight"][chars].reshape(len(ids), -1)
        words = np.concatenate([base.astype(np.float32), letters, self._weights["tags.weight"][tags]], 1)
        made = np.maximum(self._map("word", words), 0)
        return made[rows[0]], made[np.concatenate([np.array(row) for row in rows[1:]])[pack.order]]

    def _map(self, name: str, x: Array) -> Array:
        made: Array = x @ self._weights[f"{name}.weight"]
        made += self._weights[f"{name}.bias"]
        return made

    def _recur(self, name: str, x: Array, pack: "_Pack") -> Array:
        """A simple recurrent unit in both directions (Lei et al. 2018) over packed rows."""
        u = self._map(f"{name}.map", x)
        hidden = u.shape[1] // 6
        u = np.ascontiguousarray(u.reshape(len(u), 2, 3, hidden).transpose(1, 2, 0, 3))
        made = np.empty((len(x), 2 * hidden), dtype=np.float32)
        for side in (0, 1):
            state, gate, reset = u[side]
            _sigmoid(gate)
            _sigmoid(reset)
            state *= 1 - gate
            _scan(state, gate, pack.steps[::-1] if side else pack.steps)
            part = slice(side * hidden, (side + 1) * hidden)
            if x.shape[1] == 2 * hidden:
                made[:, part] = reset * (state - x[:, part]) + x[:, part]
            else:
                made[:, part] = reset * state
        return made

    def _spans(self, p: Array, q: Array, matches: list[Array], pack: "_Pack") -> list[Array]:
        size = p.shape[1]
        bounds = self._map("bounds", q[None]).reshape(2, size) / np.float32(size**0.5)
        ends = p @ bounds.T
        left, right = self._map("left", p), self._map("right", p)
        pooled = np.maximum(self._map("pool", p), 0)
        asked = np.maximum(self._map("ask", q[None])[0], 0)
        length = self._weights["length"]
        made = []
        for row, matched in enumerate(matches):
            at = pack.rows[row]
            null = self._map("null", np.concatenate([pooled[at].max(0), asked, matched.max(0)])[None])[0, 0]
            after = np.full((len(at) + len(length), right.shape[1] + 1), 0, dtype=np.float32)
            after[: len(at), :-1] = right[at]
            after[:, -1] = IMPOSSIBLE
            after[: len(at), -1] = ends[at, 1]
            before = np.concatenate([left[at], np.ones((len(at), 1), dtype=np.float32)], 1)
            windows = np.lib.stride_tricks.sliding_window_view(after, len(length), axis=0)[: len(at)]
            scores = (before[:, None, :] @ windows)[:, 0] + ends[at, :1] + length - null
            made.append(np.maximum(scores, IMPOSSIBLE).astype(np.float32))
        return made


class _Pack:
    """Rows of texts of different lengths in the order of time: all first words, longest text first, then all second."""

    def __init__(self, lengths: list[int]) -> None:
        sizes = np.array(lengths)
        order = np.argsort(-sizes, kind="stable")
        offsets = np.concatenate(([0], np.cumsum(sizes)))
        time = np.arange(sizes.max())[:, None]
        alive = time < sizes[order]
        ends = np.cumsum(alive.sum(1)).tolist()
        self.steps = list(zip([0, *ends[:-1]], ends, strict=True))
        self.order = (offsets[order] + time)[alive]
        place = np.empty(len(self.order), dtype=np.int64)
        place[self.order] = np.arange(len(self.order))
        self.rows = [place[offsets[row] : offsets[row + 1]] for row in range(len(lengths))]

    def pack(self, parts: list[Array]) -> Array:
        """The rows of all texts, in the order of time."""
        made: Array = np.concatenate(parts)[self.order]
        return made


def _scan(state: Array, gate: Array, steps: list[tuple[int, int]]) -> None:
    """In place: state[t] += gate[t] * state[t - 1], where texts may end (forwards) or begin (backwards) at a step."""
    spare = np.empty((max(end - start for start, end in steps), state.shape[1]), dtype=np.float32)
    before = state[:0]
    for start, end in steps:
        size = min(end - start, len(before))
        if size:
            kept = spare[:size]
            np.multiply(gate[start : start + size], before[:size], out=kept)
            state[start : start + size] += kept
        before = state[start:end]


def _sigmoid(x: Array) -> None:
    """In place."""
    np.negative(x, out=x)
    np.clip(x, -60, 60, out=x)
    np.exp(x, out=x)
    x += 1
    np.reciprocal(x, out=x)


def _softmax(x: Array) -> Array:
    x = np.exp(x - x.max(1, keepdims=True))
    made: Array = x / x.sum(1, keepdims=True)
    return made


def _logsumexp(x: Array) -> float:
    top = float(x.max())
    return top + float(np.log(np.exp(x - top).sum()))


@lru_cache(maxsize=1)
def load_network(path: Path = MODEL) -> NeuralReader:
    """The shipped network.

    Raises:
        ModelError: the file is missing or is no model of this form.
    """
    return NeuralReader.load(path)
