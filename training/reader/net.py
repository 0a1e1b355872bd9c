"""The neural span reader as a torch module; `rag.read.neural` computes the same with numpy.

    words -> embedded -> question attention -> SRU -> co-attention -> SRU -> span scores, per passage

A DrQA-like reader (Chen et al. 2017) with simple recurrent units (Lei et al. 2018) in place of LSTMs: their matrix
products do not depend on the previous word, so that numpy is fast enough. The score of a span is the log-odds that it
is the answer rather than that there is none: start + end + a low-rank product of both - the passage's null score. The
softmax runs over all spans of all passages of a question (Clark and Gardner 2018), with 0 for "no answer".
"""

import ctypes
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor, nn

from rag.read.encode import CHARS, MATCHED, STATIC, TAGS

WORD, ALIGN, HIDDEN, RANK, POOL = 128, 64, 80, 24, 48
CHAR, TAG = 32, 16
LONGEST = 40  # words of the longest span
TUNED = 4_000  # most frequent words whose vectors are tuned


@lru_cache(maxsize=1)
def kernel() -> ctypes.CDLL | None:
    """The compiled recurrence, None without a C compiler."""
    source = Path(__file__).with_name("sru.c")
    target = Path(tempfile.mkdtemp()) / "sru.so"
    flags = ["-O3", "-march=native", "-ffast-math", "-shared", "-fPIC"]
    try:
        subprocess.run(["gcc", str(source), "-o", str(target), *flags, "-lm"], check=True)  # noqa: S603, S607
    except (OSError, subprocess.CalledProcessError):
        return None
    return ctypes.CDLL(str(target))


class Recurrence(torch.autograd.Function):
    """h of the simple recurrent unit, by the compiled kernel, in bfloat16."""

    @staticmethod
    def forward(ctx: object, u: Tensor, x: Tensor | None, lengths: Tensor) -> Tensor:
        """H (B, T, 2H) from u (B, T, 2, 3, H), x (B, T, 2H) or None, lengths (B) int32."""
        u = u.contiguous()
        x = None if x is None else x.contiguous()
        batch, steps, _, _, hidden = u.shape
        h = u.new_zeros(batch, steps, 2 * hidden)
        c = torch.zeros(batch, steps, 2 * hidden)
        kernel().sru_forward(*_pointers(u, x, lengths, h, c), batch, steps, hidden)
        ctx.save_for_backward(u, x, lengths, c)
        return h

    @staticmethod
    def backward(ctx: object, grad: Tensor) -> tuple[Tensor, Tensor | None, None]:
        """The gradients of u and x."""
        u, x, lengths, c = ctx.saved_tensors
        grad = grad.to(torch.bfloat16).contiguous()
        batch, steps, _, _, hidden = u.shape
        du = torch.zeros_like(u)
        dx = None if x is None else torch.zeros_like(x)
        kernel().sru_backward(*_pointers(u, x, lengths, c, grad, du, dx), batch, steps, hidden)
        return du, dx, None


def _pointers(*tensors: Tensor | None) -> list[ctypes.c_void_p]:
    return [ctypes.c_void_p(None if tensor is None else tensor.data_ptr()) for tensor in tensors]


def recurrence(u: Tensor, x: Tensor | None, lengths: Tensor) -> Tensor:
    """The same as `Recurrence` in plain torch, in any precision."""
    batch, steps, _, _, hidden = u.shape
    mask = (torch.arange(steps)[None, :] < lengths[:, None])[:, :, None]
    outputs = []
    for side in (0, 1):
        value, gate, reset = (u[:, :, side, k] for k in range(3))
        gate, reset = torch.sigmoid(gate), torch.sigmoid(reset)
        state = u.new_zeros(batch, hidden)
        states: list[Tensor] = []
        for t in reversed(range(steps)) if side else range(steps):
            state = (gate[:, t] * state + (1 - gate[:, t]) * value[:, t]) * mask[:, t]
            states.append(state)
        stacked = torch.stack(states[::-1] if side else states, 1)
        skip = 0 if x is None else (1 - reset) * x[:, :, side * hidden : (side + 1) * hidden]
        outputs.append((reset * stacked + skip) * mask)
    return torch.cat(outputs, 2)


class Sru(nn.Module):
    """One layer in both directions; with `skip`, its input (2 HIDDEN wide) shines through the reset gate."""

    def __init__(self, size: int, skip: bool) -> None:
        super().__init__()
        self.map = nn.Linear(size, 6 * HIDDEN)
        self.skip = skip
        with torch.no_grad():
            self.map.bias.view(2, 3, HIDDEN)[:, 1] = 1.0

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """(B, T, 2 HIDDEN) from x (B, T, size)."""
        u = self.map(x).view(*x.shape[:2], 2, 3, HIDDEN)
        skip = x if self.skip else None
        if u.dtype == torch.bfloat16 and kernel() is not None:
            return Recurrence.apply(u, None if skip is None else skip.to(torch.bfloat16), lengths)
        return recurrence(u, skip, lengths)


class Reader(nn.Module):
    """Span scores of passages for questions; see the module's docstring."""

    def __init__(self, vectors: Tensor, characters: int, dropout: float = 0.25) -> None:
        super().__init__()
        self.register_buffer("vectors", vectors)  # (words + 1, WORD), fixed
        self.tuned = nn.Parameter(torch.zeros(TUNED + 1, WORD))
        self.chars = nn.Embedding(characters + 2, CHAR)
        self.tags = nn.Embedding(TAGS, TAG)
        nn.init.normal_(self.chars.weight, std=0.3)
        nn.init.normal_(self.tags.weight, std=0.3)
        self.word = nn.Linear(vectors.shape[1] + CHARS * CHAR + TAG, WORD)
        self.align = nn.Linear(WORD, ALIGN)
        self.value = nn.Linear(WORD, ALIGN)
        self.question1 = Sru(WORD + TAG + STATIC, skip=False)
        self.question2 = Sru(2 * HIDDEN, skip=True)
        self.passage1 = Sru(WORD + ALIGN + STATIC + MATCHED, skip=False)
        self.passage2 = Sru(2 * HIDDEN, skip=True)
        self.key_passage = nn.Linear(2 * HIDDEN, HIDDEN)
        self.key_question = nn.Linear(2 * HIDDEN, HIDDEN)
        self.value_question = nn.Linear(2 * HIDDEN, HIDDEN)
        self.fuse = nn.Linear(4 * HIDDEN + MATCHED, 2 * HIDDEN)
        self.focus = nn.Linear(2 * HIDDEN, 1)
        self.bounds = nn.Linear(2 * HIDDEN, 4 * HIDDEN)  # of the question: what its start and end look like
        self.left = nn.Linear(2 * HIDDEN, RANK)
        self.right = nn.Linear(2 * HIDDEN, RANK)
        self.length = nn.Parameter(torch.zeros(LONGEST))
        self.pool = nn.Linear(2 * HIDDEN, POOL)
        self.ask = nn.Linear(2 * HIDDEN, POOL)
        self.null = nn.Linear(2 * POOL + MATCHED, 1)
        self.dropout = dropout

    def represent(self, ids: Tensor, chars: Tensor, tags: Tensor) -> Tensor:
        """(N, WORD) vectors of N distinct words."""
        base = self.vectors[ids] + self.tuned[torch.where(ids <= TUNED, ids, 0)] * (ids <= TUNED)[:, None]
        made = torch.cat([base, self.chars(chars).flatten(1), self.tags(tags)], 1)
        return torch.relu(self.word(self._drop(made)))

    def forward(self, batch: dict[str, Tensor]) -> Tensor:
        """Log-odds (B, T, T) of the span from word i to word j of passage b; -inf where there is none."""
        words = self._drop(self.represent(batch["ids"], batch["chars"], batch["tags"]))
        align = torch.relu(self.align(words))
        asked, told, owner = batch["question"], batch["passage"], batch["owner"]
        q_size, p_size = batch["question_lengths"], batch["passage_lengths"]
        q_mask = (torch.arange(asked.shape[1])[None, :] < q_size[:, None])[owner]
        extra = self.tags(batch["tags"])[asked]
        q = self.question1(torch.cat([words[asked], extra, batch["question_features"]], 2), q_size)
        q = self.question2(self._drop(q, 1), q_size)
        weights = _attend(align[told] @ align[asked][owner].transpose(1, 2), q_mask)
        context = weights @ self.value(words)[asked][owner]
        p = self.passage1(torch.cat([words[told], context, batch["static"], batch["matched"]], 2), p_size)
        p = self._drop(p, 1)
        key = self.key_passage(p)
        weights = _attend(key @ self.key_question(q)[owner].transpose(1, 2) / HIDDEN**0.5, q_mask)
        context = weights @ self.value_question(q)[owner]
        p = torch.relu(self.fuse(torch.cat([p, context, key * context, batch["matched"]], 2)))
        p = self.passage2(self._drop(p, 1), p_size)
        summary = (_attend(self.focus(q).transpose(1, 2), q_mask_of(asked, q_size)[:, None][:, 0]) @ q)[:, 0]
        return self._spans(self._drop(p, 1), self._drop(summary)[owner], batch["matched"], p_size)

    def _spans(self, p: Tensor, q: Tensor, matched: Tensor, lengths: Tensor) -> Tensor:
        steps = p.shape[1]
        ends = (self.bounds(q).view(-1, 2, 2 * HIDDEN) @ p.transpose(1, 2)).float() / (2 * HIDDEN) ** 0.5
        cross = (self.left(p) @ self.right(p).transpose(1, 2)).float()
        distance = torch.arange(steps)[None, :] - torch.arange(steps)[:, None]
        allowed = (distance >= 0) & (distance < LONGEST)
        length = self.length[distance.clamp(0, LONGEST - 1)]
        inside = torch.arange(steps)[None, :] < lengths[:, None]
        pooled = torch.relu(self.pool(p)).masked_fill(~inside[:, :, None], 0).amax(1)
        null = self.null(torch.cat([pooled, torch.relu(self.ask(q)), matched.amax(1)], 1)).float()
        scores = ends[:, 0, :, None] + ends[:, 1, None, :] + cross + length - null[:, :, None]
        return scores.masked_fill(~(allowed[None] & inside[:, None, :]), -1e4)

    def _drop(self, x: Tensor, shared: int | None = None) -> Tensor:
        """Dropout; the mask is the same along axis `shared`."""
        if not self.training or not self.dropout:
            return x
        shape = [1 if axis == shared else size for axis, size in enumerate(x.shape)]
        return x * (torch.rand(shape) > self.dropout).to(x.dtype) / (1 - self.dropout)


def q_mask_of(words: Tensor, lengths: Tensor) -> Tensor:
    """Where (Q, L) the questions have words."""
    return torch.arange(words.shape[1])[None, :] < lengths[:, None]


def _attend(scores: Tensor, mask: Tensor) -> Tensor:
    """Softmax over the last axis where `mask` (B, L) allows; scores (B, T, L)."""
    return torch.softmax(scores.float().masked_fill(~mask[:, None, :], -1e4), 2).to(scores.dtype)


def loss(scores: Tensor, gold: Tensor, groups: Tensor) -> Tensor:
    """Mean -log probability of the gold spans, or of none, over the questions.

    scores (B, T, T); gold (N, 3): passage, first and last word of each right span; groups (G, M): the passages of each
    question, -1 where there are fewer.
    """
    batch, steps, _ = scores.shape
    total = torch.logsumexp(scores.view(batch, -1), 1)
    inside = total[groups.clamp(min=0)].masked_fill(groups < 0, -1e4)
    total = torch.logsumexp(torch.cat([inside, torch.zeros(len(groups), 1)], 1), 1)
    owner = torch.zeros(batch, dtype=torch.long)
    rows, columns = (groups >= 0).nonzero(as_tuple=True)
    owner[groups[rows, columns]] = rows
    right = torch.full((len(groups), max(1, len(gold)) + 1), -1e4)
    if len(gold):
        picked = scores.view(-1)[(gold[:, 0] * steps + gold[:, 1]) * steps + gold[:, 2]]
        right[owner[gold[:, 0]], torch.arange(len(gold))] = picked
    none = torch.ones(len(groups))
    none[owner[gold[:, 0]]] = 0
    right[:, -1] = torch.where(none > 0, 0.0, -1e4)
    return (total - torch.logsumexp(right, 1)).mean()
