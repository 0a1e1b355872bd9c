"""Trains the ranker on the pools that `pools.py` made: `python -m training.ranker.train POOLS.npz [--out FILE]`.

A question's candidates compete in one softmax; the loss is the cross entropy against their labels (an exact answer 1,
a close one less), so all right spans share the probability. Without --out it cross-validates by document: each of two
folds is scored by a network that saw only the other.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from torch import nn

from rag.read.bags import BUCKETS
from rag.read.features import FEATURES
from rag.read.ranker import slot_prior

_LEFT_OUT = 0.5


class Net(nn.Module):
    """The network of `rag.read.ranker` in torch: `d` wide tables, `h` hidden units."""

    def __init__(self, mean: torch.Tensor, scale: torch.Tensor, d: int = 16, h: int = 96) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("scale", scale)
        self.table_question = nn.Parameter(torch.randn(BUCKETS, d) * 0.05)
        self.table_span = nn.Parameter(torch.randn(BUCKETS, d) * 0.05)
        self.first = nn.Linear(len(mean) + 3 * d, h)
        self.second = nn.Linear(h, 32)
        self.last = nn.Linear(32, 1, bias=False)
        self.drop = nn.Dropout(0.2)

    def forward(
        self, x: torch.Tensor, question: torch.Tensor, spans: torch.Tensor, group: torch.Tensor
    ) -> torch.Tensor:
        """Scores of candidates: features (m, f), question buckets (q, k), span buckets (m, 10), question of each (m,)."""
        prior = torch.from_numpy(slot_prior(x.numpy()))
        x = ((x - self.mean) * self.scale).clamp(-5, 5)
        e_q = self._summed(question, self.table_question)[group]
        e_c = self._summed(spans, self.table_span)
        if self.training:
            e_q, e_c = self.drop(e_q), self.drop(e_c)
        hidden = torch.relu(self.first(torch.cat([x, e_q, e_c, e_q * e_c], 1)))
        return self.last(torch.relu(self.second(self.drop(hidden))))[:, 0] + prior

    def _summed(self, buckets: torch.Tensor, table: torch.Tensor) -> torch.Tensor:
        """The sum of the table's rows; in training whole categories are left out, so that none is relied on."""
        rows = nn.functional.embedding(buckets, table)
        if self.training:
            rows = rows * (torch.rand(*buckets.shape, 1) > _LEFT_OUT) / (1 - _LEFT_OUT)
        return rows.sum(1)

    def arrays(self) -> dict[str, np.ndarray]:
        """The weights under the names of `rag.read.ranker.Ranker`; tables in half precision."""
        half = {"table_question": self.table_question, "table_span": self.table_span}
        full = {
            "mean": self.mean, "scale": self.scale, "hidden": self.first.weight.T, "hidden_bias": self.first.bias,
            "middle": self.second.weight.T, "middle_bias": self.second.bias, "out": self.last.weight.T,
        }  # fmt: skip
        made = {name: value.detach().numpy().astype(np.float16) for name, value in half.items()}
        return made | {name: np.ascontiguousarray(value.detach().numpy()) for name, value in full.items()}


class Pools:
    """The arrays of pools files; question i has the rows `bounds[i]:bounds[i + 1]`."""

    def __init__(self, paths: list[Path]) -> None:
        parts = [np.load(path, allow_pickle=False) for path in paths]
        self.x, self.bags, self.labels = (np.concatenate([p[n] for p in parts]) for n in ("x", "bags", "labels"))
        self.question, self.fold = (np.concatenate([p[n] for p in parts]) for n in ("question", "fold"))
        self.weight, self.source = (np.concatenate([p[n] for p in parts]) for n in ("weight", "source"))
        self.bounds = np.concatenate(([0], np.cumsum(np.concatenate([np.diff(p["bounds"]) for p in parts]))))

    def batch(self, chosen: np.ndarray) -> tuple[torch.Tensor, ...]:
        """Features, question buckets, span buckets, group, labels and weights of some questions."""
        rows = np.concatenate([np.arange(self.bounds[i], self.bounds[i + 1]) for i in chosen])
        group = np.repeat(np.arange(len(chosen)), self.bounds[chosen + 1] - self.bounds[chosen])
        return (
            torch.from_numpy(self.x[rows].astype(np.float32)),
            torch.from_numpy(self.question[chosen].astype(np.int64)),
            torch.from_numpy(self.bags[rows].astype(np.int64)),
            torch.from_numpy(group),
            torch.from_numpy(self.labels[rows].astype(np.float32)),
            torch.from_numpy(self.weight[chosen].astype(np.float32)),
        )


def loss_of(scores: torch.Tensor, group: torch.Tensor, labels: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Cross entropy of each question's softmax against its labels scaled to sum 1, weighted by question."""
    n = len(weight)
    top = torch.full((n,), -1e9).scatter_reduce(0, group, scores.detach(), "amax")
    total = torch.zeros(n).index_add(0, group, (scores - top[group]).exp())
    share = torch.zeros(n).index_add(0, group, (scores - top[group]).exp() * labels)
    return -(torch.log((share / total).clamp_min(1e-8)) * weight).sum() / weight.sum()


def train(pools: Pools, chosen: np.ndarray, epochs: int, seed: int = 0) -> Net:
    """A network trained on the questions `chosen`."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    rows = np.concatenate([np.arange(pools.bounds[i], pools.bounds[i + 1]) for i in chosen[::5]])
    sample = pools.x[rows].astype(np.float32)
    net = Net(torch.from_numpy(sample.mean(0)), torch.from_numpy(1 / (sample.std(0) + 1e-3)))
    steps = epochs * (len(chosen) // 32 + 1)
    tables = [net.table_question, net.table_span]
    others = [p for name, p in net.named_parameters() if not name.startswith("table")]
    optimiser = torch.optim.AdamW(
        [{"params": others, "lr": 2e-3, "weight_decay": 1e-4}, {"params": tables, "lr": 2e-3, "weight_decay": 1e-2}]
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, [2e-3, 2e-3], total_steps=steps + 1, pct_start=0.1)
    for _ in range(epochs):
        net.train()
        total = 0.0
        order = rng.permutation(chosen)
        for at in range(0, len(order), 32):
            x, question, bags, group, labels, weight = pools.batch(order[at : at + 32])
            loss = loss_of(net(x, question, bags, group), group, labels, weight)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item() * len(weight)
        print(f"loss {total / len(chosen):.3f}", end=" ", flush=True)
    print()
    return net.eval()


def accuracy(net: Net, pools: Pools, chosen: np.ndarray) -> dict[str, float]:
    """Share of questions whose best candidate is exact, and the mean label of the best, by source."""
    exact: dict[str, list[float]] = {}
    with torch.no_grad():
        for at in range(0, len(chosen), 64):
            part = chosen[at : at + 64]
            x, question, bags, group, labels, _ = pools.batch(part)
            scores = net(x, question, bags, group)
            for i, q in enumerate(part):
                rows = group == i
                best = labels[rows][scores[rows].argmax()]
                exact.setdefault(str(pools.source[q]), []).append(float(best >= 0.999))
    return {name: round(float(np.mean(values)), 4) for name, values in exact.items()} | {"n": len(chosen)}


def main() -> None:
    """Cross-validates, or trains on everything and writes the model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pools", type=Path, nargs="+")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--fold", type=int, help="train without this fold and write that model to --out")
    parser.add_argument("--epochs", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    pools = Pools(options.pools)
    everything = np.arange(len(pools.fold))
    if options.out is None:
        for fold in (0, 1):
            net = train(pools, everything[pools.fold != fold], options.epochs)
            print(fold, json.dumps(accuracy(net, pools, everything[pools.fold == fold])), flush=True)
        return
    chosen = everything if options.fold is None else everything[pools.fold != options.fold]
    net = train(pools, chosen, options.epochs)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    save_file(net.arrays(), str(options.out), metadata={"features": " ".join(FEATURES)})


if __name__ == "__main__":
    main()
