"""The dense index against numpy, and its file."""

import numpy as np
import pytest

from rag.dense import DenseIndex


def unit_rows(count, dimension=16, seed=0):
    rows = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.mark.parametrize("count", [1, 7, 500])
def test_search_equals_sorting_all_products(count):
    vectors = unit_rows(count)
    index = DenseIndex.from_vectors(vectors)
    for question in unit_rows(5, seed=1):
        rows, scores = index.search(question, 6)
        products = vectors @ question
        assert rows.tolist() == np.argsort(-products, kind="stable")[:6].tolist()
        np.testing.assert_allclose(scores, np.sort(products)[::-1][:6], atol=1e-6)
        assert (rows.dtype, scores.dtype) == (np.int64, np.float32)


def test_equal_scores_come_by_row():
    index = DenseIndex.from_vectors(np.repeat(unit_rows(1), 5, axis=0))
    assert index.search(unit_rows(1)[0], 5)[0].tolist() == [0, 1, 2, 3, 4]


def test_an_empty_index_and_k_of_zero_find_nothing():
    assert DenseIndex.from_vectors(np.zeros((0, 4), np.float32)).search(np.ones(4, np.float32), 3)[0].size == 0
    assert DenseIndex.from_vectors(unit_rows(3)).search(unit_rows(1)[0], 0)[0].size == 0


@pytest.mark.parametrize("count", [0, 5])
def test_saved_index_holds_the_same_vectors_under_a_chinese_path(tmp_path, count):
    path = tmp_path / "向量.faiss"
    DenseIndex.from_vectors(unit_rows(count)).save(path)
    loaded = DenseIndex.load(path)
    np.testing.assert_array_equal(loaded.vectors(), unit_rows(count))
    assert (len(loaded), loaded.dimension) == (count, 16)


def test_a_truncated_file_and_one_of_something_else_are_refused(tmp_path):
    path = tmp_path / "vectors.faiss"
    DenseIndex.from_vectors(unit_rows(50)).save(path)
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(ValueError, match="vectors"):
        DenseIndex.load(path)
    path.write_bytes("这不是索引。".encode() * 20)
    with pytest.raises(ValueError, match="vectors"):
        DenseIndex.load(path)
