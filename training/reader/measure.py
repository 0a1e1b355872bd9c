"""Measure stored readers by set: exact match and F1 with the right document given, ranking, refusal, speed.

    python training/reader/measure.py --sets FOLDER --news news.jsonl.gz FOLD0.npz FOLD1.npz     out of fold
    python training/reader/measure.py --sets FOLDER --news news.jsonl.gz MODEL.npz               RGB and speed only

With two models each document is read by the one that never saw it. Passages are windows of about 300 characters; news
documents give their five best by BM25-like overlap. A standard error of 1,000 questions is 1.6 points.
"""

import argparse
import random
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from rag.read.neural import NeuralReader, Scored
from rag.tokens import fold
from training.reader.data import half, rows, windows
from training.reader.train import f1, plain


def answer(passages: Sequence[str], made: Sequence[Scored], vote: bool = False) -> tuple[str, float]:
    """The best answer and the log-odds of any; `vote` adds up what reads the same in several passages."""
    masses: dict[str, float] = {}
    texts: dict[str, str] = {}
    total = 0.0
    for passage, spans in zip(passages, made, strict=True):
        total += float(np.exp(min(-spans.null, 80)))
        for start, end, score in spans.best(20):
            key = plain(fold(passage[start:end])) if vote else f"{start} {id(spans)}"
            masses[key] = masses.get(key, 0.0) + float(np.exp(min(score, 80)))
            texts.setdefault(key, passage[start:end])
    if not masses:
        return "", float("-inf")
    best = max(masses, key=lambda key: masses[key])
    return texts[best], float(np.log(total + 1e-30))


def contains(text: str, wanted: Iterable[str]) -> bool:
    """Whether one of the answers stands in `text`, or `text` (of two characters at least) in one of them."""
    text = plain(fold(text))
    return any(plain(fold(w)) in text for w in wanted)


def area(positive: list[float], negative: list[float]) -> float:
    """The area under the ROC curve."""
    both = np.argsort(np.argsort(np.concatenate([positive, negative])))
    return float(
        (both[: len(positive)].sum() - len(positive) * (len(positive) - 1) / 2) / len(positive) / len(negative)
    )


def closest(question: str, passages: list[str], k: int) -> list[str]:
    """The `k` passages that share most character pairs with the question, rare ones counting more."""
    pairs = {a for a in (question[i : i + 2] for i in range(len(question) - 1)) if a.isalnum()}
    counts = {pair: sum(pair in passage for passage in passages) for pair in pairs}
    score = [sum(1 / counts[p] for p in pairs if p in passage) / (200 + len(passage)) for passage in passages]
    return [passages[i] for i in sorted(range(len(passages)), key=lambda i: -score[i])[:k]]


def sets(readers: list[NeuralReader], folder: Path, news: Path, limit: int) -> None:
    """Print the out-of-fold scores of the question sets."""
    for source in ("cmrc2018", "drcd", "squad_zh", "newsqa"):
        if source == "newsqa":
            asked = list(rows(folder / "newsqa.jsonl.gz"))
            wanted = {row["news_id"] for row in asked}
            texts = {row["id"]: row["text"] for row in rows(news) if row["id"] in wanted}
            items = [
                (r["news_id"], r["question"], [] if r["unanswerable"] else [r["answer"], *r["variants"]]) for r in asked
            ]
        else:
            texts = {row["id"]: row["text"] for row in rows(folder / f"{source}_contexts.jsonl.gz")}
            items = [
                (r["context_id"], r["question"], [a["text"] for a in r["answers"]])
                for r in rows(folder / f"{source}_questions.jsonl.gz")
            ]
        random.Random(0).shuffle(items)
        right, odds, none = [], [], []
        for document, question, answers in items[:limit]:
            text = texts[document]
            passages = closest(question, [text[a:b] for a, b in windows(text, 320)], 5)
            made = readers[half(document)].score(question, passages)
            found, known = answer(passages, made)
            if not answers:
                none.append(known)
                continue
            odds.append(known)
            best = max(float(plain(fold(found)) == plain(fold(a))) for a in answers)
            right.append((best, max(f1(fold(found), fold(a)) for a in answers), contains(found, answers)))
        scores = np.mean(right, axis=0)
        line = f"{source}: {len(right)} questions, EM {scores[0]:.3f}, F1 {scores[1]:.3f}, contains {scores[2]:.3f}"
        print(line + (f", answerable or not: AUC {area(odds, none):.3f} ({len(none)} not)" if none else ""), flush=True)


def rgb(reader: NeuralReader, path: Path) -> None:
    """Print the scores on RGB, which no reader is trained on."""
    generator = random.Random(0)
    tallies: dict[str, list[bool]] = {}
    odds, none, seconds, lengths = [], [], [], []
    for row in rows(path):
        wanted = [a for answers in row["answer"] for a in ([answers] if isinstance(answers, str) else answers)]
        right = [p for p in row["positive"] if contains(p, wanted)] or row["positive"]
        one = closest(row["query"], right, 1)
        mixed = closest(row["query"], row["positive"] + row["negative"], 5)
        wrong = closest(row["query"], row["negative"], 5)
        generator.shuffle(mixed)
        for name, passages, vote in (("one right", one, False), ("five", mixed, False), ("five, voting", mixed, True)):
            began = time.perf_counter()
            made = reader.score(row["query"], passages)
            if name == "five":
                seconds.append(time.perf_counter() - began)
            found, known = answer(passages, made, vote)
            lengths.append(len(found))
            tallies.setdefault(name, []).append(contains(found, wanted))
            if name == "five":
                odds.append(known)
        if wrong:
            none.append(answer(wrong, reader.score(row["query"], wrong))[1])
    for name, tally in tallies.items():
        print(f"RGB, {name}: {np.mean(tally):.3f} of {len(tally)}")
    print(f"RGB, five against only wrong passages: AUC {area(odds, none):.3f} ({len(none)} wrong)")
    print(f"mean answer {np.mean(lengths):.1f} characters; five new passages: median {np.median(seconds) * 1e3:.1f} ms")


def speed(reader: NeuralReader, path: Path) -> None:
    """Print the milliseconds of a question with six passages of 300 characters, their words new or known."""
    texts = [row["text"][:300] for row, _ in zip(rows(path), range(400), strict=False) if len(row["text"]) >= 300]
    new, known = [], []
    for at in range(0, len(texts) - 6, 6):
        for record in (new, known):
            began = time.process_time()
            reader.score("2023年第二季度的营业收入是多少亿元？", texts[at : at + 6])
            record.append(time.process_time() - began)
    print(
        f"six passages of 300: median {np.median(new) * 1e3:.1f} ms, words known {np.median(known) * 1e3:.1f} ms of CPU"
    )


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=Path, nargs="+")
    parser.add_argument("--sets", type=Path, required=True)
    parser.add_argument("--news", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=10**9, help="questions of each set")
    arguments = parser.parse_args()
    readers = [NeuralReader.load(path) for path in arguments.models]
    if len(readers) == 2:
        sets(readers, arguments.sets, arguments.news, arguments.limit)
    for reader in readers:
        rgb(reader, arguments.sets / "rgb_zh_refine_dev.jsonl.gz")
    speed(readers[0], arguments.news)


if __name__ == "__main__":
    main()
