"""What of a language model's wrong sentences reaches the user: `python benchmarks/llm/gate.py [-v] [FILE [--documents FOLDER]]`.

answers.jsonl holds answers to questions over the seeds as a model might write them: right sentences and ones with a single error
(a digit, a unit, a year, a name, ...) smuggled in, each with quotes that say which passages it cites. They take the same
way as a real model's: the quotes become handles of the passages, the text streams through `Writer`, and what any of the
growing answers shows is counted.
"""

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rag import ChatBot, Settings, build_index
from rag.config import default_index
from rag.llm.model import Message, Piece
from rag.llm.writer import Writer
from rag.question import parse
from rag.types import Hit

HERE = Path(__file__).parent
Row = tuple[str, list[str], str, str]


@dataclass(slots=True)
class Recorded:
    """A model that answers with the sentences of a row, their quotes turned into the handles of the request's passages."""

    sentences: Sequence[Row]
    name: str = "recorded"
    asked: bool = False

    def stream(self, messages: Sequence[Message]) -> Iterator[Piece]:
        """The answer, sentence by sentence."""
        self.asked = True
        passages = messages[1][1].split("\n\n问题：")[0].split("\n\n[")[1:]
        texts = {int(p.split("]")[0]): _bare(p) for p in passages}
        for text, quotes, _, _ in self.sentences:
            handles = {next((n for n, held in texts.items() if _bare(quote) in held), 99) for quote in quotes}
            marks = "".join(f"[{n}]" for n in sorted(handles))
            yield Piece(f"{text.rstrip('。')}{marks}。\n")


def _bare(text: str) -> str:
    """`text` without white space and emphasis, which a cleaned passage has not, and ≈ as the = that a formula is shown with."""
    return "".join(text.split()).replace("**", "").replace("≈", "=")


def measured(bot: ChatBot, row: dict) -> tuple[list[Row], list[Row]] | None:
    """The wrong sentences of a row that were shown, and the right ones that were not; None where no model is asked."""
    sentences = [tuple(sentence) for sentence in row["answer"]]
    quotes = [_bare(quote) for _, wanted, _, _ in sentences for quote in wanted]
    holding = [chunk for chunk in bot.index.chunks if any(quote in _bare(chunk.text) for quote in quotes)]
    hits = [Hit(chunk, 1.0, rank) for rank, chunk in enumerate(holding, start=1)]
    question = parse(row["question"])
    read = bot.ask(row["question"])
    model = Recorded(sentences)
    writer = Writer(model, Settings(llm_tokens=20_000))
    answer = bot.reader.read(question, read.hits)
    shown = set()
    for grown, _ in writer.write(question, answer, hits or list(read.hits), bot.index.sources):
        shown |= {_bare(text).rstrip("。") for text, _ in grown.statements} if grown.prose or grown.reason else set()
        shown.add(_bare(grown.short).rstrip("。"))

    if not model.asked:
        return None

    def is_shown(sentence: Row) -> bool:
        text = _bare(re.split("[（(]", sentence[0])[0]).rstrip("。")  # a formula in brackets is written anew, or added
        return any(one.startswith(text) for one in shown)

    wrong = [s for s in sentences if s[2] == "wrong" and is_shown(s)]
    right = [s for s in sentences if s[2] == "right" and not is_shown(s)]
    return wrong, right


def over(documents: Path) -> ChatBot:
    """A chatbot over a folder of documents."""
    with TemporaryDirectory() as folder:
        build_index(documents, Path(folder) / "index")
        return ChatBot.from_index(Path(folder) / "index", Settings())


def main() -> int:
    """Prints the counts; with -v each sentence that went the wrong way."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-v", action="store_true", help="print the sentences")
    parser.add_argument("file", nargs="?", type=Path, default=HERE / "answers.jsonl")
    parser.add_argument("--documents", type=Path, help="what the answers are about, where not the seeds")
    options = parser.parse_args()
    bot = over(options.documents) if options.documents else ChatBot.from_index(default_index(), Settings())
    rows = [json.loads(line) for line in options.file.read_text(encoding="utf-8").splitlines() if line.strip()]
    counts: Counter[str] = Counter()
    reached, withheld, silent = [], [], 0
    for row in rows:
        made = measured(bot, row)
        if made is None:  # nothing in the passages is about the question: the model has no say
            silent += 1
            continue
        counts.update(sentence[2] for sentence in row["answer"])
        reached += made[0]
        withheld += made[1]
    print(f"answers {len(rows)}, not asked for {silent}; wrong sentences {counts['wrong']}, reached the user {len(reached)}; "
          f"right sentences {counts['right']}, withheld {len(withheld)} ({len(withheld) / counts['right']:.1%})")  # fmt: skip
    if options.v:
        for text, _, _, error in reached:
            print(f"reached   {text}  ({error})")
        for text, _, _, _ in withheld:
            print(f"withheld  {text}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
