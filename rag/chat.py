"""The chatbot: the place where the stages meet. `ChatBot.ask(question, history) -> Reply`; `ask` uses the default index.

question -> plan -+-> [retrieve -> read -> implied? -> verify] ------+-> cite -> Reply
                  +-> the same for each part -> combine -> verify -+-> [llm -> verify] -> cite -> Reply ...

With a language model (`rag.llm`) the extractive reply comes first, then the model's as it grows.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rag.cite import cite
from rag.combine import answered
from rag.config import Settings, default_corpus, default_index
from rag.derive import derived, of_the_whole
from rag.dispute import Again, compared, dispute
from rag.errors import IndexMissing
from rag.implied import implied
from rag.llm.writer import Writer
from rag.plan import plan
from rag.question import Question
from rag.read.reader import Reader, SpanReader
from rag.reckon import reckoning
from rag.retrieve import retrieve
from rag.store import Index, Progress, build_index, index_sources, is_settled, load_index
from rag.types import Answer, Generation, Hit, Reply, Turn
from rag.verify import verified
from rag.wordings import hinted, understood

if TYPE_CHECKING:
    from langchain_core.documents import Document

    from rag.retriever import Retriever

LONGEST_QUESTION = 500
Message = Turn | Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read for a question, before a language model: `answer` rests on the `hits`."""

    question: Question
    answer: Answer
    hits: Sequence[Hit]
    seconds: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class ChatBot:
    """Answers questions over one index, with one reader; `writer` lets a language model word what was found, or is None."""

    index: Index
    reader: Reader
    writer: Writer | None = None

    @classmethod
    def from_index(cls, folder: str | Path, settings: Settings | None = None) -> "ChatBot":
        """A chatbot over the index in `folder`.

        Raises:
            StoreError: there is no index there, or it cannot be used as it is.
            SettingsError: the language model that the settings name cannot be used.
        """
        chosen = settings or Settings.load()
        return cls(load_index(Path(folder), chosen), _reader(), Writer.load(chosen))

    @classmethod
    def from_documents(cls, documents: Sequence["Document"], settings: Settings | None = None) -> "ChatBot":
        """A chatbot over LangChain documents, in memory; metadata "source", and "published" (ISO date) where known."""
        from rag.load import from_document

        chosen = settings or Settings.load()
        return cls(index_sources([from_document(d) for d in documents], chosen), _reader(), Writer.load(chosen))

    def ask(self, question: str, history: Sequence[Message] = ()) -> Reply:
        """The reply to `question`; `history` holds earlier turns, oldest first."""
        *_, last = self.stream(question, history)
        return last

    def stream(self, question: str, history: Sequence[Message] = ()) -> Iterator[Reply]:
        """Growing replies, the last one whole: what was read, then with a language model what it makes of that.

        Closing the iterator ends the model's work too.
        """
        typed = " ".join(question.split())
        refused = _unfit(typed)
        if refused:
            yield Reply(question, typed, False, "", refused, (), (), reason=refused)
            return
        turns = [_turn(message) for message in history]
        read = self._read(typed, turns)
        yield self._reply(read, read.answer, Generation(self.writer.model.name, running=True) if self.writer else None)
        if self.writer is None:
            return
        whole = self.writer.whole(typed, read.question.text, turns)
        if whole != read.question.text:
            again = self._read(whole, ())
            read = replace(again, question=replace(again.question, typed=typed))
        for answer, generation in self.writer.write(read.question, read.answer, read.hits, self.index.sources):
            yield self._reply(read, answer, generation)

    def _read(self, typed: str, turns: Sequence[Turn]) -> _Read:
        """What is read for a question, however many parts it has."""
        started = time.perf_counter()
        parsed = understood(typed, turns, self.index)
        seconds = {"question": time.perf_counter() - started, "retrieve": 0.0, "read": 0.0}
        looked: list[Sequence[Hit]] = []

        def read(one: Question, without: frozenset[str] = frozenset()) -> tuple[Answer, Sequence[Hit]]:
            begun = time.perf_counter()
            hits = retrieve(self.index, one.query, self.index.settings.hits)
            looked.append([hit for hit in hits if hit.chunk.source not in without])
            found_at = time.perf_counter()
            made = verified(of_the_whole(one.text, self.reader.read(one, looked[-1]), looked[-1]))
            seconds["retrieve"] += found_at - begun
            seconds["read"] += time.perf_counter() - found_at
            return made, looked[-1]

        def again(text: str, without: frozenset[str] = frozenset()) -> tuple[Answer, Sequence[Hit]]:
            return read(understood(text, (), self.index), without)

        combined = _combined(parsed, again)
        answer, hits = (verified(combined), ()) if combined else read(parsed)
        made = None if combined else implied(parsed, answer, hits, again)
        answer = verified(made) if made else answer
        return _Read(parsed, answer, _merged(looked, self.index.settings.hits), seconds)

    def _reply(self, read: _Read, answer: Answer, generation: Generation | None) -> Reply:
        question, answer = read.question, hinted(answer, read.question)
        text, citations = cite(answer, self.index.sources)
        if not answer.answered:
            text = f"{answer.reason}\n最接近的内容：{text}" if text else answer.reason
        elif answer.reason:
            text = f"{text}\n{answer.reason}"
        seconds = {**read.seconds, "model": generation.seconds} if generation and generation.seconds else read.seconds
        return Reply(
            question.typed,
            question.text,
            answer.answered,
            answer.short,
            text,
            citations,
            tuple(read.hits),
            answer.reason,
            answer.confidence,
            seconds,
            generation,
        )

    def search(self, question: str, k: int = 10) -> list[Hit]:
        """The `k` best chunks for `question`, best first."""
        return retrieve(self.index, question, k)

    def as_retriever(self, k: int = 10) -> "Retriever":
        """This chatbot's search as a LangChain retriever; scores are in the metadata."""
        from rag.retriever import Retriever

        return Retriever(index=self.index, k=k)


def _combined(question: Question, read: Again) -> Answer | None:
    """The answer put together from those to other questions; None for a question that is best asked as it is."""
    disputed = dispute(question)
    if disputed:
        return compared(disputed, read)
    wanted = reckoning(question)
    if wanted:
        return derived(wanted, question.text, lambda text: read(text, frozenset()))
    parts = plan(question)
    return answered(parts, lambda text: read(text, frozenset())) if parts else None


def _unfit(question: str) -> str:
    """Why `question` cannot be asked, "" if it can."""
    if not question:
        return "请输入问题。"
    if not any(c.isalnum() for c in question):
        return "没有看到可以检索的文字，请用文字提出问题。"
    if len(question) > LONGEST_QUESTION:
        return f"问题太长（{len(question)} 字），请控制在 {LONGEST_QUESTION} 字以内。"
    if len(question) == 1:
        return "问题太短，请说得再具体一些。"
    return ""


def _merged(looked: Sequence[Sequence[Hit]], most: int) -> list[Hit]:
    """The hits of several searches, best of each first, each chunk once; `most` of them."""
    if len(looked) == 1:
        return list(looked[0])
    found = {hit.chunk.id: hit for hit in chain.from_iterable(zip_longest(*looked)) if hit}
    return [replace(hit, rank=rank) for rank, hit in enumerate(list(found.values())[:most], start=1)]


def _turn(message: Message) -> Turn:
    if isinstance(message, Turn):
        return message
    role: Literal["user", "assistant"] = "user" if message["role"] == "user" else "assistant"
    return Turn(role, message["content"])


@lru_cache(maxsize=1)
def _reader() -> SpanReader:
    return SpanReader.load()


def default_bot(progress: Progress | None = None, settings: Settings | None = None) -> ChatBot:
    """The chatbot of the default index, which is built from the default corpus where it is missing or out of date.

    The index of another folder, which the user built there, is used as it is.

    Raises:
        IndexMissing: there is no index and nothing to build one from.
    """
    folder, corpus, settings = default_index(), default_corpus(), settings or Settings.load()
    if corpus is None and not folder.exists():
        raise IndexMissing(f"{folder} 中还没有索引：请先运行 wenju build 文件夹。")
    if corpus is not None and not is_settled(corpus, folder, settings, keep_other=True):
        build_index(corpus, folder, settings, progress=progress)
    return ChatBot.from_index(folder, settings)


@lru_cache(maxsize=1)
def _kept_bot() -> ChatBot:
    return default_bot()


def ask(question: str, history: Sequence[Message] = ()) -> Reply:
    """The reply to `question` from the default index, which is built from `seeds/` at first use."""
    return _kept_bot().ask(question, history)
