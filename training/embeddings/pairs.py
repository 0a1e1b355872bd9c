"""Training examples drawn from plain text: something like a question, its passage, another passage of the document.

    corpus -> vocabulary -> [pairs] -> train -> export

Everything is drawn anew at each step from the token ids, so no example is seen twice and nothing is stored.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

_CLAUSE = re.compile(r"[^，。；：！？!?,;:\n]+[，。；：！？!?,;:\n]*")
# Asked of any subject: mixed into questions so that the model learns to give them no weight.
_ASKING = (
    *("多少", "是多少", "多少人", "多少亿元", "百分之多少", "几", "哪些", "有哪些", "分别是", "什么", "是什么", "的是"),
    *(
        "谁",
        "是谁",
        "哪里",
        "哪个",
        "哪家公司",
        "何时",
        "什么时候",
        "哪一天",
        "哪年",
        "为什么",
        "怎么",
        "如何",
        "请问",
        "是否",
    ),
)
_TRIES = 3  # places tried for a second window of the document before the example goes without


@dataclass(frozen=True, slots=True)
class Tokens:
    """A corpus as token ids, cut into clauses."""

    ids: NDArray[np.int32]
    clause_start: NDArray[np.int64]  # offsets in `ids`, one more than there are clauses
    document_start: NDArray[np.int64]  # clause numbers, one more than there are documents

    @classmethod
    def of(cls, texts: Iterable[str], tokenizer: Tokenizer) -> "Tokens":
        """The token ids of `texts`."""
        pieces: list[NDArray[np.int32]] = []
        lengths: list[int] = []
        clauses = [0]
        for text in texts:
            made = tokenizer.encode_batch_fast(_CLAUSE.findall(text), add_special_tokens=False)
            lengths += [len(encoding.ids) for encoding in made]
            pieces += [np.array(encoding.ids, np.int32) for encoding in made]
            clauses.append(len(lengths))
        return cls(np.concatenate(pieces), np.cumsum([0, *lengths]), np.array(clauses))


@dataclass(frozen=True, slots=True)
class Mix:
    """How examples are drawn; the defaults are those of the shipped model."""

    window: int = 130  # tokens of a passage, times 0.5 to 1.2
    keywords: float = 0.25  # the share of questions that are rare words of the passage instead of a clause
    lead: float = 0.15  # the share of clauses taken from the beginning of the document, its headline
    remove: float = 0.3  # how often the clause is cut out of the passage, so that meaning must do
    drop: float = 0.5  # at most this share of a clause's tokens is left out
    hide_numbers: float = 0.5  # how often most of a clause's numbers are left out: they are what questions ask for
    asking: float = 0.6  # how often asking words are added
    resplit: float = 0.1  # how often a piece is replaced by its parts


class Sampler:
    """Draws examples: (question, passage, another passage of the document or None), each an array of token ids."""

    def __init__(self, tokens: Tokens, tokenizer: Tokenizer, mix: Mix, seed: int) -> None:
        self._mix = mix
        self._random = np.random.default_rng(seed)
        self._ids = tokens.ids
        self._clauses = tokens.clause_start
        self._documents = tokens.document_start
        spans = self._clauses[self._documents]
        self._usable = np.flatnonzero(np.diff(spans) >= 40)
        self.idf = _idf(tokens, tokenizer.get_vocab_size())
        self._asking = [np.array(tokenizer.encode(word).ids) for word in _ASKING]
        vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
        self._number = np.array([piece[:1].isdigit() for piece, _ in vocabulary])
        self._part_start, self._parts = _parts(tokenizer)

    def batch(self, size: int) -> list[tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32] | None]]:
        """`size` examples of different documents (of all, where there are fewer)."""
        return [
            self._example(int(d))
            for d in self._random.choice(self._usable, min(size, len(self._usable)), replace=False)
        ]

    def _example(self, document: int) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32] | None]:
        draw, mix = self._random, self._mix
        low, high = self._clauses[self._documents[document]], self._clauses[self._documents[document + 1]]
        start, end = self._clause(document)
        width = int(mix.window * draw.uniform(0.5, 1.2))
        first = (
            low
            if high - low <= width
            else int(np.clip((start + end) // 2 - draw.integers(0, width), low, high - width))
        )
        last = min(high, first + width)
        passage = self._ids[first:last]
        if draw.random() < mix.keywords:
            weight = self.idf[passage] ** 2 + 1e-3
            count = min(int(draw.integers(2, 6)), len(passage))
            question = draw.choice(passage, count, replace=False, p=weight / weight.sum())
        else:
            question = self._thinned(self._ids[start : min(end, start + 24)])
            rest = np.concatenate([self._ids[first : max(first, start)], self._ids[min(end, last) : last]])
            if draw.random() < mix.remove and len(rest):
                passage = rest
        if draw.random() < mix.asking:
            question = np.concatenate([question, self._asking[draw.integers(len(self._asking))]])
        other = self._elsewhere(low, high, first, last, width)
        return self._resplit(question), self._resplit(passage), other

    def _clause(self, document: int) -> tuple[int, int]:
        """Offsets of one to five clauses of at least 4 to 11 tokens together."""
        draw = self._random
        begin, stop = self._documents[document], self._documents[document + 1]
        first = begin if draw.random() < self._mix.lead else draw.integers(begin, stop)
        last, least = first + 1, draw.integers(4, 12)
        while self._clauses[last] - self._clauses[first] < least and last < min(stop, first + 5):
            last += 1
        return int(self._clauses[first]), int(self._clauses[last])

    def _thinned(self, clause: NDArray[np.int32]) -> NDArray[np.int32]:
        """The clause without some of its tokens, as a question is against the sentence that answers it."""
        draw = self._random
        kept = clause[draw.random(len(clause)) > self._mix.drop * draw.random()]
        if draw.random() < self._mix.hide_numbers:
            kept = kept[~self._number[kept] | (draw.random(len(kept)) < 0.3)]
        return kept if len(kept) else clause

    def _elsewhere(self, low: int, high: int, first: int, last: int, width: int) -> NDArray[np.int32] | None:
        """A window of the document that does not overlap `[first, last)`, if one is found soon."""
        for _ in range(_TRIES if high - low > width * 3 // 2 else 0):
            start = int(self._random.integers(low, high - width // 2))
            if start >= last or start + width <= first:
                return self._ids[start : min(start + width, high)]
        return None

    def _resplit(self, ids: NDArray[np.int32]) -> NDArray[np.int32]:
        """Some pieces replaced by their parts: 服务外包 and 服务 + 外包 must come to the same."""
        chosen = self._random.random(len(ids)) < self._mix.resplit
        counts = np.where(chosen, self._part_start[ids + 1] - self._part_start[ids], 1)
        made = np.repeat(ids, counts)
        offset = np.arange(len(made)) - np.repeat(np.cumsum(counts) - counts, counts)
        inside = np.repeat(chosen, counts)
        made[inside] = self._parts[self._part_start[made[inside]] + offset[inside]]
        return made


def _idf(tokens: Tokens, size: int) -> NDArray[np.float32]:
    """ln((N+1)/(df+1)) of each token over documents, shape (size,)."""
    documents = len(tokens.document_start) - 1
    lengths = np.diff(tokens.clause_start[tokens.document_start])
    owner = np.repeat(np.arange(documents), lengths)
    seen = np.unique(owner * size + tokens.ids) % size
    return np.log((documents + 1) / (np.bincount(seen, minlength=size) + 1)).astype(np.float32)


def _parts(tokenizer: Tokenizer) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """For each piece the likeliest other pieces that spell it (itself where none do): offsets and flat ids."""
    vocabulary = json.loads(tokenizer.to_str())["model"]["vocab"]
    number = {piece: i for i, (piece, _) in enumerate(vocabulary)}
    parts: list[list[int]] = []
    for own, (piece, _) in enumerate(vocabulary):
        best: list[tuple[float, list[int]] | None] = [(0.0, [])] + [None] * len(piece)
        for end in range(1, len(piece) + 1):
            for start in range(end):
                before, i = best[start], number.get(piece[start:end])
                if before is None or i is None or i == own:
                    continue
                score = before[0] + vocabulary[i][1]
                if best[end] is None or score > best[end][0]:
                    best[end] = score, [*before[1], i]
        found = best[-1]
        parts.append(found[1] if found and found[1] else [own])
    return np.cumsum([0] + [len(p) for p in parts]), np.array([i for p in parts for i in p], np.int32)
