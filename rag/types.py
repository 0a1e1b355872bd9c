"""The values that flow between the stages; every stage imports these and nothing else of another stage.

    SourceText  one file (or LangChain document), cleaned, with the way back to its raw characters
    Chunk       a passage of one article of a source        split   -> store, retrieve
    Hit         a chunk found for a question                retrieve -> read
    Evidence    a sentence of a chunk that supports         read    -> verify, cite
    Answer      what the reader found, before citing        read    -> verify, cite
    Citation    a numbered quote with its place in the file cite    -> Reply
    Reply       what the user gets
    Turn        one message of a conversation

All are frozen: a stage makes new values, it never changes one it was given.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal


@dataclass(frozen=True, slots=True)
class OffsetMap:
    """The way from clean offsets back to raw ones, as runs of characters kept side by side.

    Run `i` starts at `clean_starts[i]` in the clean text and at `raw_starts[i]` in the raw text; inside a run
    both advance together. Both tuples are strictly increasing and `clean_starts[0] == 0`; an empty text has no runs.
    """

    clean_starts: tuple[int, ...]
    raw_starts: tuple[int, ...]

    def raw(self, position: int) -> int:
        """The raw offset of the clean character at `position`."""
        run = bisect_right(self.clean_starts, position) - 1
        return self.raw_starts[run] + position - self.clean_starts[run]

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """The raw half-open range that covers the clean range `[start, end)`, which must not be empty."""
        return self.raw(start), self.raw(end - 1) + 1


@dataclass(frozen=True, slots=True)
class Article:
    """One article of a source: `clean[start:end]`, and its headline ("" where none was found)."""

    start: int
    end: int
    headline: str


@dataclass(frozen=True, slots=True)
class SourceText:
    """One source after cleaning. `source` is its path under the corpus root, with forward slashes."""

    source: str
    title: str
    publisher: str
    published: date | None
    text: str
    articles: tuple[Article, ...]
    offsets: OffsetMap


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage inside one article: `source_text.text[start:end] == text`.

    `id` depends on the content alone: equal text of an equal source has an equal id in every build.
    `headings` are the article's headline and section headings above the passage, outermost first.
    """

    id: str
    source: str
    title: str
    published: date | None
    headings: tuple[str, ...]
    text: str
    start: int
    end: int


Stage = Literal["dense", "sparse", "fused"]


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk found for a question. Higher scores are better; `rank` counts from 1."""

    chunk: Chunk
    score: float
    rank: int
    stage: Stage = "fused"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A quote, `source_text.text[start:end]` (clean offsets), of the given chunk's source."""

    chunk: Chunk
    start: int
    end: int
    quote: str

    @classmethod
    def of(cls, chunk: Chunk, start: int, end: int) -> "Evidence":
        """The evidence that `chunk.text[start:end]` is."""
        return cls(chunk, chunk.start + start, chunk.start + end, chunk.text[start:end])

    @property
    def above(self) -> tuple[str, ...]:
        """What stands above the quote and counts as said with it: the title and the headings."""
        return self.chunk.title, *self.chunk.headings

    def overlaps(self, other: "Evidence") -> bool:
        """Whether the two share characters of one source."""
        return self.chunk.source == other.chunk.source and self.start < other.end and other.start < self.end


Statement = tuple[str, tuple[Evidence, ...]]
"""A text that is shown, with what it rests on."""
BY_RULE = 0.5
"""The confidence of an answer that a rule made: such answers were never counted, so it says neither right nor wrong."""


RELATED = "另见"
"""The statement whose evidence is where else to look."""
Operation = Literal["difference", "sum", "share", "ratio", "growth", "part", "rest", "average"]


@dataclass(frozen=True, slots=True)
class Formula:
    """A figure computed from cited ones: `operands` are written values ("568.3亿元") with the evidence they stand in.

    `result` is the computed value as written in the reply ("440.8亿元"); see `rag.arithmetic` for the operations.
    """

    operation: Operation
    operands: tuple[tuple[str, Evidence], ...]
    result: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the reader found. `short` is "" exactly when `answered` is false.

    `statements` are the sentences to show, each with the evidence it rests on; a refusal may hold the nearest facts.
    `confidence` is in [0, 1]; `formulas` are what was computed rather than read. `prose` says that the statements are the
    sentences of one text, as a language model writes it.
    """

    answered: bool
    short: str
    statements: tuple[tuple[str, tuple[Evidence, ...]], ...]
    reason: str = ""
    confidence: float = 0.0
    formulas: tuple[Formula, ...] = ()
    prose: bool = False


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered source of a reply.

    `quote` is verbatim clean text; `start` and `end` are character offsets of it in the original, decoded file.
    """

    number: int
    source: str
    title: str
    published: date | None
    quote: str
    start: int
    end: int
    chunk: Chunk


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Generation:
    """What a language model had to do with a reply.

    `note` says in one line why the reply is not the model's, "" where it is. `withheld` are its sentences that the sources do
    not bear out; `flagged` says that they are to be told, not only counted. `cost` is in the currency of the prices set,
    `seconds` the time until the model was done; `kept` says that the answer came from a folder of earlier ones, `missing`
    that it should have and is not there yet; `running` that there is more to come.
    """

    model: str
    note: str = ""
    withheld: tuple[str, ...] = ()
    flagged: bool = False
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    seconds: float = 0.0
    kept: bool = False
    missing: bool = False
    running: bool = False

    def lines(self) -> tuple[str, ...]:
        """What the user is told of it, a sentence each."""
        told = [self.note] if self.note else []
        if self.withheld and self.flagged:
            told += [f"未能在原文中核实：{sentence}" for sentence in self.withheld]
        elif self.withheld and not self.running and not self.note:
            told.append(f"模型写的 {len(self.withheld)} 句话没有通过与原文的核对，已略去。")
        return tuple(told)


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a question, or a refusal that says why.

    `short` is the shortest complete answer, "" when refused. `text` is what is shown: sentences with `[n]` markers
    that name `citations` by number. `standalone_question` is the question with what the history supplied filled in.
    `seconds` is the time each stage took, `generation` what a language model had to do with it (None without one).
    """

    question: str
    standalone_question: str
    answered: bool
    short: str
    text: str
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]
    reason: str = ""
    confidence: float = 0.0
    seconds: Mapping[str, float] = field(default_factory=dict)
    generation: Generation | None = None
