"""What a language model would be given: `python benchmarks/llm/packed.py [QUESTIONS]`.

Each question is asked of the default index with a writer that only keeps the request. Printed are its tokens by our estimate from above and the share
of the answerable questions whose request holds all (any) of the sentences that the question file names as evidence.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from rag import ChatBot, Settings
from rag.config import default_index
from rag.evaluate import read_rows, shares_run
from rag.llm.failure import ModelFailed
from rag.llm.model import Message, Piece
from rag.llm.tokens import MESSAGE_TOKENS, estimate
from rag.llm.writer import Writer

QUESTIONS = Path(__file__).parents[2] / "tests" / "data" / "seeds_questions.jsonl"


@dataclass(slots=True)
class Kept:
    """A model that keeps what it is asked and gives no answer."""

    name: str = "kept"
    requests: list[Sequence[Message]] = field(default_factory=list)

    def stream(self, messages: Sequence[Message]) -> Iterator[Piece]:
        """Nothing."""
        self.requests.append(messages)
        raise ModelFailed("没有模型")
        yield  # pragma: no cover


def main() -> int:
    """Prints the figures."""
    rows = read_rows(Path(sys.argv[1]) if len(sys.argv) > 1 else QUESTIONS)
    bot = ChatBot.from_index(default_index(), Settings())
    tokens, everything, anything, answerable, asked = [], 0, 0, 0, 0
    for row in rows:
        kept = Kept()
        replace(bot, writer=Writer(kept, Settings())).ask(row.question, row.history)
        request = kept.requests[-1] if kept.requests else None
        asked += request is not None
        tokens += [sum(estimate(text) + MESSAGE_TOKENS for _, text in request)] if request else []
        if row.unanswerable or not row.evidence:
            continue
        answerable += 1
        held = [request is not None and shares_run(request[1][1], one) for one in row.evidence]
        everything += all(held)
        anything += any(held)
    print(
        f"questions {len(rows)}, asked {asked}; tokens at most {max(tokens)}, in the mean {sum(tokens) / len(tokens):.0f}"
    )
    print(
        f"answerable {answerable}: all evidence in the request {everything / answerable:.3f}, some {anything / answerable:.3f}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
