"""Cross-validates the whole reader by document: `python -m training.ranker.crossvalidate FOLDER MODELS [--sets ...]`.

MODELS holds `kinds`, `ranker`, `confidence` (.safetensors) and `neural` (.npz) 0 and 1: model k was trained without the documents of
fold k. Every question is asked of a chatbot over its whole set and answered by the models that never saw its document, so
that the figures are those of a stranger's questions.
"""

import argparse
import json
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rag.chat import ChatBot
from rag.evaluate import contains
from rag.question import Question
from rag.read.confidence import load_confidence
from rag.read.reader import SpanReader
from rag.tokens import fold as folded
from rag.types import Answer, Hit, Reply
from training.ranker.calibrate import fold_models
from training.ranker.pools import fold, make_index
from training.ranker.sets import NAMES, Example, load


@dataclass(slots=True)
class FoldReader:
    """Reads with the models of the fold that `fold` names; the caller sets it before each question."""

    readers: tuple[SpanReader, SpanReader]
    fold: int = 0

    def read(self, question: Question, hits: Sequence[Hit]) -> Answer:
        """The answer of the fold's reader."""
        return self.readers[self.fold].read(question, hits)


def load_reader(folder: Path, k: int) -> SpanReader:
    """The reader that never saw the documents of fold `k`."""
    return SpanReader(*fold_models(folder, k), load_confidence.__wrapped__(folder / f"confidence{k}.safetensors"))


def judged(reply: Reply, example: Example) -> dict[str, float]:
    """What holds of a reply: to an unanswerable question `refused`, else the rest."""
    if not example.answers:
        return {"refused": float(not reply.answered), "right": float(not reply.answered)}
    short, text = (reply.short, reply.text) if reply.answered else ("", "")
    room = 2 * max(len(normalised(a)) for a in example.answers) + 12
    brief = len(normalised(short)) <= room and any(contains(short, a) for a in example.answers)
    source = any(citation.source == example.document for citation in reply.citations)
    shown = len(normalised(text)) <= 200 + room and any(contains(text, a) for a in example.answers)
    f1, exact = max(char_f1(short, a) for a in example.answers)
    return {
        "kept": float(reply.answered), "short": float(brief), "text": float(shown), "source": float(source),
        "right": float(brief and source), "EM": exact, "F1": f1,
    }  # fmt: skip


def normalised(text: str) -> str:
    """`text` folded and without spaces."""
    return "".join(folded(text).split())


def char_f1(guess: str, truth: str) -> tuple[float, float]:
    """F1 over the characters of two strings, and whether they are equal, punctuation apart."""
    guess, truth = ("".join(c for c in normalised(text) if c.isalnum()) for text in (guess, truth))
    common = sum((Counter(guess) & Counter(truth)).values())
    return 2 * common / (len(guess) + len(truth)) if common else 0.0, float(guess == truth and bool(guess))


def main() -> None:
    """Prints the figures of each set, of the news questions by type too."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="holds eval/ and corpus/")
    parser.add_argument("models", type=Path)
    parser.add_argument("--sets", nargs="*", default=[name for name in NAMES if name not in ("paragraphs", "squad_zh")])
    parser.add_argument("-n", type=int, default=10**9, help="questions of each set")
    parser.add_argument("--misses", type=Path, help="write the wrong replies there, one JSON object a line")
    options = parser.parse_args()
    reader = FoldReader((load_reader(options.models, 0), load_reader(options.models, 1)))
    misses = []
    for name in options.sets:
        documents, examples = load(options.folder, name)
        bot = ChatBot(make_index(documents), reader)
        table: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        seconds = []
        # every k-th, so that all documents have their share
        for example in examples[:: max(1, len(examples) // options.n)][: options.n]:
            reader.fold = fold(example.document)
            began = time.perf_counter()
            reply = bot.ask(example.question)
            seconds.append(time.perf_counter() - began)
            result = judged(reply, example)
            for kind in (example.kind, "ALL") if name == "newsqa" else ("ALL",):
                for key, value in result.items():
                    table[kind][key].append(value)
            if not result["right"]:
                told = {"question": example.question, "wanted": example.answers, "evidence": example.evidence}
                misses.append(told | {"kind": example.kind, "short": reply.short, "text": reply.text, "set": name})
        print(f"{name}: p50 {np.median(seconds) * 1e3:.1f} ms")
        for kind, columns in sorted(table.items(), key=lambda item: item[0] == "ALL"):
            figures = "  ".join(f"{key} {np.mean(values):.3f}" for key, values in columns.items())
            print(f"  {kind:14s} n {len(columns['right']):4d}  {figures}", flush=True)
    if options.misses:
        lines = (json.dumps(miss, ensure_ascii=False) for miss in misses)
        options.misses.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
