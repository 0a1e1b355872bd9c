"""Switches one mechanism off at a time and measures what is lost: `python benchmarks/ablation.py FOLDER MODELS`.

FOLDER holds `eval/` and `corpus/` (see `training/ranker/sets.py`), MODELS the cross-validation models that the recipe in
`training/ranker/README.md` leaves behind: the question sets are read by models that never saw their documents, the seed
questions and RGB by the shipped ones. Writes benchmarks/results/ablation.json and prints a Markdown table.
"""

import argparse
import gzip
import json
import math
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from langchain_core.documents import Document

import rag
from rag.chat import ChatBot
from rag.evaluate import evaluate, read_rows
from rag.question import parse
from rag.tokens import fold as folded
from training.ranker.crossvalidate import FoldReader, judged, load_reader
from training.ranker.pools import fold, make_index
from training.ranker.sets import load

ROOT = Path(__file__).resolve().parents[1]
SETS = ("newsqa", "cmrc2018", "drcd")
QUESTIONS = 400  # of each set
LONGEST = 160  # characters of a reply that RGB's substring rule may look into

# What replaces which name where a mechanism is off.
OFF: dict[str, dict[str, Any]] = {
    "nothing": {},
    "neural network": {"rag.read.weigh.guess": lambda *_: {}},
    "wanted kinds": {"rag.read.kinds.KindModel.wanted": lambda self, _: self.prior},
    "slot vetoes": {"rag.read.weigh.consistent": lambda *rest: (np.arange(len(rest[-1])), "")},
    "slot prior": {"rag.read.ranker.slot_prior": lambda rows: np.zeros(len(rows), dtype=np.float32)},
    "equal strings added up": {"rag.read.weigh.ranked": lambda _, scores: (np.argsort(-scores), -np.sort(-scores))},
    "exact before approximate": {"rag.read.reader.more_exact": lambda *_: None},
    "asides": {"rag.question.aside": lambda text: (text, ())},
    "other wordings": {"rag.chat.understood": lambda text, history, _: parse(text, history)},
    "several parts": {"rag.chat.plan": lambda _: None},
    "computed answers": {"rag.chat.reckoning": lambda _: None},
    "open conflicts": {"rag.chat.dispute": lambda _: None},
    "related citations": {"rag.read.present._related": lambda *_: ()},
    "refusal": {"rag.read.confidence.Confidence.chance": lambda *_: 1.0},
    "dense search": {},
}


@contextmanager
def off(mechanism: str) -> Iterator[None]:
    """Runs with a mechanism of `OFF` switched off."""
    with ExitStack() as stack:
        for name, value in OFF[mechanism].items():
            stack.enter_context(patch(name, value))
        yield


def settings(mechanism: str) -> rag.Settings:
    """The settings that go with a mechanism switched off."""
    return replace(rag.Settings(), dense_weight=0.0) if mechanism == "dense search" else rag.Settings()


def seeds(mechanism: str) -> dict[str, float]:
    """Right and refused on the seed questions."""
    bot = ChatBot.from_index(ROOT / "index")
    bot = replace(bot, index=replace(bot.index, settings=settings(mechanism)))
    report = evaluate(bot, read_rows(ROOT / "tests" / "data" / "seeds_questions.jsonl"))
    return {"seeds right": report.share("right") or 0.0, "seeds refused": report.share("refused") or 0.0}


def rgb(folder: Path, mechanism: str) -> dict[str, float]:
    """Text right at noise 0 and .8, refused at noise 1, several answers right."""
    made = {}
    rows = _rows(folder / "eval" / "rgb_zh_refine_dev.jsonl.gz")
    rng = random.Random(0)  # noqa: S311 - the same passages in every run
    for noise in (0.0, 0.8, 1.0):
        replies = []
        for row in rows:
            wrong = math.ceil(5 * noise)
            passages = rng.sample(row["positive"], min(5 - wrong, len(row["positive"])))
            passages += rng.sample(row["negative"], min(5 - len(passages), len(row["negative"])))
            replies.append((_asked(passages, row["query"], mechanism), row["answer"]))
        if noise < 1:
            made[f"RGB text {noise}"] = float(np.mean([_holds(*reply) for reply in replies]))
        else:
            made["RGB refused 1.0"] = float(np.mean([not reply.answered for reply, _ in replies]))
    several = [
        (_asked(([p[0] for p in row["positive"]] + row["negative"])[:5], row["query"], mechanism), row["answer"])
        for row in _rows(folder / "eval" / "rgb_zh_int_dev.jsonl.gz")
    ]
    return made | {"RGB several": float(np.mean([_holds(*reply) for reply in several]))}


def _asked(passages: list[str], question: str, mechanism: str) -> rag.Reply:
    documents = [Document(page_content=text, metadata={"source": str(i)}) for i, text in enumerate(passages)]
    return ChatBot.from_documents(documents, settings(mechanism)).ask(question)


def _holds(reply: rag.Reply, answers: list[Any]) -> bool:
    text = "".join(folded(reply.text).split()) if reply.answered else ""
    variants = [a if isinstance(a, list) else [a] for a in (answers if isinstance(answers, list) else [answers])]
    whole = all(any("".join(folded(v).split()) in text for v in group) for group in variants)
    return whole and len(text) <= LONGEST


def _rows(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def crossvalidated(folder: Path, models: Path) -> Callable[[str], dict[str, float]]:
    """A function that measures the question sets; their indexes are built once."""
    sets = {name: load(folder, name) for name in SETS}
    indexes = {name: make_index(documents) for name, (documents, _) in sets.items()}
    reader = FoldReader((load_reader(models, 0), load_reader(models, 1)))

    def measure(mechanism: str) -> dict[str, float]:
        made = {}
        for name, (_, examples) in sets.items():
            bot = ChatBot(replace(indexes[name], settings=settings(mechanism)), reader)
            results = []
            for example in examples[:: max(1, len(examples) // QUESTIONS)][:QUESTIONS]:
                reader.fold = fold(example.document)
                results.append(judged(bot.ask(example.question), example))
            keys = ("right", "refused") if name == "newsqa" else ("F1",)
            for key in keys:
                made[f"{name} {key}"] = float(np.mean([r[key] for r in results if key in r]))
        return made

    return measure


def main() -> None:
    """Measures everything with each mechanism off."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("models", type=Path)
    parser.add_argument("--only", nargs="*", default=list(OFF))
    options = parser.parse_args()
    measure = crossvalidated(options.folder, options.models)
    results: dict[str, dict[str, float]] = {}
    for mechanism in options.only:
        with off(mechanism):
            results[mechanism] = seeds(mechanism) | rgb(options.folder, mechanism) | measure(mechanism)
        columns = list(results[mechanism])
        if len(results) == 1:
            print("| off | " + " | ".join(columns) + " |\n|---|" + "---:|" * len(columns))
        print(f"| {mechanism} | " + " | ".join(f"{results[mechanism][c]:.3f}" for c in columns) + " |", flush=True)
    path = ROOT / "benchmarks" / "results" / "ablation.json"
    path.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
