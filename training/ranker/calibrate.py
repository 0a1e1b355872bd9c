"""Trains the confidence of the reader: `python -m training.ranker.calibrate FOLDER MODELS OUT`.

MODELS holds `ranker`, `kinds` and `neural` 0 and 1, trained without fold 0 and fold 1; they are asked only questions of the
fold they did not see, so that their mistakes are those they will make on strangers' questions. Every answerable question is
asked twice: as it is, and without what answers it, when the right reply is a refusal: every other time its document is taken
away, else only the sentences that hold the answer. Also writes `confidence0` and `confidence1` to MODELS, for
cross-validation.
"""

import argparse
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from torch import nn

from rag.question import parse
from rag.read.confidence import SIGNS, described
from rag.read.kinds import KindModel, load_kinds
from rag.read.neural import NeuralReader
from rag.read.ranker import Ranker, load_ranker
from rag.read.spans import plain
from rag.read.weigh import weigh
from rag.retrieve import retrieve
from rag.tokens import sentences
from rag.types import Hit
from training.ranker.pools import READ, fold, make_index
from training.ranker.sets import NAMES, Example, load

LIMIT = 2500
"""Answerable questions taken of each set; of the others, which are few, all."""
STEPS = 1500
_WEIGHTS = {"newsqa": 3.0, "written": 3.0, "squad_zh": 0.3}
_BEREFT = (
    0.3  # what a question without what answers it counts against one that nothing answers: those are harder to tell
)


def is_right(short: str, example: Example) -> bool:
    """Whether `short` holds an accepted answer and not much more."""
    text = plain(short)
    return any(plain(a) in text and len(text) <= 2 * len(plain(a)) + 12 for a in example.answers)


def gather(folder: Path, models: Path, names: list[str]) -> dict[str, np.ndarray]:
    """Signs, whether the best candidate is right, fold, weight, whether the answer was among the passages, and of newsqa."""
    readers = [fold_models(models, k) for k in (0, 1)]
    signs, right, folds, weights, given, news = [], [], [], [], [], []
    for name in names:
        documents, examples = load(folder, name)
        index = make_index(documents)
        for number, example in enumerate(_chosen(examples)):
            question, k = parse(example.question), fold(example.document)
            hits = retrieve(index, question.text, READ * 3)
            variants = [hits[:READ]]
            if example.answers:
                variants.append(_bereft(hits, example, number % 2 == 0)[:READ])
            for variant, passages in enumerate(variants):
                weighed = weigh(question, passages, *readers[k])
                if weighed is None or (variant and weighed.contradicted):
                    continue
                signs.append(described(question, weighed))
                right.append(variant == 0 and is_right(weighed.pool.text(int(weighed.order[0])), example))
                folds.append(k)
                weights.append(_WEIGHTS.get(name, 0.5) * (_BEREFT if variant else 1.0))
                given.append(variant == 0 and bool(example.answers))
                news.append(name == "newsqa")
        print(name, len(signs), flush=True)
    return {
        "signs": np.stack(signs), "right": np.array(right, dtype=np.float32), "fold": np.array(folds),
        "weight": np.array(weights, dtype=np.float32), "given": np.array(given), "news": np.array(news),
    }  # fmt: skip


def _chosen(examples: list[Example]) -> list[Example]:
    """At most `LIMIT` answerable examples, and all that are not."""
    answerable = [example for example in examples if example.answers]
    some = random.Random(0).sample(answerable, min(len(answerable), LIMIT))
    return some + [example for example in examples if not example.answers]


def fold_models(folder: Path, k: int) -> tuple[Ranker, KindModel, NeuralReader]:
    """The models trained without fold `k`."""
    return (
        load_ranker.__wrapped__(folder / f"ranker{k}.safetensors"),
        load_kinds.__wrapped__(folder / f"kinds{k}.safetensors"),
        NeuralReader.load(folder / f"neural{k}.npz"),
    )


def _bereft(hits: list[Hit], example: Example, whole: bool) -> list[Hit]:
    """`hits` without the example's document, or with all about it but the sentences that hold an answer."""
    if whole:
        return [hit for hit in hits if hit.chunk.source != example.document]
    made = []
    for hit in hits:
        text = hit.chunk.text
        kept = [text[a:b] for a, b in sentences(text) if not any(answer in text[a:b] for answer in example.answers)]
        if kept:
            made.append(replace(hit, chunk=replace(hit.chunk, text="".join(kept))))
    return made


def train(data: dict[str, np.ndarray], chosen: np.ndarray, seed: int = 0) -> nn.Sequential:
    """A network that gives the log-odds of being answerable and right."""
    torch.manual_seed(seed)
    x = torch.from_numpy(_scaled(data, chosen)[chosen])
    # a wrong answer to an answerable question is less to be refused than an answer where there is none
    target = torch.from_numpy(np.maximum(data["right"], 0.6 * data["given"])[chosen].astype(np.float32))
    weight = torch.from_numpy(data["weight"][chosen])
    net = nn.Sequential(nn.Linear(x.shape[1], 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 1))
    optimiser = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.1)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, STEPS)
    for _ in range(STEPS):
        rows = torch.randint(len(x), (512,))
        loss = nn.functional.binary_cross_entropy_with_logits(net(x[rows])[:, 0], target[rows], weight=weight[rows])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return net.eval()


def _scaled(data: dict[str, np.ndarray], chosen: np.ndarray) -> np.ndarray:
    mean, scale = _moments(data, chosen)
    return np.clip((data["signs"] - mean) * scale, -4, 4).astype(np.float32)


def _moments(data: dict[str, np.ndarray], chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    signs = data["signs"][chosen]
    return signs.mean(0).astype(np.float32), (1 / (signs.std(0) + 1e-3)).astype(np.float32)


def main() -> None:
    """Cross-validates, picks the threshold that keeps the asked share of answers, and writes the model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("models", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--sets", nargs="*", default=list(NAMES))
    parser.add_argument("--keep", type=float, default=0.976, help="share of answerable questions that must be answered")
    options = parser.parse_args()
    torch.set_num_threads(1)
    data = gather(options.folder, options.models, options.sets)
    np.savez(options.models / "signs.npz", **data)
    calibrate(data, options)


def calibrate(data: dict[str, np.ndarray], options: argparse.Namespace) -> None:
    """Cross-validates on the gathered signs, picks the threshold, and writes the models."""
    chance, nets = np.zeros(len(data["right"])), []
    for k in (0, 1):
        train_rows, test_rows = np.flatnonzero(data["fold"] != k), np.flatnonzero(data["fold"] == k)
        nets.append(train(data, train_rows))
        with torch.no_grad():
            logits = nets[k](torch.from_numpy(_scaled(data, train_rows)[test_rows]))[:, 0]
        chance[test_rows] = torch.sigmoid(logits).numpy()
    news = data["news"]
    threshold = float(np.quantile(chance[news & data["given"]], 1 - options.keep))
    for label, rows in (("newsqa", news), ("others", ~news)):
        kept = (chance[rows & data["given"]] >= threshold).mean()
        refused = (chance[rows & ~data["given"]] < threshold).mean()
        print(
            f"{label}: threshold {threshold:.3f} kept {kept:.3f} refused {refused:.3f} right {data['right'][rows & data['given']].mean():.3f}"
        )
    for k in (0, 1):
        write(
            options.models / f"confidence{k}.safetensors", nets[k], data, np.flatnonzero(data["fold"] != k), threshold
        )
    everything = np.arange(len(chance))
    write(options.out, train(data, everything), data, everything, threshold)


def write(path: Path, net: nn.Sequential, data: dict[str, np.ndarray], chosen: np.ndarray, threshold: float) -> None:
    """Stores a network that was trained on the `chosen` rows."""
    mean, scale = _moments(data, chosen)
    arrays = {
        "mean": mean, "scale": scale, "hidden": np.ascontiguousarray(net[0].weight.detach().numpy().T),
        "hidden_bias": net[0].bias.detach().numpy(), "out": np.ascontiguousarray(net[3].weight.detach().numpy()[0]),
        "out_bias": net[3].bias.detach().numpy(),
    }  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(arrays, str(path), metadata={"signs": " ".join(SIGNS), "threshold": f"{threshold:.4f}"})


if __name__ == "__main__":
    main()
