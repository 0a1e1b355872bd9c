"""What one browser tab has asked so far; between `ui.py`, which keeps it, and `rag.render`, which shows it.

    Conversation -> turns -> ChatBot.stream -> Reply -> Exchange -> Conversation
    messages -> from_messages -> ChatBot.ask -> Reply -> as_json     the same for programs

Conversations are never changed: each step makes a new one, so that a step that is cancelled leaves nothing half done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from rag.types import Reply, Turn


@dataclass(frozen=True, eq=False)
class Exchange:
    """One question with what came of it so far: a reply, or `error` (a sentence for the user), or neither yet."""

    question: str
    reply: Reply | None = None
    error: str = ""
    running: bool = False
    stopped: bool = False


@dataclass(frozen=True, eq=False)
class Conversation:
    """The exchanges of one browser tab.

    `chosen` is the exchange whose sources are shown, `number` the source picked among them, 0 for none.
    """

    exchanges: tuple[Exchange, ...] = ()
    chosen: int = 0
    number: int = 0

    @property
    def running(self) -> bool:
        """Whether the last question is still being answered."""
        return bool(self.exchanges) and self.exchanges[-1].running

    def with_last(self, exchange: Exchange) -> "Conversation":
        """This conversation with its last exchange replaced and chosen."""
        return replace(self, exchanges=(*self.exchanges[:-1], exchange), chosen=len(self.exchanges) - 1, number=0)

    def asked(self, question: str) -> "Conversation":
        """This conversation with a new question, being answered, at its end."""
        exchanges = (*self.exchanges, Exchange(question, running=True))
        return Conversation(exchanges, chosen=len(exchanges) - 1)

    def without_last(self) -> "Conversation":
        """This conversation before its last question."""
        return Conversation(self.exchanges[:-1], chosen=max(0, len(self.exchanges) - 2))

    def turns(self) -> list[Turn]:
        """The history of a next question: each question as it was understood, each reply as shown, its short answer first."""
        turns: list[Turn] = []
        for exchange in self.exchanges:
            if exchange.reply is not None:
                turns.append(Turn("user", exchange.reply.standalone_question or exchange.question))
                told = exchange.reply.text or exchange.reply.reason
                turns.append(Turn("assistant", "。".join(filter(None, (exchange.reply.short, told)))))
        return turns


def from_messages(history: Sequence[Mapping[str, Any]]) -> list[Turn]:
    """The turns of gradio's messages, whose content is a text or a list of parts; parts without text are dropped."""
    turns = []
    for message in history:
        content = message.get("content", "")
        parts = content if isinstance(content, list) else [content]
        text = "".join(part if isinstance(part, str) else str(part.get("text", "")) for part in parts)
        if message.get("role") in ("user", "assistant"):
            turns.append(Turn(message["role"], text))
    return turns


def as_json(reply: Reply) -> dict[str, Any]:
    """A reply as what JSON knows, without the passages it was read from."""
    return {
        "question": reply.question,
        "standalone_question": reply.standalone_question,
        "answered": reply.answered,
        "short": reply.short,
        "text": reply.text,
        "reason": reply.reason,
        "confidence": reply.confidence,
        "citations": [
            {
                "number": citation.number,
                "source": citation.source,
                "title": citation.title,
                "published": citation.published.isoformat() if citation.published else None,
                "quote": citation.quote,
                "start": citation.start,
                "end": citation.end,
            }
            for citation in reply.citations
        ],
        "seconds": dict(reply.seconds),
        "generation": asdict(reply.generation) if reply.generation else None,
    }
