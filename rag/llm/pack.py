"""Passages for a request: `pack(...)`, the most useful first, as many as fit. Part of `rag.llm`.

    [1] 标题（2025-07-24） 小标题
    the passage's text

    [2] 与[1]同一文件（2025-07-24） 另一小标题
    ...

The numbers are the handles that a model may cite; no id of a chunk leaves the library.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from rag.llm.tokens import MESSAGE_TOKENS
from rag.tokens import sentences
from rag.types import Answer, Chunk, Hit, SourceText

_FIRST = 3
"""How many of the best passages come before what stands around them."""
_WIDENED = 1
"""How many of the best passages come with what stands before and after them, where lists and reasons go on."""
_AROUND = 400  # characters on each side


@dataclass(frozen=True, slots=True)
class Passage:
    """A numbered passage of a request; `chunk` is its text and place, `like` the first passage of the same file (0: this)."""

    number: int
    chunk: Chunk
    like: int = 0

    def shown(self) -> str:
        """The passage as it stands in the request."""
        chunk = self.chunk
        day = f"（{chunk.published.isoformat()}）" if chunk.published else ""
        title = f"与[{self.like}]同一文件{day}" if self.like else f"{chunk.title}{day}"
        head = " ".join(dict.fromkeys(part for part in (title, *chunk.headings) if part))
        return f"[{self.number}] {head}\n{chunk.text}"


def pack(
    answer: Answer, hits: Sequence[Hit], sources: Mapping[str, SourceText], count: Callable[[str], int], tokens: int
) -> tuple[Passage, ...]:
    """Passages of no more than `tokens`: what the extractive answer rests on, then the hits, best first.

    A passage that does not fit is left out, a smaller one behind it may still fit. Passages that overlap are one.
    """
    ranked = [hit.chunk for hit in hits]
    rests_on = [one.chunk for _, evidence in answer.statements for one in evidence]
    best = list({chunk.id: chunk for chunk in (*rests_on[:1], *ranked)}.values())[:_WIDENED]
    kept: list[Chunk] = []
    room = tokens
    for chunk in (*best, *rests_on, *ranked[:_FIRST], *(widened(one, sources[one.source]) for one in best), *ranked):
        at, joined = _joined(kept, chunk)
        old = kept[at] if at < len(kept) else None
        like = any(one.source == chunk.source for one in kept)
        cost = _cost(joined, like, count) - (_cost(old, like, count) if old else 0)
        if cost <= room:
            room -= cost
            kept[at : at + 1] = [joined]
    firsts: dict[str, int] = {}
    for number, chunk in enumerate(kept, start=1):
        firsts.setdefault(chunk.source, number)
    return tuple(
        Passage(number, chunk, firsts[chunk.source] if firsts[chunk.source] < number else 0)
        for number, chunk in enumerate(kept, start=1)
    )


def widened(chunk: Chunk, source: SourceText) -> Chunk:
    """`chunk` with the whole sentences of its article that begin or end within `_AROUND` characters of it."""
    article = next((a for a in source.articles if a.start <= chunk.start and chunk.end <= a.end), None)
    first, last = (article.start, article.end) if article else (chunk.start, chunk.end)
    low, high = max(first, chunk.start - _AROUND), min(last, chunk.end + _AROUND)
    before = [low + a for a, _ in sentences(source.text[low : chunk.start])]
    after = [chunk.end + b for _, b in sentences(source.text[chunk.end : high])]
    start = next((at for at in before if at == first or at > low), chunk.start)
    end = next((at for at in reversed(after) if at == last or at < high), chunk.end)
    return replace(chunk, start=start, end=end, text=source.text[start:end])


def _cost(chunk: Chunk, like: bool, count: Callable[[str], int]) -> int:
    return count(Passage(99, chunk, 99 if like else 0).shown()) + MESSAGE_TOKENS


def _joined(kept: Sequence[Chunk], chunk: Chunk) -> tuple[int, Chunk]:
    """Where `chunk` goes among `kept`, and what stands there then: one that overlaps it or lies next to it, lengthened."""
    for at, old in enumerate(kept):
        near = old.start <= chunk.end + 1 and chunk.start <= old.end + 1
        if old.source == chunk.source and near and (old.start, old.end) != (chunk.start, chunk.end):
            first, last = sorted((old, chunk), key=lambda one: (one.start, one.end))
            if last.end <= first.end:
                return at, first
            if last.start <= first.end:
                return at, replace(first, text=first.text + last.text[first.end - last.start :], end=last.end)
        elif old.id == chunk.id:
            return at, old
    return len(kept), chunk
