"""A model's answer to a question as it grows: `Writer.write(...)`. The facade of `rag.llm`; `chat` calls nothing else of it."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from rag.config import Settings
from rag.llm.decide import Decision, decided
from rag.llm.draft import Draft, drafted
from rag.llm.failure import ModelFailed
from rag.llm.model import Message, Model, Piece, connect
from rag.llm.pack import Passage, pack
from rag.llm.prompt import answering, instructions, rewriting
from rag.llm.rewrite import rewritten, unsure
from rag.llm.support import Support, Supported
from rag.llm.tape import Mode, Tape
from rag.llm.tokens import MESSAGE_TOKENS, counter
from rag.question import Question
from rag.read.cues import cues
from rag.tokens import fold
from rag.types import Answer, Generation, Hit, SourceText, Turn

_ABOUT = 0.4
"""The share of a question's words, by weight, that passages must hold for a model to be asked where the reader found nothing."""
_AGAIN_SECONDS = 0.3
"""After so long without a new sentence the answer so far is given again: only then can who asked leave."""
Growing = tuple[Answer, Generation]


@dataclass(slots=True)
class _Measured:
    """How many tokens the model counted for one of ours, as far as it has said; packing keeps to it."""

    ratio: float = 1.0


@dataclass(frozen=True, slots=True)
class Writer:
    """Lets a model word the answers of one chatbot."""

    model: Model
    settings: Settings
    measured: _Measured = field(default_factory=_Measured)

    @classmethod
    def load(cls, settings: Settings, mode: Mode | None = None, folder: Path | None = None) -> "Writer | None":
        """The writer that the settings ask for, None for none. `mode` and `folder`: see `Tape`.

        Raises:
            SettingsError: a setting cannot be used.
        """
        model: Model | None = connect(settings) if settings.llm and mode != "replay" else None
        if mode and folder:
            model = Tape(folder, mode, model)
        elif model and settings.llm_cache:
            model = Tape(Path(settings.llm_cache).expanduser(), "cache", model)
        if model is None:
            return None
        counter(settings)
        return cls(model, settings)

    def whole(self, typed: str, standalone: str, history: Sequence[Turn]) -> str:
        """The question made whole: as the rules have it, or as the model where they are unsure."""
        if not unsure(typed, standalone, history):
            return standalone
        messages = rewriting(instructions("rewrite", self.settings), typed, history)
        try:
            return rewritten(self.model, messages, typed, history) or standalone
        except ModelFailed:
            return standalone

    def write(
        self, question: Question, read: Answer, hits: Sequence[Hit], sources: Mapping[str, SourceText]
    ) -> Iterator[Growing]:
        """The answer as it grows, the last one whole; `read`, the reader's, stands where the model does not help.

        When no passage has what the question names, the model is not asked.
        """
        started = time.perf_counter()
        use = Generation(self.model.name, flagged=self.settings.llm_unsupported == "flag", running=True)
        if not hits or not (read.answered or _supported(question, hits)):
            yield read, replace(use, running=False)
            return
        try:
            for answer, grown in self._written(question, read, hits, sources, use):
                yield answer, replace(grown, seconds=time.perf_counter() - started)
        except ModelFailed as error:
            ended = replace(use, note=f"{error.reason}，这里是不用模型的回答。", missing=error.missing, running=False)
            yield read, replace(ended, seconds=time.perf_counter() - started)

    def _written(
        self, question: Question, read: Answer, hits: Sequence[Hit], sources: Mapping[str, SourceText], use: Generation
    ) -> Iterator[Growing]:
        share = 1.0
        while True:
            passages, messages = self.request(question, read, hits, sources, share)
            if not passages:
                raise ModelFailed("请求放不下任何资料，请把 llm_tokens 设大一些")
            try:
                yield from self._streamed(question, read, passages, messages, use)
            except ModelFailed as error:
                if not error.too_long or share < 1:
                    raise
                share = 0.5  # the window is smaller than the settings say: once more with half
            else:
                return

    def request(
        self,
        question: Question,
        read: Answer,
        hits: Sequence[Hit],
        sources: Mapping[str, SourceText],
        share: float = 1.0,
    ) -> tuple[tuple[Passage, ...], list[Message]]:
        """The passages and messages for a question, within `share` of the tokens that a request may have."""
        count = counter(self.settings)
        system = instructions("answer", self.settings)
        frame = sum(count(text) + MESSAGE_TOKENS for _, text in answering(system, question.text, ()))
        room = int(self.settings.llm_tokens * share / self.measured.ratio) - frame
        passages = pack(read, hits, sources, count, room)
        return passages, answering(system, question.text, passages)

    def _streamed(
        self, question: Question, read: Answer, passages: Sequence[Passage], messages: list[Message], use: Generation
    ) -> Iterator[Growing]:
        support, known = Support.by(passages), dict[str, Supported]()
        kept = isinstance(self.model, Tape) and self.model.holds(messages)
        text, last, shown, told, yielded = "", Piece(""), 0, list[Supported](), time.monotonic()
        draft = drafted("")
        for piece in self.model.stream(messages):
            text += piece.text
            last = Piece(
                "", max(last.input_tokens, piece.input_tokens), max(last.output_tokens, piece.output_tokens), piece.cut
            )
            if any(mark in piece.text for mark in "。！？\n"):
                draft = drafted(text, whole=False)
                told = _told(draft, support, known)
            if len(told) > shown or time.monotonic() - yielded > _AGAIN_SECONDS:
                shown, yielded = len(told), time.monotonic()
                yield self._so_far(question, read, told, draft.declined, use) if told else (read, use)
        if not kept:
            self._learn(messages, last.input_tokens)
        draft = drafted(text)
        told = _told(draft, support, known)
        decision = decided(question, read, draft.short, told, draft.declined)
        if last.cut:
            decision = replace(decision, note=decision.note or "模型的回答因长度限制没有写完。")
        yield decision.answer, self._used(use, decision, told, last, kept=kept)

    def _so_far(
        self, question: Question, read: Answer, told: Sequence[Supported], declined: bool, use: Generation
    ) -> Growing:
        """The reader's short answer with what the model has written and the sources bear out, unless it found nothing."""
        answer = decided(question, read, read.short, told, declined).answer
        return answer, replace(use, withheld=_withheld(told))

    def _used(
        self, use: Generation, decision: Decision, told: Sequence[Supported], last: Piece, *, kept: bool
    ) -> Generation:
        price = last.input_tokens * self.settings.llm_price_in + last.output_tokens * self.settings.llm_price_out
        return replace(
            use, note=decision.note, withheld=_withheld(told), input_tokens=last.input_tokens,
            output_tokens=last.output_tokens, cost=0.0 if kept else price / 1e6, kept=kept, running=False,
        )  # fmt: skip

    def _learn(self, messages: Sequence[Message], tokens: int) -> None:
        """Keeps how many tokens the model counted against our count, so that later requests fit its own."""
        ours = sum(counter(self.settings)(text) + MESSAGE_TOKENS for _, text in messages)
        if tokens:
            self.measured.ratio = max(1.0, min(4.0, tokens / ours))


def _told(draft: Draft, support: Support, known: dict[str, Supported]) -> list[Supported]:
    """The sentences of a draft with their quotes; `known` keeps those of a text that grows."""
    made: dict[str, Supported] = {}  # a sentence that is repeated is told once
    for sentence in draft.sentences:
        key = repr(sentence)
        if key not in known:
            known[key] = support.of(sentence)
        made.setdefault(sentence.text, known[key])
    return list(made.values())


def _withheld(told: Sequence[Supported]) -> tuple[str, ...]:
    return tuple(one.text for one in told if not one.evidence)


def _supported(question: Question, hits: Sequence[Hit]) -> bool:
    """Whether the passages are about what is asked: they name each place of the question and hold `_ABOUT` of its words by weight."""
    looked = cues(question)
    texts = fold("\n".join("\n".join((hit.chunk.text, hit.chunk.title, *hit.chunk.headings)) for hit in hits))
    held = [any(form in texts for form in forms) for forms in looked.forms]
    weights = looked.weights[: len(held)]
    placed = all(has or not place for has, place in zip(held, looked.located, strict=True))
    return placed and float(weights[held].sum()) >= _ABOUT * float(weights.sum())
