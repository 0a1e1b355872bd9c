"""The neural reader: numpy computes what the torch net defines, on any texts."""

from itertools import pairwise

import numpy as np
import pytest

from rag.errors import ModelError
from rag.read.encode import CHARS, MATCHED, STATIC, Vocabulary, match, split
from rag.read.neural import IMPOSSIBLE, NeuralReader, Scored

WORDS = [
    "<one>",
    "<han>",
    "<latin>",
    "<year>",
    "<1>",
    "<2>",
    "<3.>",
    "武汉",
    "完成",
    "离岸",
    "执行",
    "额",
    "亿元",
    "，",
    "。",
    "谁",
]
PASSAGES = [
    "2024年，武汉完成离岸服务外包执行额568.3亿元，同比增长12.5%。",
    "",
    "会议由张三主持。李四说：“《条例》自2023年8月1日起施行。”ＡＢＣ公司 参加。",
    "  \n",
    "谁？",
]


@pytest.fixture(scope="module")
def torch_net():
    torch = pytest.importorskip("torch")
    from training.reader.net import Reader

    torch.manual_seed(0)
    vectors = torch.cat([torch.zeros(1, 128), torch.randn(len(WORDS), 128)])
    vectors[1:] = torch.round(vectors[1:] * 20) / 20
    net = Reader(vectors, len(set("".join(WORDS))), dropout=0.0).eval()
    with torch.no_grad():
        net.tuned.normal_(std=0.1)
        net.length.normal_()
    return net


@pytest.fixture(scope="module")
def reader(torch_net):
    weights = {name: value.numpy() for name, value in torch_net.state_dict().items() if name != "vectors"}
    weights["vocabulary"] = np.frombuffer("\n".join(WORDS).encode(), dtype=np.uint8)
    weights["characters"] = np.frombuffer("".join(sorted(set("".join(WORDS)))).encode(), dtype=np.uint8)
    weights["idf"] = np.linspace(0, 8, len(WORDS)).astype(np.float16)
    weights["vectors"] = np.round(torch_net.vectors[1:].numpy() * 20).astype(np.int8)
    weights["scale"] = np.full(len(WORDS), 1 / 20, dtype=np.float32)
    return NeuralReader(weights)


def test_numpy_computes_the_scores_of_the_torch_net(torch_net, reader):
    torch = pytest.importorskip("torch")
    from training.reader.data import Data, collate

    texts = [text for text in PASSAGES if text.strip()]
    data = Data(reader.vocabulary)
    told = [data.add_document(str(n), text)[0][0] for n, text in enumerate(texts)]
    question = "武汉2024年离岸执行额是多少？"
    batch = collate(data, [(question, told, [])])
    for row, window in enumerate(told):  # training keeps them in half precision
        exact = torch.from_numpy(match(data.question(question)[0], data.windows[window]))
        batch["matched"][row, : len(exact)] = exact
    with torch.no_grad():
        expected = torch_net(batch).numpy()
    for row, spans in enumerate(reader.score(question, texts)):
        for first in range(len(spans.starts)):
            for extra in range(min(spans.scores.shape[1], len(spans.starts) - first)):
                assert spans.scores[first, extra] == pytest.approx(expected[row, first, first + extra], abs=2e-3)


def test_spans_are_ranges_of_their_passage_and_begin_and_end_with_words(reader):
    for passage, spans in zip(PASSAGES, reader.score("谁主持了会议？", PASSAGES), strict=True):
        found = spans.best(50)
        assert all(passage[start:end].strip() == passage[start:end] != "" for start, end, _ in found)
        assert [score for _, _, score in found] == sorted((score for _, _, score in found), reverse=True)
        starts, ends = np.array([start for start, _, _ in found]), np.array([end for _, end, _ in found])
        assert spans.many(starts, ends).tolist() == [score for _, _, score in found]
        assert bool(found) == bool(passage.strip())


def test_passages_do_not_change_each_others_scores(reader):
    together = reader.score("武汉完成多少？", PASSAGES)
    for passage, spans in zip(PASSAGES, together, strict=True):
        alone = reader.score("武汉完成多少？", [passage])[0]
        np.testing.assert_allclose(alone.scores, spans.scores, atol=1e-3)


def test_equal_calls_give_equal_scores(reader):
    first, second = reader.score("谁？", PASSAGES), reader.score("谁？", PASSAGES)
    assert all(np.array_equal(a.scores, b.scores) for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize("question", ["", "  ", "\n"])
def test_a_blank_question_has_no_answer_anywhere(reader, question):
    assert all(spans.null == float("inf") and not spans.best() for spans in reader.score(question, PASSAGES))


def test_no_passages_no_spans(reader):
    assert reader.score("谁？", []) == []


def test_null_is_the_sum_over_the_spans():
    scores = np.array([[0.0, 1.0], [2.0, IMPOSSIBLE]], dtype=np.float32)
    spans = Scored(np.array([0, 2]), np.array([2, 3]), scores)
    assert spans.null == pytest.approx(-np.log(1 + np.e + np.e**2), rel=1e-5)
    assert spans.best(2) == [(2, 3, 2.0), (0, 3, 1.0)]
    assert spans.many(np.array([2, 0, 7]), np.array([3, 9, 9])).tolist() == [2.0, 1.0, IMPOSSIBLE]


def test_a_long_passage_without_stops_is_scored(reader):
    passage = "武汉完成" * 2500
    spans = reader.score("谁？", [passage])[0]
    assert len(spans.starts) == 5000
    assert np.isfinite(spans.scores).all()


def test_words_hold_whole_numbers_and_all_of_the_text():
    text = "完成1,568.3亿元，Ｗi-Fi６ 增长12.5%。"
    words = split(text)
    assert {"1,568.3", "12.5"} <= {word for word, _, _ in words}
    assert all(before[2] <= after[1] for before, after in pairwise(words))
    assert sum(end - start for _, start, end in words) == len(text.replace(" ", ""))


def test_features_stay_in_range_and_see_equal_words():
    vocabulary = Vocabulary(WORDS, [1.0] * len(WORDS), ["武", "汉"])
    asked, told = vocabulary.encode("2024年武汉"), vocabulary.encode("2023年武汉完成。2024年武汉完成。")
    made = match(asked, told)
    assert made.shape == (len(told.words), MATCHED)
    assert told.chars.shape == (len(told.words), CHARS)
    assert told.features.shape == (len(told.words), STATIC)
    assert np.abs(made).max() <= 2
    at = [row for row, word in enumerate(told.words) if word == "武汉"]
    assert made[at, 0].tolist() == [1, 1]
    assert made[at, 9].tolist() == [0, 1]
    assert made[at, 10].tolist() == [1, 0]


def test_a_file_that_is_no_model_is_named(tmp_path):
    path = tmp_path / "model.npz"
    path.write_bytes(b"no model")
    with pytest.raises(ModelError, match=r"model\.npz"):
        NeuralReader.load(path)
    with pytest.raises(ModelError, match="absent"):
        NeuralReader.load(tmp_path / "absent.npz")
