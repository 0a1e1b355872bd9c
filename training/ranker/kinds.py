"""Trains the model of the kind of answer a question wants: `python -m training.ranker.kinds FOLDER OUT [--fold K]`.

Multinomial logistic regression on the kinds of the answers of all training sets, and on clauses of the news corpus:
what stands before a sum, a share or a name (执行额达..., 同比增长..., 会长...) is how users ask for one. With --fold,
without the questions on documents of that fold, for features that have not seen their own question.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file

from rag.question import parse
from rag.read import words as w
from rag.read.kinds import BUCKETS, KINDS, question_grams, span_kinds
from rag.read.words import words
from training.ranker.pools import fold
from training.ranker.sets import NAMES, load, rows

_WEIGHTS = {"newsqa": 3.0, "written": 3.0, "squad_zh": 0.5}
_NEWS = 0.3  # the weight of a clause against a question


def kind_of(answer: str) -> int:
    """The kind of an answer's text."""
    cut = words(answer)
    if not len(cut.starts):
        return 0
    return int(span_kinds(cut, np.array([0], np.int32), np.array([len(cut.starts) - 1], np.int32))[0])


def from_news(folder: Path, documents: int = 9000, most: int = 6000) -> tuple[list[str], list[int]]:
    """Clauses of the news with a value or name cut off at their end, and its kind; at most `most` of a kind."""
    texts, kinds = [], []
    count = dict.fromkeys(_TAGGED, 0)
    for row in rows(folder / "corpus" / "news.jsonl.gz")[:documents]:
        text = str(row["text"])[:400]
        cut = words(text)
        for i in range(1, len(cut.starts)):
            tag = int(cut.tags[i])
            if tag not in _TAGGED or count[tag] >= most or cut.clauses[i - 1] != cut.clauses[i]:
                continue
            first = int(np.searchsorted(cut.clauses, cut.clauses[i]))
            before = text[max(cut.starts[first], cut.starts[i] - 14) : cut.starts[i]].strip()
            if len(before) >= 4:
                texts.append(before)
                kinds.append(int(span_kinds(cut, np.array([i], np.int32), np.array([i], np.int32))[0]))
                count[tag] += 1
    return texts, kinds


_TAGGED = (w.MONEY, w.PERCENT, w.MULTIPLE, w.COUNT, w.AMOUNT, w.PERIOD, w.PERSON, w.PLACE, w.ORGANISATION)


def main() -> None:
    """Trains and writes the model; prints how often the likeliest kind is right on the documents left out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--fold", type=int)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    grams, kinds, weights, folds = [], [], [], []
    for name in NAMES:
        for example in load(options.folder, name)[1]:
            if example.answers:
                grams.append(question_grams(parse(example.question)))
                kinds.append(kind_of(example.answers[0]))
                weights.append(_WEIGHTS.get(name, 1.0))
                folds.append(fold(example.document))
    news, news_kinds = from_news(options.folder)
    grams += [question_grams(parse(text)) for text in news]
    kinds += news_kinds
    weights += [_NEWS] * len(news)
    folds += [-1] * len(news)
    chosen = [i for i, f in enumerate(folds) if f != options.fold]
    table = torch.zeros(BUCKETS, len(KINDS), requires_grad=True)
    bias = torch.zeros(len(KINDS), requires_grad=True)
    optimiser = torch.optim.Adam([table, bias], lr=0.03, weight_decay=1e-6)
    target, weight = torch.tensor(kinds), torch.tensor(weights)

    def logits(batch: list[int]) -> torch.Tensor:
        flat = torch.from_numpy(np.concatenate([grams[i] for i in batch]))
        sizes = torch.tensor([len(grams[i]) for i in batch])
        summed = torch.zeros(len(batch), len(KINDS)).index_add(
            0, torch.repeat_interleave(torch.arange(len(batch)), sizes), table[flat]
        )
        return summed / sizes.sqrt()[:, None] + bias

    rng = np.random.default_rng(0)
    for epoch in range(6):
        order = rng.permutation(chosen)
        for group in optimiser.param_groups:
            group["lr"] = 0.03 / (1 + 0.5 * epoch)
        for at in range(0, len(order), 128):
            batch = order[at : at + 128].tolist()
            loss = torch.nn.functional.cross_entropy(logits(batch), target[batch], reduction="none")
            optimiser.zero_grad()
            (loss * weight[batch]).mean().backward()
            optimiser.step()
    left_out = [i for i, f in enumerate(folds) if f == options.fold] or chosen
    with torch.no_grad():
        right = (logits(left_out).argmax(1) == target[left_out]).float().mean().item()
    print(f"{len(chosen)} questions, likeliest kind right: {right:.3f} of {len(left_out)}")
    asked = [kind for kind, f in zip(kinds, folds, strict=True) if f >= 0]
    share = np.bincount(asked, minlength=len(KINDS)) + 1.0
    arrays = {"table": table.detach().numpy(), "bias": bias.detach().numpy(), "prior": np.log(share / share.sum())}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: np.ascontiguousarray(a, dtype=np.float32) for name, a in arrays.items()}, str(options.out))


if __name__ == "__main__":
    main()
