"""The network's part in the reader: which passages it reads, which spans it adds, what it says of each candidate."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pytest

from rag.question import parse
from rag.read.cues import cues
from rag.read.guess import COLUMNS, READ, columns, guess, with_guesses
from rag.read.neural import IMPOSSIBLE, Scored
from rag.read.places import locate
from rag.read.pool import make_pool
from rag.types import Chunk, Hit

TEXT = "论坛由南宁市商务局与星火公司联合承办，主题是“共享 未来”。"


def hits(*texts: str) -> list[Hit]:
    chunks = [Chunk(f"c{i}", f"{i}.txt", "", date(2025, 3, 1), (), text, 0, len(text)) for i, text in enumerate(texts)]
    return [Hit(chunk, 1.0 - 0.01 * i, i + 1) for i, chunk in enumerate(chunks)]


@dataclass
class Likes:
    """A network that takes every character for a word and likes one string, wherever it stands."""

    liked: str
    read: tuple[str, ...] = ()

    def score(self, question, passages):  # noqa: ARG002 - it likes what it likes
        self.read = tuple(passages)
        return [self._scored(passage) for passage in passages]

    def _scored(self, passage):
        size = len(passage)
        scores = np.full((size, 40), -8.0, dtype=np.float32)
        for first in range(size):
            scores[first, size - first :] = IMPOSSIBLE
        at = passage.find(self.liked)
        if at >= 0:
            scores[at, len(self.liked) - 1] = 5.0
        starts = np.arange(size, dtype=np.int32)
        return Scored(starts, starts + 1, scores)


def prepared(question, network, *texts):
    pool = make_pool(hits(*texts))
    recall = locate(cues(parse(question)), pool).recall()
    scored = guess(network, parse(question), pool, recall)
    return with_guesses(pool, scored), scored


def test_what_the_network_likes_becomes_a_candidate_even_where_no_rule_makes_it():
    long = "南宁市商务局与星火公司联合承办，主题"
    without, _ = prepared("论坛主题", Likes("没有"), TEXT)
    pool, scored = prepared("论坛主题", Likes(long), TEXT)
    assert long not in [without.text(i) for i in range(len(without.start))]
    (at,) = [i for i in range(len(pool.start)) if pool.text(i) == long]
    assert columns(pool, scored, pool.strings())["neural"].argmax() == at


def test_its_odds_become_columns_of_finite_numbers_for_all_candidates():
    pool, scored = prepared("论坛由谁承办", Likes("星火公司"), TEXT, "没有关系的一句话。")
    made = columns(pool, scored, pool.strings())
    assert list(made) == list(COLUMNS)
    assert all(len(values) == len(pool.start) and np.isfinite(values).all() for values in made.values())
    best = int(made["neural"].argmax())
    assert pool.text(best) == "星火公司"
    assert made["neural_rel"][best] == made["neural_here"][best] == 0
    assert made["neural_vote"][best] == pytest.approx(0, abs=0.1)


def test_only_the_passages_with_most_of_the_question_are_read():
    texts = [f"第{n}句话没有关系。" for n in range(READ + 3)] + [TEXT]
    network = Likes("星火公司")
    pool, scored = prepared("论坛由谁承办", network, *texts)
    assert TEXT in network.read
    assert len(network.read) == READ
    unread = np.flatnonzero(~np.isin(pool.chunk, list(scored)))
    assert len(unread)
    assert (columns(pool, scored, pool.strings())["neural_read"][unread] == 0).all()
