"""rag.embed: the shipped model read without torch, other models, and what is said when a model cannot be read."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.embed import SHIPPED, StaticEmbedder, load_embedder
from rag.errors import ModelError

TEXTS = [
    "2024年武汉服务外包执行额是多少",
    "臺灣的ＧＤＰ　２０２４年達到37.6億元，增長８％。",
    "Wenju answers questions, offline",
    "😀🎉",
    "的",
    "",
    "，。！？",
    "知识产权服务出口基地" * 200,
    "第一行\n第二行\t第三行",
]


@pytest.fixture(scope="module")
def embedder():
    return load_embedder("")


def test_shipped_model_gives_what_sentence_transformers_gives(embedder):
    from sentence_transformers import SentenceTransformer

    reference = SentenceTransformer(str(SHIPPED), device="cpu").encode(TEXTS, show_progress_bar=False)
    np.testing.assert_allclose(embedder.encode(TEXTS), reference, atol=1e-3)


def test_shipped_model_fits_its_limit():
    assert sum(file.stat().st_size for file in SHIPPED.rglob("*") if file.is_file()) <= 40_000_000


def test_rows_are_unit_vectors_and_texts_without_tokens_are_zero(embedder):
    norms = np.linalg.norm(embedder.encode(TEXTS), axis=1)
    blank = [text in ("", "，。！？", "😀🎉") for text in TEXTS]
    np.testing.assert_allclose(norms, [0.0 if none else 1.0 for none in blank], atol=1e-5)


def test_no_texts_give_no_rows(embedder):
    assert embedder.encode([]).shape == (0, embedder.dimension)
    assert embedder.encode([]).dtype == np.float32


@given(st.lists(st.text(alphabet="武汉服务外包37.6亿臺灣ＡＢ， \n😀", max_size=40), max_size=5))
def test_a_text_has_one_vector_alone_or_among_others(texts):
    embedder = load_embedder("")
    together = embedder.encode(texts)
    for text, row in zip(texts, together, strict=True):
        np.testing.assert_allclose(embedder.encode([text])[0], row, atol=1e-6)


def test_batches_do_not_change_the_rows(embedder):
    many = [f"第{i}个段落讲的是武汉" for i in range(1100)]
    made = embedder.encode(many)
    np.testing.assert_allclose(made[[0, 1023, 1024, 1099]], embedder.encode([many[i] for i in (0, 1023, 1024, 1099)]))


def test_width_and_script_do_not_change_the_vector(embedder):
    np.testing.assert_array_equal(*embedder.encode(["服務外包ＡＢＣ", "服务外包abc"]))


def test_a_question_is_nearest_to_the_passage_about_it(embedder):
    passages = [
        "到2024年，武汉服务外包执行额达到568.3亿元，比前一年又增长了近一半。",
        "台风将于周末登陆福建沿海，多趟列车停运。",
        "英特尔发布了新的显卡驱动程序，修复了多种问题。",
    ]
    scores = embedder.encode(["武汉的服务外包做得怎么样"]) @ embedder.encode(passages).T
    assert scores.argmax() == 0


def test_prefix_is_part_of_the_text(embedder):
    np.testing.assert_array_equal(embedder.encode(["服务外包"], prefix="武汉"), embedder.encode(["武汉服务外包"]))


def test_langchain_methods_use_their_prefixes():
    base = load_embedder("")
    assert isinstance(base, StaticEmbedder)
    prefixed = StaticEmbedder(base.name, base._tokenizer, base._vectors, base._scales)
    prefixed.query_prefix, prefixed.passage_prefix = "问题：", "段落："
    assert prefixed.embed_query("武汉") == base.encode(["问题：武汉"])[0].tolist()
    assert prefixed.embed_documents(["武汉", "上海"]) == base.encode(["段落：武汉", "段落：上海"]).tolist()


def test_a_model_is_loaded_once():
    assert load_embedder("") is load_embedder("")


def test_float_vectors_of_sentence_transformers_are_read_too(tmp_path, embedder):
    from safetensors.numpy import save_file

    shutil.copytree(SHIPPED, tmp_path / "model")
    wide = embedder._vectors.astype(np.float32) * embedder._scales[:, None]
    save_file({"embedding.weight": wide}, tmp_path / "model" / "model.safetensors")
    made = load_embedder(str(tmp_path / "model"))
    assert made.name == str(tmp_path / "model")
    np.testing.assert_allclose(made.encode(TEXTS), embedder.encode(TEXTS), atol=1e-5)


def test_other_models_go_through_sentence_transformers(tmp_path, embedder):
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense, StaticEmbedding

    static = StaticEmbedding(embedder._tokenizer, embedding_dim=8)
    SentenceTransformer(modules=[static, Dense(8, 4)], device="cpu").save_pretrained(str(tmp_path / "model"))
    made = load_embedder(str(tmp_path / "model"))
    assert not isinstance(made, StaticEmbedder)
    assert made.dimension == 4
    np.testing.assert_allclose(np.linalg.norm(made.encode(["武汉", "上海"], prefix="问"), axis=1), 1, atol=1e-5)
    assert made.encode([]).shape == (0, 4)


def test_missing_model_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"无法加载向量模型.*nowhere"):
        load_embedder(str(tmp_path / "nowhere"))


@pytest.mark.parametrize("file", ["tokenizer.json", "model.safetensors"])
def test_damaged_model_is_refused(tmp_path, file):
    shutil.copytree(SHIPPED, tmp_path / "model")
    (tmp_path / "model" / file).write_bytes(b"{")
    with pytest.raises(ModelError, match="无法读取"):
        load_embedder(str(tmp_path / "model"))


def test_tokenizer_with_more_pieces_than_vectors_is_refused(tmp_path, embedder):
    from safetensors.numpy import save_file

    shutil.copytree(SHIPPED, tmp_path / "model")
    save_file({"embedding.weight": embedder._vectors[:10].astype(np.float32)}, tmp_path / "model" / "model.safetensors")
    with pytest.raises(ModelError, match="不符"):
        load_embedder(str(tmp_path / "model"))


def test_shipped_model_needs_neither_torch_nor_sentence_transformers():
    code = (
        "import sys, json; from rag.embed import load_embedder; load_embedder('').encode(['武汉']);"
        "print(json.dumps([m for m in ('torch', 'sentence_transformers', 'transformers') if m in sys.modules]))"
    )
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert json.loads(made.stdout) == []
