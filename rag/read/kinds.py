"""What kind of thing a span is, and what kind a question wants: `span_kinds(...)`, `KindModel`. Used by features.

A span's kind is read from its words (a sum of money, a person, a place, ...). Which kinds a question wants is learned
from questions and the kinds of their answers, by a linear model over the question's character n-grams, so that "增速",
"涨了多少" and "同比变化" all come to want a percentage without anyone listing them.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from rag.question import Question
from rag.read import words as w
from rag.read.words import Words
from rag.tokens import fold

KINDS = "other money percent multiple count amount period organisation place person latin list quoted long".split()
BUCKETS = 1 << 14
MODEL = Path(__file__).parent / "model" / "kinds.safetensors"
_LONG = 14


def _table(characters: str) -> NDArray[np.bool_]:
    """Which characters of the basic plane are among `characters`, by code point."""
    made = np.zeros(0x10000, dtype=bool)
    made[[ord(c) for c in characters]] = True
    return made


_BODIES = _table("司团行学院局部委会社厅所心队校厂店台室处站馆府企")
_PLACES = _table("省市县区镇乡村路街道岛州国湾港桥山河湖园洲")
_OPENERS = _table("《“「『")
_QUANTITIES = {w.MONEY: "money", w.PERCENT: "percent", w.MULTIPLE: "multiple", w.COUNT: "count", w.AMOUNT: "amount"}


def span_kinds(cut: Words, first: NDArray[np.int32], last: NDArray[np.int32]) -> NDArray[np.int64]:
    """The index in `KINDS` of each span of whole words `[first, last]`; the first rule that fits decides."""
    tag, end_tag = cut.tags[first], cut.tags[last]
    size, chars = last - first + 1, cut.ends[last] - cut.starts[first]
    text = np.minimum(np.frombuffer(cut.text.encode("utf-32-le"), dtype=np.uint32), 0xFFFF)
    opening, ending = text[cut.starts[first]], text[cut.ends[last] - 1]
    commas = np.concatenate(([0], np.cumsum(cut.hashes == _COMMA)))
    dotted = np.concatenate(([0], np.cumsum(cut.hashes == _DOT)))
    short = (size <= 3) & (chars <= 16)
    rules: list[tuple[str, NDArray[np.bool_]]] = [
        (name, np.equal(end_tag, quantity) & short) for quantity, name in _QUANTITIES.items()
    ]
    rules += [
        ("list", commas[last + 1] > commas[first]),
        ("period", (tag == w.PERIOD) & ((size == 1) | (end_tag == w.PERIOD) | short)),
        ("quoted", _OPENERS[opening]),
        ("person", (dotted[last + 1] > dotted[first]) & (chars <= 16)),
        ("person", cut.surnames[first] & (chars >= 2) & (chars <= 3) & (end_tag != w.VERB) & (tag != w.VERB)),
        ("organisation", _BODIES[ending] & (chars >= 3) & (chars <= 30)),
        ("place", (_PLACES[ending] | (end_tag == w.PLACE)) & (chars <= 16)),
        ("latin", np.equal(tag, w.LATIN)),
        ("long", chars >= _LONG),
        ("person", np.equal(end_tag, w.PERSON)),
    ]
    return np.select([rule for _, rule in rules], [KINDS.index(name) for name, _ in rules], default=0)


_COMMA, _DOT = crc32("、".encode()), crc32("·".encode())


@dataclass(frozen=True, slots=True)
class KindModel:
    """A linear model: `table` (BUCKETS, kinds) and `bias` (kinds); `prior` is the log share of each kind in training."""

    table: NDArray[np.float32]
    bias: NDArray[np.float32]
    prior: NDArray[np.float32]

    def wanted(self, question: Question) -> NDArray[np.float32]:
        """The log probability of each kind as the kind of the answer, shape (kinds,)."""
        rows = self.table[question_grams(question)]
        logits = rows.mean(axis=0) * np.sqrt(len(rows)) + self.bias
        result: NDArray[np.float32] = logits - np.log(np.exp(logits - logits.max()).sum()) - logits.max()
        return result


def question_grams(question: Question) -> NDArray[np.int64]:
    """The buckets of a question: its character n-grams (1 to 3), those at its cue and at its end once more."""
    text = fold(question.text)
    start, end = question.cue
    grams = {text[i : i + n] for n in (1, 2, 3) for i in range(len(text) - n + 1)}
    grams |= {f"cue {text[max(0, start - a) : end + b]}" for a in (0, 2) for b in (0, 1, 2)}
    grams |= {f"end {text[-n:]}" for n in (1, 2, 3)} | {f"asked {question.asked}", f"head {question.head[-2:]}"}
    return np.array(sorted({crc32(gram.encode()) % BUCKETS for gram in grams}), dtype=np.int64)


@lru_cache(maxsize=1)
def load_kinds(path: Path = MODEL) -> KindModel:
    """The shipped model."""
    from safetensors.numpy import load_file

    return KindModel(**{name: np.asarray(values, dtype=np.float32) for name, values in load_file(path).items()})
