"""Trains the confidence of the reader: `python -m training.ranker.calibrate FOLDER RANKER0 RANKER1 KINDS0 KINDS1 OUT`.

RANKER0 and RANKER1 are rankers trained without fold 0 and fold 1; each is asked only questions of the fold it did not
see, so that its mistakes are those it will make on strangers' questions. Every answerable question is asked twice: as
it is, and with all chunks of its document taken away, when the right reply is a refusal.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from torch import nn

from rag.question import parse
from rag.read.bags import question_bag, span_bags
from rag.read.confidence import SIGNS, described
from rag.read.cues import cues
from rag.read.features import features
from rag.read.kinds import KindModel, load_kinds
from rag.read.ranker import Ranker, load_ranker
from rag.read.reader import candidates, ranked
from rag.read.spans import plain
from rag.retrieve import retrieve
from training.ranker.pools import READ, fold, make_index
from training.ranker.sets import NAMES, Example, load

_WEIGHTS = {"newsqa": 3.0, "squad_zh": 0.3}


def is_right(short: str, example: Example) -> bool:
    """Whether `short` holds an accepted answer and not much more."""
    text = plain(short)
    return any(plain(a) in text and len(text) <= 2 * len(plain(a)) + 12 for a in example.answers)


def gather(folder: Path, rankers: list[Ranker], kinds: list[KindModel], names: list[str]) -> dict[str, np.ndarray]:
    """Signs, whether the best candidate is right, fold, weight, and whether the answer was among the passages."""
    signs, right, folds, weights, given = [], [], [], [], []
    for name in names:
        documents, examples = load(folder, name)
        index = make_index(documents)
        for number, example in enumerate(examples):
            question = parse(example.question)
            looked = cues(question)
            hits = retrieve(index, question.text, READ * 3)
            without = [hit for hit in hits if hit.chunk.source != example.document]
            variants = [hits[:READ]] + ([without[:READ]] if example.answers and number % 2 else [])
            for variant, passages in enumerate(variants):
                pool, places = candidates(looked, passages)
                if not len(pool.start):
                    continue
                kind = kinds[fold(example.document)]
                rows = features(looked, places, pool, kind.wanted(question), kind.prior)
                scores = rankers[fold(example.document)].scores(rows, question_bag(question), span_bags(pool))
                order, mass = ranked(pool, scores)
                signs.append(described(question, looked, places, pool, rows, scores, order, mass))
                right.append(variant == 0 and is_right(pool.text(int(order[0])), example))
                folds.append(fold(example.document))
                weights.append(_WEIGHTS.get(name, 0.5 if name != "newsqa" else 1.0))
                given.append(variant == 0 and bool(example.answers))
        print(name, len(signs), flush=True)
    return {
        "signs": np.stack(signs), "right": np.array(right, dtype=np.float32), "fold": np.array(folds),
        "weight": np.array(weights, dtype=np.float32), "given": np.array(given),
    }  # fmt: skip


def train(data: dict[str, np.ndarray], chosen: np.ndarray, seed: int = 0) -> nn.Sequential:
    """A network that gives the log-odds of being answerable and right."""
    torch.manual_seed(seed)
    x = torch.from_numpy(_scaled(data, chosen)[chosen])
    # a wrong answer to an answerable question is less to be refused than an answer where there is none
    target = torch.from_numpy(np.maximum(data["right"], 0.6 * data["given"])[chosen].astype(np.float32))
    weight = torch.from_numpy(data["weight"][chosen])
    net = nn.Sequential(nn.Linear(x.shape[1], 24), nn.ReLU(), nn.Dropout(0.1), nn.Linear(24, 1))
    optimiser = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-3)
    for step in range(1500):
        rows = torch.randint(len(x), (512,))
        loss = nn.functional.binary_cross_entropy_with_logits(net(x[rows])[:, 0], target[rows], weight=weight[rows])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if step == 1000:
            for group in optimiser.param_groups:
                group["lr"] = 5e-4
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
    parser.add_argument("rankers", type=Path, nargs=2)
    parser.add_argument("kinds", type=Path, nargs=2)
    parser.add_argument("out", type=Path)
    parser.add_argument("--sets", nargs="*", default=list(NAMES))
    parser.add_argument("--keep", type=float, default=0.96, help="share of answerable questions that must be answered")
    options = parser.parse_args()
    torch.set_num_threads(1)
    rankers = [load_ranker.__wrapped__(path) for path in options.rankers]
    kinds = [load_kinds.__wrapped__(path) for path in options.kinds]
    data = gather(options.folder, rankers, kinds, options.sets)
    chance = np.zeros(len(data["right"]))
    for k in (0, 1):
        train_rows, test_rows = np.flatnonzero(data["fold"] != k), np.flatnonzero(data["fold"] == k)
        net = train(data, train_rows)
        with torch.no_grad():
            logits = net(torch.from_numpy(_scaled(data, train_rows)[test_rows]))[:, 0]
        chance[test_rows] = torch.sigmoid(logits).numpy()
    news = data["weight"] == _WEIGHTS["newsqa"]
    threshold = float(np.quantile(chance[news & data["given"]], 1 - options.keep))
    for label, rows in (("newsqa", news), ("others", ~news)):
        kept = (chance[rows & data["given"]] >= threshold).mean()
        refused = (chance[rows & ~data["given"]] < threshold).mean()
        print(
            f"{label}: threshold {threshold:.3f} kept {kept:.3f} refused {refused:.3f} right {data['right'][rows & data['given']].mean():.3f}"
        )
    everything = np.arange(len(chance))
    net = train(data, everything)
    mean, scale = _moments(data, everything)
    arrays = {
        "mean": mean, "scale": scale, "hidden": np.ascontiguousarray(net[0].weight.detach().numpy().T),
        "hidden_bias": net[0].bias.detach().numpy(), "out": np.ascontiguousarray(net[3].weight.detach().numpy()[0]),
        "out_bias": net[3].bias.detach().numpy(),
    }  # fmt: skip
    options.out.parent.mkdir(parents=True, exist_ok=True)
    save_file(arrays, str(options.out), metadata={"signs": " ".join(SIGNS), "threshold": f"{threshold:.4f}"})


if __name__ == "__main__":
    main()
