"""The examples of the reader: questions with the windows of their document, right spans, and hard wrong windows.

    sets (CMRC 2018, DRCD, SQuAD in Chinese, questions over news) -> Example -> batches of tensors

A document belongs to half `crc32(id) % 2`; a model of fold K never sees the documents of half K.
"""

import gzip
import json
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from zlib import crc32

import numpy as np
import torch
from scipy import sparse

from rag.read.encode import Encoded, Vocabulary, match, shape, split, tag
from rag.tokens import fold, sentences
from training.ranker.sets import PARAGRAPHS, WRITTEN

WINDOW_CHARS = 220  # shorter than at question time: twice the questions in the time
LONGEST = 40
REACH = 20  # characters around its evidence within which a short answer stands
_ASKING = re.compile(
    "是什么|是多少|是哪.|有多少|多少|什么时候|什么|哪些|哪一年|哪年|哪天|哪里|哪儿|哪个|哪家|哪位|哪|何时|何地|何人|为何|如何|何|谁|"
    "怎么|怎样|为什么|几|吗|呢|请问|[？?。]"
)
_FILLER = {
    "的",
    "了",
    "是",
    "在",
    "于",
    "被",
    "把",
    "和",
    "与",
    "有",
    "由",
    "所",
    "对",
    "为",
    "以",
    "从",
    "到",
    "那",
    "这",
    "一",
    "个",
    "，",
    ",",
}


@dataclass(slots=True)
class Example:
    """One question; `golds` are (position among `windows`, first word, last word), empty where it has no answer."""

    id: str
    source: str
    fold: int
    question: str
    windows: list[int]
    golds: list[tuple[int, int, int]]
    answers: list[str]
    variants: list[str] = field(default_factory=list)
    wrong: list[int] = field(default_factory=list)


def rows(path: Path) -> Iterator[dict]:
    """The rows of a gzipped JSON lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as handle:
        for line in handle:
            yield json.loads(line)


def half(identifier: str) -> int:
    """The half a document belongs to."""
    return crc32(identifier.encode()) % 2


def windows(text: str, limit: int = WINDOW_CHARS) -> list[tuple[int, int]]:
    """Half-open ranges of up to about `limit` characters that end with sentences and are about equally long."""
    bounds = [end for _, end in sentences(text)] or [len(text)]
    pieces = max(1, -(-len(text) // limit))
    made, start = [], 0
    for number in range(1, pieces + 1):
        target = len(text) * number / pieces
        end = len(text) if number == pieces else min(bounds, key=lambda bound: abs(bound - target))
        if end > start:
            made.append((start, end))
            start = end
    return made


def keywords(question: str, generator: random.Random) -> str:
    """`question` as a query of key words: asking words gone, fillers mostly, blanks between some of the rest."""
    rest = _ASKING.sub(" ", question)
    made = []
    for word, _, _ in split(rest):
        if (word in _FILLER and generator.random() < 0.85) or (
            tag(word) in (9, 10, 11, 12) and generator.random() < 0.6
        ):
            made.append(" ")
        else:
            made.append(word + (" " if generator.random() < 0.25 else ""))
    parts = "".join(made).split()
    if len(parts) > 2 and generator.random() < 0.3:
        cut = generator.randrange(1, len(parts))
        parts = parts[cut:] + parts[:cut]
    return " ".join(parts) or question


class Data:
    """All examples, the encoded windows, and the features of each pair, computed once."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Start empty."""
        self.vocabulary = vocabulary
        self.windows: list[Encoded] = []
        self.halves: list[int] = []
        self.types: dict[str, int] = {"": 0}
        self.rows: list[tuple[int, ...]] = [(0,) * 6]
        self.window_types: list[np.ndarray] = []
        self.examples: list[Example] = []
        self._questions: dict[str, tuple[Encoded, np.ndarray]] = {}
        self._matched: dict[tuple[str, int], np.ndarray] = {}

    def _types(self, encoded: Encoded) -> np.ndarray:
        made = np.zeros(len(encoded.words), dtype=np.int64)
        for at, word in enumerate(encoded.words):
            form = shape(word)
            if form not in self.types:
                self.types[form] = len(self.rows)
                self.rows.append((int(encoded.ids[at]), *encoded.chars[at].tolist(), int(encoded.tags[at])))
            made[at] = self.types[form]
        return made

    def question(self, text: str) -> tuple[Encoded, np.ndarray]:
        """A question encoded, and the types of its words."""
        if text not in self._questions:
            encoded = self.vocabulary.encode(text)
            self._questions[text] = (encoded, self._types(encoded))
        return self._questions[text]

    def matched(self, question: str, window: int) -> np.ndarray:
        """The features of a window's words against a question, float16."""
        if (question, window) not in self._matched:
            self._matched[question, window] = match(self.question(question)[0], self.windows[window]).astype(np.float16)
        return self._matched[question, window]

    def add_document(self, identifier: str, text: str) -> list[tuple[int, int]]:
        """(window, its offset in `text`) of every window of a document."""
        made = []
        for start, end in windows(text):
            at = self.add_window(text[start:end], half(identifier))
            if at >= 0:
                made.append((at, start))
        return made

    def add_window(self, text: str, part: int = -1) -> int:
        """The number of a new window, of a document of half `part`; -1 where it has no words."""
        encoded = self.vocabulary.encode(text)
        if not encoded.words:
            return -1
        self.windows.append(encoded)
        self.window_types.append(self._types(encoded))
        self.halves.append(part)
        return len(self.windows) - 1

    def golds(self, made: list[tuple[int, int]], spans: Iterable[tuple[int, int]]) -> set[tuple[int, int, int]]:
        """Character ranges of a document as (position among its windows, first word, last word)."""
        golds = set()
        for start, end in spans:
            for position, (window, offset) in enumerate(made):
                encoded = self.windows[window]
                if offset <= start and end <= offset + len(encoded.text):
                    first = int(np.searchsorted(encoded.ends, start - offset, side="right"))
                    last = int(np.searchsorted(encoded.starts, end - offset, side="left")) - 1
                    if 0 <= last - first < LONGEST:
                        golds.add((position, first, last))
        return golds

    def emptied(self) -> "Data":
        """A new one without windows and questions that knows the same words."""
        other = Data(self.vocabulary)
        other.types, other.rows = self.types, self.rows
        return other

    def add_question(
        self, row_id: str, source: str, document: str, made: list[tuple[int, int]], question: str,
        spans: Iterable[tuple[int, int]], answers: list[str],
    ) -> None:  # fmt: skip
        """Add a question over a document's windows; `spans` are character ranges of the document."""
        golds = self.golds(made, spans)
        if answers and not golds:
            return
        self.examples.append(
            Example(row_id, source, half(document), question, [w for w, _ in made], sorted(golds), answers)
        )

    def load(self, folder: Path, news: Path) -> None:
        """Add the four sets of `folder`; `news` is the corpus the news questions were written over."""
        further = list(rows(PARAGRAPHS))
        for source in ("cmrc2018", "drcd", "squad_zh"):
            documents = {row["id"]: fold(row["text"]) for row in rows(folder / f"{source}_contexts.jsonl.gz")}
            made = {key: self.add_document(key, text) for key, text in documents.items()}
            for row in rows(folder / f"{source}_questions.jsonl.gz"):
                document = row["context_id"]
                answers = [fold(answer["text"]) for answer in row["answers"]]
                spans = [(a["start"], a["start"] + len(a["text"])) for a in row["answers"]]
                spans += occurrences(documents[document], answers[:1])
                self.add_question(row["id"], source, document, made[document], fold(row["question"]), spans, answers)
            for row in (row for row in further if row["context_id"] in documents):
                document = row["context_id"]
                spans = [tuple(span) for span in row["spans"]]
                answers = [documents[document][start:end] for start, end in spans]
                spans += occurrences(documents[document], answers[:1])
                self.add_question(row["id"], source, document, made[document], fold(row["question"]), spans, answers)
        self._load_news([*rows(folder / "newsqa.jsonl.gz"), *rows(WRITTEN)], news)

    def _load_news(self, asked: list[dict], news: Path) -> None:
        """Add questions over documents of the corpus at `news`."""
        wanted = {row["news_id"] for row in asked}
        texts = {row["id"]: fold(row["text"]) for row in rows(news) if row["id"] in wanted}
        made = {key: self.add_document(key, text) for key, text in texts.items()}
        for row in asked:
            key = row["news_id"]
            answers = [] if row["unanswerable"] else [fold(row["answer"]), *map(fold, row["variants"])]
            spans = occurrences(texts[key], answers[:1])
            at = texts[key].find(fold(row["evidence"]))
            inside = [span for span in spans if at - REACH <= span[0] < at + len(row["evidence"]) + REACH]
            if len(answers) and len(answers[0]) < 4:
                spans = inside or spans
            self.add_question(row["id"], "newsqa", key, made[key], fold(row["question"]), spans, answers)

    def prepare(self, seed: int = 0, wrong: int = 4) -> None:
        """Give every example key-word variants and the windows of other documents that look most like its question."""
        generator = random.Random(seed)
        for example in self.examples:
            if example.source != "newsqa" or " " not in example.question:
                example.variants = [keywords(example.question, generator) for _ in range(2)]
        self._wrong_windows(wrong)

    def _wrong_windows(self, wrong: int) -> None:
        index: dict[str, int] = {}
        matrix = _bigrams((w.text for w in self.windows), index, grow=True)
        lengths = np.asarray(matrix.sum(1)).ravel() + 1
        frequency = np.bincount(matrix.indices, minlength=len(index))
        idf = np.log(1 + (len(self.windows) - frequency + 0.5) / (frequency + 0.5))
        bound = 1.2 * (0.25 + 0.75 * lengths / lengths.mean())
        matrix.data = matrix.data * 2.2 / (matrix.data + np.repeat(bound, np.diff(matrix.indptr))) * idf[matrix.indices]
        columns = matrix.T.tocsr()
        halves = np.array(self.halves)
        for begin in range(0, len(self.examples), 512):
            part = self.examples[begin : begin + 512]
            asked = _bigrams((e.question for e in part), index, grow=False)
            asked.data[:] = 1
            scores = (asked @ columns).toarray()
            for example, line in zip(part, scores, strict=True):
                line[halves != example.fold] = 0
                line[example.windows] = 0
                best = np.argpartition(-line, wrong + 8)[: wrong + 8]
                best = best[np.argsort(-line[best])]
                example.wrong = [
                    int(w)
                    for w in best
                    if line[w] > 0 and not any(a in self.windows[w].text for a in example.answers[:1])
                ][:wrong]


def occurrences(text: str, answers: list[str]) -> list[tuple[int, int]]:
    """The ranges of `text` that read like one of `answers`; of a single character only where it stands once."""
    made = []
    for answer in answers:
        found = [m.start() for m in re.finditer(re.escape(answer), text)] if answer else []
        if len(answer) > 1 or len(found) == 1:
            made += [(at, at + len(answer)) for at in found if _whole(text, at, at + len(answer))]
    return made


def _whole(text: str, start: int, end: int) -> bool:
    """Whether a range cuts no number."""
    left = text[start].isdigit() and start > 0 and (text[start - 1].isdigit() or text[start - 1] == ".")
    return not left and not (text[end - 1].isdigit() and text[end : end + 1].isdigit())


def _bigrams(texts: Iterable[str], index: dict[str, int], grow: bool) -> sparse.csr_matrix:
    ids, bounds = [], [0]
    for text in texts:
        for a, b in pairwise(text):
            if a.isalnum() and b.isalnum():
                at = index.setdefault(a + b, len(index)) if grow else index.get(a + b, -1)
                if at >= 0:
                    ids.append(at)
        bounds.append(len(ids))
    made = sparse.csr_matrix((np.ones(len(ids), dtype=np.float32), ids, bounds), shape=(len(bounds) - 1, len(index)))
    made.sum_duplicates()
    return made


def rounded(size: int, step: int) -> int:
    """The next multiple of `step`."""
    return -(-size // step) * step


def collate(data: Data, chosen: list[tuple[str, list[int], list[tuple[int, int, int]]]]) -> dict[str, torch.Tensor]:
    """Tensors of a batch of (question, windows, right spans by position in windows)."""
    asked = [data.question(question) for question, _, _ in chosen]
    pairs = [(number, window) for number, (_, told, _) in enumerate(chosen) for window in told]
    q_size = [len(types) for _, types in asked]
    p_size = [len(data.window_types[window]) for _, window in pairs]
    # Round sizes: oneDNN compiles a kernel for every new shape, which takes longer than the step itself.
    q_size += [0] * (-len(q_size) % 8)
    p_size += [0] * (-len(p_size) % 8)
    question = np.zeros((len(q_size), rounded(max(q_size), 8)), dtype=np.int64)
    passage = np.zeros((len(p_size), rounded(max(p_size), 16)), dtype=np.int64)
    features = np.zeros((*question.shape, asked[0][0].features.shape[1]), dtype=np.float32)
    static = np.zeros((*passage.shape, features.shape[2]), dtype=np.float32)
    matched = np.zeros((*passage.shape, 12), dtype=np.float32)
    for row, (encoded, types) in enumerate(asked):
        question[row, : len(types)] = types
        features[row, : len(types)] = encoded.features
    for row, (number, window) in enumerate(pairs):
        size = p_size[row]
        passage[row, :size] = data.window_types[window]
        static[row, :size] = data.windows[window].features
        matched[row, :size] = data.matched(chosen[number][0], window)
    types, flat = np.unique(np.concatenate([question.ravel(), passage.ravel()]), return_inverse=True)
    table = np.zeros((rounded(len(types), 256), 6), dtype=np.int64)
    table[: len(types)] = [data.rows[i] for i in types]
    groups = np.full((len(chosen), max(len(told) for _, told, _ in chosen)), -1, dtype=np.int64)
    gold, at = [], 0
    for row, (_, told, spans) in enumerate(chosen):
        groups[row, : len(told)] = np.arange(at, at + len(told))
        gold += [(at + position, first, last) for position, first, last in spans]
        at += len(told)
    made = {
        "ids": table[:, 0], "chars": table[:, 1:5], "tags": table[:, 5],
        "question": flat[: question.size].reshape(question.shape),
        "passage": flat[question.size :].reshape(passage.shape),
        "question_features": features, "static": static, "matched": matched,
        "owner": np.array([number for number, _ in pairs] + [0] * (len(p_size) - len(pairs))), "groups": groups,
        "gold": np.array(gold, dtype=np.int64).reshape(-1, 3),
        "question_lengths": np.array(q_size, dtype=np.int32), "passage_lengths": np.array(p_size, dtype=np.int32),
    }  # fmt: skip
    return {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in made.items()}
