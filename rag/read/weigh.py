"""The candidates of some hits, weighed against a question: `weigh(...) -> Weighed`. What the reader decides on.

hits -> pool -> network's guesses -> features -> ranker -> equal strings added up -> slots -> Weighed
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rag.periods import periods
from rag.question import Question
from rag.read.bags import question_bag
from rag.read.cues import Cues, cues
from rag.read.features import features
from rag.read.guess import Network, guess, with_guesses
from rag.read.kinds import KindModel
from rag.read.places import Places, locate
from rag.read.pool import Pool, make_pool
from rag.read.ranker import Ranker
from rag.read.slots import consistent
from rag.tokens import fold
from rag.types import Hit

MAX_CHUNKS = 8
_MONTHS = re.compile("月|季|半年")  # and not 1号 of 1号楼
_SPOKEN = re.compile("[今去前明后上本这当下昨同][年月日天周星个]|周|星期|前$|目前")  # counted from the day of asking
MAX_SENTENCES = 16


@dataclass(frozen=True, slots=True)
class Weighed:
    """The candidates that some hits hold, weighed against a question.

    `rows` (m, features) and `scores` (m) are of the m candidates of `pool`; `order` holds one candidate for each distinct
    string, best first, and `mass` its share of the probability; `contradicted` is what the question fixes and the first
    does not have.
    """

    looked: Cues
    places: Places
    pool: Pool
    rows: NDArray[np.float32]
    scores: NDArray[np.float32]
    order: NDArray[np.int64]
    mass: NDArray[np.float32]
    contradicted: str


def weigh(
    question: Question, hits: Sequence[Hit], ranker: Ranker, kinds: KindModel, network: Network
) -> Weighed | None:
    """The candidates of the best sentences of `hits`, best first; None where there are none."""
    if not hits:
        return None
    question = dated(question, hits)
    looked, places, pool, rows = examined(question, hits, kinds, network)
    if not len(rows):
        return None
    scores = ranker.scores(rows, question_bag(question), pool.gather([p.bags for p in pool.prepared]))
    if not np.isfinite(scores).all():
        raise FloatingPointError(f"the scores of {question.text!r} are not finite: a model file is damaged")
    order, mass = ranked(pool, scores)
    kept, contradicted = consistent(question, looked, places, (pool, rows), (order, mass))
    return Weighed(looked, places, pool, rows, scores, order[kept], mass[kept], contradicted)


def dated(question: Question, hits: Sequence[Hit]) -> Question:
    """The question with the year of what was found for its months and days that have none (7月28日); 今年 and the like stay as they are."""
    published = next((hit.chunk.published for hit in hits if hit.chunk.published), None)
    if published is None or all(p.first for p in question.periods):
        return question
    read = {
        p.start: p for p in periods(question.text, published) if _MONTHS.search(p.text) and not _SPOKEN.search(p.text)
    }
    return replace(question, periods=tuple(p if p.first else read.get(p.start, p) for p in question.periods))


def examined(
    question: Question, hits: Sequence[Hit], kinds: KindModel, network: Network
) -> tuple[Cues, Places, Pool, NDArray[np.float32]]:
    """What is looked for, where it stands, the candidates of the best sentences of `hits`, and their features."""
    looked = cues(question)
    whole = make_pool(best_chunks(looked, hits))
    places = locate(looked, whole)
    recall = places.recall()
    scored = guess(network, question, whole, recall)
    pool = best_sentences(with_guesses(whole, scored), recall)
    rows = features(looked, places, pool, kinds.wanted(question), kinds.prior, scored)
    return looked, places, pool, rows


def best_chunks(looked: Cues, hits: Sequence[Hit]) -> list[Hit]:
    """The hits whose chunks hold most of the words looked for, in their order; the others are not worth their milliseconds."""
    if len(hits) <= MAX_CHUNKS:
        return list(hits)
    texts = [fold(hit.chunk.text) for hit in hits]
    held = [[any(form in text for form in forms) for forms in looked.forms] for text in texts]
    share = np.array(held, dtype=np.float32) @ looked.weights[: len(looked.forms)]
    kept = np.sort(np.argsort(-share, kind="stable")[:MAX_CHUNKS])
    return [hits[i] for i in kept.tolist()]


def best_sentences(pool: Pool, recall: NDArray[np.float32]) -> Pool:
    """The candidates of the sentences that hold most of what is looked for."""
    if len(pool.sentences) <= MAX_SENTENCES:
        return pool
    kept = np.zeros(len(pool.sentences), dtype=bool)
    kept[np.argsort(-recall, kind="stable")[:MAX_SENTENCES]] = True
    return pool.only(kept)


def ranked(pool: Pool, scores: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The best candidate of each distinct string, by the softmax mass of all its occurrences, highest first."""
    share = np.exp(scores - scores.max())
    share /= share.sum()
    group = pool.strings()
    mass = np.bincount(group, weights=share).astype(np.float32)
    # the candidate with the highest score of each group comes last in this order, so it is what stays
    representative = np.zeros(len(mass), dtype=np.int64)
    ascending = np.argsort(scores, kind="stable")
    representative[group[ascending]] = ascending
    order = np.argsort(-mass, kind="stable")
    return representative[order], mass[order]
