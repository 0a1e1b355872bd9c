"""Train the neural reader: all documents, or those outside a half for cross-fitting.

    python training/reader/train.py --vectors vectors.npz --cloze cloze.jsonl.gz -o first.npz [--minutes 30]
    python training/reader/train.py --vectors vectors.npz --sets FOLDER --news news.jsonl.gz -o model.npz
        [--start first.npz] [--without 0|1] [--minutes 30] [--seed 0] [--cloze cloze.jsonl.gz --mix 0.2]

The first learns from questions made of plain text (`cloze.py`) alone, the second from those that people asked.

The learning rate falls to nothing over `--minutes`, so that a machine shared with others still gives a whole schedule.
The averaged weights are written every few minutes and at the end, in the form `rag.read.neural` reads.
"""

import argparse
import gzip
import json
import os
import random
import time
from collections.abc import Iterator
from copy import deepcopy
from math import isfinite
from pathlib import Path

import numpy as np
import torch

from rag.read.encode import Vocabulary
from training.reader.data import Data, Example, collate
from training.reader.net import Reader, kernel, loss

BATCH_WINDOWS, PEAK, DECAY = 24, 2e-3, 1e-5
KEY_WORDS, ONE_WRONG, NONE_RIGHT, NONE_RIGHT_CLOZE = 0.3, 0.6, 0.12, 0.1  # shares of the questions
HELD = 600  # made questions that are only measured on
# how often a question without and with an answer is asked an epoch; encyclopaedias are asked about much less than the news
SHARE = {("squad_zh", False): 0.15, ("squad_zh", True): 0.4, ("cmrc2018", True): 2.5, ("drcd", True): 1.2}


Row = tuple[str, list[int], list[tuple[int, int, int]]]


def choose(examples: list[Example], generator: random.Random) -> list[Row]:
    """One epoch of (question, windows, right spans): key words instead of the question, few windows for speed."""
    made = []
    for example in examples:
        for _ in range(int(SHARE.get((example.source, bool(example.golds)), 1.0) + generator.random())):
            question = example.question
            if example.variants and generator.random() < KEY_WORDS:
                question = generator.choice(example.variants)
            made.append((question, *_windows(example, generator)))
    return made


def _windows(example: Example, generator: random.Random) -> tuple[list[int], list[tuple[int, int, int]]]:
    """A right window (or one of an unanswerable question's), often with a wrong one; at times only wrong ones."""
    right = sorted({position for position, _, _ in example.golds})
    keep = generator.choice(right or range(len(example.windows)))
    others = [window for position, window in enumerate(example.windows) if position not in right and position != keep]
    wrong = [generator.choice(others)] if others else []
    if example.wrong and (not wrong or generator.random() < 0.4):
        wrong = [generator.choice(example.wrong)]
    if right and wrong and generator.random() < NONE_RIGHT:
        return wrong, []
    golds = [(0, first, last) for position, first, last in example.golds if position == keep]
    return [example.windows[keep]] + (wrong if generator.random() < ONE_WRONG else []), golds


def batches(data: Data, examples: list[Example], generator: random.Random) -> Iterator[dict[str, torch.Tensor]]:
    """The batches of endless epochs; questions with windows of like length come together."""
    while True:
        yield from _batched(data, choose(examples, generator), generator)


def _batched(data: Data, chosen: list[Row], generator: random.Random) -> Iterator[dict[str, torch.Tensor]]:
    generator.shuffle(chosen)
    for begin in range(0, len(chosen), 600):
        part = sorted(chosen[begin : begin + 600], key=lambda row: max(len(data.window_types[w]) for w in row[1]))
        ready, batch, size = [], [], 0
        for row in part:
            if batch and size + len(row[1]) > BATCH_WINDOWS:
                ready.append(batch)
                batch, size = [], 0
            batch.append(row)
            size += len(row[1])
        ready.append(batch)
        generator.shuffle(ready)
        for batch in ready:
            yield collate(data, batch)


def shards(path: Path) -> Iterator[dict]:
    """The shards of a file of `cloze.py`; of the first, which is measured on, only some questions."""
    with gzip.open(path, "rt", encoding="utf-8") as handle:
        for number, line in enumerate(handle):
            shard = json.loads(line)
            yield shard if number else shard | {"questions": shard["questions"][:HELD]}


def made(data: Data, shard: dict, generator: random.Random) -> tuple[list[Row], list[Example]]:
    """The rows of a shard, and its questions to measure on; `data` gets the windows that they need."""
    places: dict[int, int] = {}

    def place(window: int) -> int:
        if window not in places:
            places[window] = data.add_window(shard["windows"][window])
        return places[window]

    chosen, examples = [], []
    for question in shard["questions"]:
        right = place(question["window"])
        golds = sorted(data.golds([(right, 0)], question["spans"])) if right >= 0 else []
        if not golds:
            continue
        none = generator.random() < NONE_RIGHT_CLOZE
        wrong = []
        if question["wrong"] and (none or generator.random() < ONE_WRONG):
            wrong = [place(generator.choice(question["wrong"]))]
        if wrong and none:
            chosen.append((question["question"], wrong, []))
        else:
            chosen.append((question["question"], [right, *wrong], golds))
        examples.append(
            Example("", question["type"], -1, question["question"], [right, *wrong], golds, [question["answer"]])
        )
    return chosen, examples


def cloze_batches(data: Data, path: Path, generator: random.Random) -> Iterator[dict[str, torch.Tensor]]:
    """The batches of endless epochs of made questions."""
    while True:
        for number, shard in enumerate(shards(path)):
            if number:
                fresh = data.emptied()  # no shard's windows are kept
                yield from _batched(fresh, made(fresh, shard, generator)[0], generator)


def vocabulary(path: Path) -> tuple[Vocabulary, np.ndarray, dict[str, np.ndarray]]:
    """The vocabulary of `vectors.py`, the table of vectors (row 0 is zero), and the arrays as they were stored."""
    stored = dict(np.load(path))
    words, chars = str(stored["words"]).split("\n"), list(str(stored["chars"]))
    stored["scale"] = (np.abs(stored["vectors"]).max(1) / 127 + 1e-9).astype(np.float32)
    stored["vectors"] = np.round(stored["vectors"] / stored["scale"][:, None]).astype(np.int8)
    table = stored["vectors"] * stored["scale"][:, None]
    table = np.concatenate([np.zeros((1, table.shape[1]), dtype=np.float32), table])
    return Vocabulary(words, stored["idf"].astype(np.float16).tolist(), chars), table, stored


@torch.no_grad()
def evaluate(net: Reader, data: Data, examples: list[Example]) -> str:
    """Exact match and F1 of the best spans by set, in one line."""
    net.eval()
    right: dict[str, list[tuple[float, float]]] = {}
    for begin in range(0, len(examples), 16):
        part = examples[begin : begin + 16]
        batch = collate(data, [(e.question, e.windows, []) for e in part])
        with torch.autocast("cpu", torch.bfloat16):
            scores = net(batch)
        best, where = scores.flatten(1).max(1)
        steps = scores.shape[1]
        for example, group in zip(part, batch["groups"].tolist(), strict=True):
            row = max((r for r in group if r >= 0), key=lambda r: float(best[r]))
            encoded = data.windows[example.windows[group.index(row)]]
            first, last = divmod(int(where[row]), steps)
            text = encoded.text[encoded.starts[first] : encoded.ends[last]]
            right.setdefault(example.source, []).append(
                (
                    max(float(plain(text) == plain(a)) for a in example.answers),
                    max(f1(text, a) for a in example.answers),
                )
            )
    return " ".join(f"{k} {np.mean([a for a, _ in v]):.3f}/{np.mean([b for _, b in v]):.3f}" for k, v in right.items())


def plain(text: str) -> str:
    """`text` without punctuation and blanks."""
    return "".join(c for c in text if c.isalnum() or c == "%")


def f1(made: str, wanted: str) -> float:
    """F1 of the longest common run of characters, as CMRC 2018 counts it."""
    made, wanted = plain(made), plain(wanted)
    best, line = 0, [0] * (len(wanted) + 1)
    for a in made:
        line = [0] + [line[j] + 1 if a == b else 0 for j, b in enumerate(wanted)]
        best = max(best, *line)
    return 2 * best / (len(made) + len(wanted)) if best else 0.0


def export(average: dict[str, torch.Tensor], stored: dict[str, np.ndarray], path: Path) -> None:
    """Write the shipped form, whole or not at all."""
    arrays = {
        "vocabulary": np.frombuffer(str(stored["words"]).encode(), dtype=np.uint8),
        "characters": np.frombuffer(str(stored["chars"]).encode(), dtype=np.uint8),
        "idf": stored["idf"].astype(np.float16),
        "vectors": stored["vectors"],
        "scale": stored["scale"],
    }
    for name, value in average.items():
        if name != "vectors":
            arrays[name] = value.numpy().astype(np.float16)
    part = path.with_name(path.stem + ".part.npz")
    np.savez(part, **arrays)
    part.replace(path)


def load(arguments: argparse.Namespace) -> tuple[Data, np.ndarray, dict[str, np.ndarray]]:
    """All examples, the table of vectors, and the arrays of the vocabulary."""
    words, table, stored = vocabulary(arguments.vectors)
    data = Data(words)
    if arguments.sets:
        data.load(arguments.sets, arguments.news)
        data.prepare(arguments.seed)
    return data, table, stored


def stream(arguments: argparse.Namespace, data: Data, generator: random.Random) -> Iterator[dict[str, torch.Tensor]]:
    """Batches of the questions people asked outside the half left out, of made ones, or of both mixed."""
    examples = [e for e in data.examples if e.fold != arguments.without]
    print(f"{len(examples)} examples, {len(data.windows)} windows, kernel {kernel() is not None}", flush=True)
    asked = batches(data, examples, generator) if examples else None
    clozes = cloze_batches(data, arguments.cloze, random.Random(arguments.seed)) if arguments.cloze else None
    while True:
        yield next(clozes if clozes and (not asked or generator.random() < arguments.mix) else asked)


def begin(arguments: argparse.Namespace, data: Data, table: np.ndarray) -> Reader:
    """A network with the weights to start from."""
    net = Reader(torch.from_numpy(table), len(data.vocabulary.chars), arguments.dropout).share_memory()
    if arguments.start:
        weights = np.load(arguments.start)
        for name, value in net.state_dict().items():
            if name != "vectors":
                value.copy_(torch.from_numpy(weights[name].astype(np.float32)))
    return net


def train(arguments: argparse.Namespace, data: Data, table: np.ndarray, stored: dict[str, np.ndarray]) -> None:
    """Run the schedule."""
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    generator = random.Random(arguments.seed)
    check = Check(arguments, data, generator)
    net = begin(arguments, data, table)
    average = {name: value.clone().float() for name, value in net.state_dict().items()}
    # Further workers step on the same weights without locks (Recht et al. 2011), each with moments of its own.
    helper = arguments.workers > 1 and os.fork() == 0
    if helper:
        generator.seed(arguments.seed + 1000)
        torch.manual_seed(arguments.seed + 1000)
    optimiser = torch.optim.AdamW(net.parameters(), lr=arguments.peak, betas=(0.9, 0.98), weight_decay=DECAY)
    began, seen, step, last, saved = time.time(), 0, 0, 0.0, time.time()
    for batch in stream(arguments, data, generator):
        done = (time.time() - began) / 60 / arguments.minutes
        if done >= 1:
            break
        rate = arguments.peak * min(1, (step + 1) / 200) * max(0.01, (1 - done))
        error = update(net, optimiser, rate, batch)
        step, seen = step + 1, seen + len(batch["groups"])
        last = last * 0.98 + error * 0.02 if last and isfinite(error) else last or error
        if step % 100 == 0:
            minutes = (time.time() - began) / 60
            print(f"{minutes:.1f} min, step {step}, {seen} questions, loss {last:.3f}", flush=True)
        if helper:
            continue
        if step % 4 == 0:
            keep = min(0.99, (1 + step) / (10 + step))
            with torch.no_grad():
                for name, value in net.named_parameters():
                    average[name].lerp_(value, 1 - keep)
        if time.time() - saved > 60 * arguments.every:
            saved = time.time()
            check.report(net, average)
            export(average, stored, arguments.output)
    if helper:
        os._exit(0)
    check.report(net, average)
    export(average, stored, arguments.output)


def update(net: Reader, optimiser: torch.optim.Optimizer, rate: float, batch: dict[str, torch.Tensor]) -> float:
    """Take one step; the loss before it. A step whose gradient is not finite (bfloat16 overflows at times) is left out."""
    for group in optimiser.param_groups:
        group["lr"] = rate
    with torch.autocast("cpu", torch.bfloat16):
        scores = net(batch)
    error = loss(scores, batch["gold"], batch["groups"])
    optimiser.zero_grad(set_to_none=True)
    error.backward()
    if torch.isfinite(torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)):
        optimiser.step()
    return error.item()


class Check:
    """What a model is measured on while it learns: questions of the half left out, and made ones left out."""

    def __init__(self, arguments: argparse.Namespace, data: Data, generator: random.Random) -> None:
        """Draw the questions."""
        self.data, self.other = data, data.emptied()
        held = [e for e in data.examples if e.fold == arguments.without and e.golds]
        self.examples = generator.sample(held, min(len(held), 300))
        self.rows: list[Row] = []
        self.made: list[Example] = []
        if arguments.cloze:
            self.rows, self.made = made(self.other, next(shards(arguments.cloze)), random.Random(0))

    def report(self, net: Reader, average: dict[str, torch.Tensor]) -> None:
        """Print the scores of the averaged weights."""
        copy = deepcopy(net)
        copy.load_state_dict(average)
        for data, examples in ((self.data, self.examples), (self.other, self.made)):
            if examples:
                print("left out:", evaluate(copy, data, examples), flush=True)
        parts = [collate(self.other, self.rows[at : at + 16]) for at in range(0, len(self.rows), 16)]
        if parts:
            with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
                found = [loss(copy.eval()(part), part["gold"], part["groups"]).item() for part in parts]
            print(f"loss on made questions left out: {np.mean(found):.3f}", flush=True)


def main() -> None:
    """Read the arguments and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vectors", type=Path, required=True)
    parser.add_argument("--sets", type=Path, help="folder of the question sets")
    parser.add_argument("--news", type=Path, help="the corpus of the news questions")
    parser.add_argument("--cloze", type=Path, help="questions of cloze.py")
    parser.add_argument("--mix", type=float, default=0.0, help="share of the steps on made questions, of both kinds")
    parser.add_argument("--start", type=Path, help="a model to start from")
    parser.add_argument("--peak", type=float, default=PEAK, help="highest learning rate")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--without", type=int, default=-1, help="half of the documents to leave out")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--every", type=float, default=5, help="minutes between two scores")
    parser.add_argument("--dropout", type=float, default=0.15)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, choices=(1, 2), default=1, help="processes that step at once")
    arguments = parser.parse_args()
    if bool(arguments.sets) != bool(arguments.news) or not (arguments.sets or arguments.cloze):
        parser.error("--sets and --news, or --cloze, or all of them")
    train(arguments, *load(arguments))


if __name__ == "__main__":
    main()
