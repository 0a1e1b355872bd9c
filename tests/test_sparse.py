"""BM25: against bm25s, by hand, and on the edges where bm25s errs."""

import math
import random

import bm25s
import numpy as np
import pytest

from rag.sparse import COVER, SparseIndex, best


def passages(count, seed=0, vocabulary=40):
    chance = random.Random(seed)  # noqa: S311
    return [
        [f"词{min(int(chance.expovariate(0.1)), vocabulary)}" for _ in range(chance.randint(1, 30))]
        for _ in range(count)
    ]


@pytest.mark.parametrize("seed", range(5))
def test_scores_equal_those_of_bm25s(seed):
    texts = passages(60, seed)
    other = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
    other.index(texts, show_progress=False)
    index = SparseIndex.from_terms(texts)
    for question in passages(20, seed + 100):
        known = [term for term in question if any(term in text for text in texts)]
        np.testing.assert_allclose(index.totals(question) / (1 + COVER), other.get_scores(known), atol=1e-5)


def test_score_of_one_term_is_the_formula():
    index = SparseIndex.from_terms([["港", "港", "口"], ["船"]])
    inverse = math.log(1 + (2 - 1 + 0.5) / (1 + 0.5))
    own = inverse * 2 / (2 + 1.5 * (1 - 0.75 + 0.75 * 3 / 2))
    assert index.totals(["港"])[0] == pytest.approx(own * (1 + COVER), abs=1e-6)


def test_rows_without_a_term_are_never_returned_and_k_may_exceed_the_corpus():
    index = SparseIndex.from_terms([["港"], ["船"], ["港", "船"]])
    rows, scores = index.search(["港"], 10)
    assert rows.tolist() == [0, 2]
    assert scores[0] > scores[1] > 0


def test_unknown_terms_no_terms_and_no_hits_asked_for_find_nothing():
    index = SparseIndex.from_terms([["港"], ["船"]])
    for terms, k in ((["车"], 3), ([], 3), (["港"], 0)):
        assert [part.tolist() for part in index.search(terms, k)] == [[], []]


def test_equal_scores_come_by_row_also_where_k_cuts_between_them():
    index = SparseIndex.from_terms([["船"], ["港"], ["港"], ["港"], ["港", "港"]])
    assert index.search(["港"], 3)[0].tolist() == [4, 1, 2]


@pytest.mark.parametrize("texts", [[], [[]], [[], []], [[], ["港"]]])
def test_empty_passages_are_rows_like_others(texts, tmp_path):
    index = SparseIndex.from_terms(iter(texts))
    index.save(tmp_path)
    for one in (index, SparseIndex.load(tmp_path)):
        assert len(one) == len(texts)
        assert one.search(["港"], 5)[0].tolist() == [row for row, text in enumerate(texts) if text]


def test_saved_index_finds_the_same_and_holds_no_pickle(tmp_path):
    index = SparseIndex.from_terms(passages(200))
    index.save(tmp_path)
    loaded = SparseIndex.load(tmp_path)
    for question in passages(20, 7):
        for before, after in zip(index.search(question, 7), loaded.search(question, 7), strict=True):
            np.testing.assert_array_equal(before, after)
    for path in tmp_path.glob("*.npy"):
        np.load(path, allow_pickle=False)


def test_a_passage_gains_what_its_document_covers():
    texts = passages(30, 3)
    documents = [row // 3 for row in range(30)]
    whole = SparseIndex.from_terms(texts, documents)
    alone = SparseIndex.from_terms(texts)
    for question in passages(10, 9):
        one_term = {term: alone.totals([term]) / (1 + COVER) for term in question}
        for row, score in enumerate(whole.totals(question)):
            own = sum(one_term[term][row] for term in question)
            cover = sum(max(one_term[term][row // 3 * 3 : row // 3 * 3 + 3]) for term in question)
            assert score == pytest.approx(own + COVER * cover if own else 0, abs=1e-4)


def test_best_takes_the_highest_above_zero():
    totals = np.array([0.0, 3.0, 1.0, 3.0, 0.5], dtype=np.float32)
    assert best(totals, 2).tolist() == [1, 3]
    assert best(totals, 10).tolist() == [1, 3, 2, 4]
