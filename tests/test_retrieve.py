"""Fused hits and the LangChain retriever, over a stand-in embedder whose vectors the test chooses."""

import numpy as np
import pytest
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from rag import store
from rag.config import Settings
from rag.embed import Embedder
from rag.load import from_document
from rag.retrieve import retrieve
from rag.retriever import Retriever
from rag.store import index_sources
from rag.tokens import terms

TEXTS = {
    "港口": "宁波港完成集装箱吞吐量3530万标箱。",
    "铁路": "兰新铁路全线通车。",
    "机场": "大兴机场旅客众多。",
    "车站": "火车从这里开往各地。",
}
MEANINGS = ("港", "铁路", "火车", "机场", "旅客")


class Meanings(Embedder):
    """Unit vectors over a few meanings; railways and trains are one, so that they are near without a common word."""

    name, dimension = "meanings", 4

    def encode(self, texts, prefix=""):
        made = np.zeros((len(texts), 4), dtype=np.float32)
        for row, text in enumerate(texts):
            for at, meaning in enumerate(MEANINGS):
                made[row, min(at, 1) if at < 3 else at - 1] += (prefix + text).count(meaning)
        return made / np.maximum(np.linalg.norm(made, axis=1, keepdims=True), 1e-9)


@pytest.fixture(autouse=True)
def embedder(monkeypatch):
    monkeypatch.setattr(store, "load_embedder", lambda _: Meanings())


def index_of(texts=None, **settings):
    documents = [Document(text, metadata={"source": name}) for name, text in (texts or TEXTS).items()]
    return index_sources([from_document(document) for document in documents], Settings().changed(settings))


def sources(hits):
    return [hit.chunk.source for hit in hits]


def test_the_chunk_that_says_it_comes_first():
    hits = retrieve(index_of(), "宁波港的集装箱吞吐量是多少", 3)
    assert hits[0].chunk.source == "港口"
    assert [hit.rank for hit in hits] == [*range(1, len(hits) + 1)]
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_a_hit_says_which_half_found_it():
    found = {hit.chunk.source: hit.stage for hit in retrieve(index_of(), "兰新铁路的旅客", 4)}
    assert found["铁路"] == "fused"
    index = index_of()
    assert retrieve(index, "通车", 1)[0].stage == "sparse"


@pytest.mark.parametrize("question", ["", "  \n\u3000"])
def test_a_blank_question_finds_nothing(question):
    assert retrieve(index_of(), question, 5) == []


def test_a_question_with_no_known_term_is_answered_by_meaning():
    index = index_of({name: TEXTS[name] for name in ("港口", "车站")})
    question = "铁路"
    assert not index.sparse.totals(terms(question, "bigrams")).any()
    assert sources(retrieve(index, question, 1)) == ["车站"]


def test_a_question_with_no_known_meaning_is_answered_by_its_terms():
    hits = retrieve(index_of(), "全线通车", 5)
    assert sources(hits) == ["铁路"]


def test_marks_and_emoji_find_nothing():
    assert retrieve(index_of(), "？！😀", 5) == []


def test_no_hits_of_an_empty_index_and_none_asked_for():
    assert retrieve(index_sources([], Settings()), "宁波港", 5) == []
    assert retrieve(index_of(), "宁波港", 0) == []


def test_weight_turns_from_terms_to_meaning():
    texts = {"词": "火车站的故事很多，机场的也很多。", "义": "铁路铁路。"}
    found = [sources(retrieve(index_of(texts, dense_weight=weight), "火车的故事", 2)) for weight in (0, 1)]
    assert found == [["词", "义"], ["义", "词"]]


def test_equal_scores_come_by_chunk_id_in_whatever_order_they_were_indexed():
    texts = {f"第{number}份": "宁波港很忙。" for number in range(12)}
    found = [retrieve(index_of(dict(order)), "宁波港", 5) for order in (texts.items(), reversed(texts.items()))]
    assert [hit.chunk.id for hit in found[0]] == [hit.chunk.id for hit in found[1]]
    assert [hit.chunk.id for hit in found[0]] == sorted(hit.chunk.id for hit in found[0])


def test_a_traditional_question_finds_what_the_simplified_one_finds():
    assert sources(retrieve(index_of(), "寧波港集裝箱吞吐量", 1)) == ["港口"]


def test_question_prefix_reaches_the_embedder():
    index = index_of(query_prefix="机场")
    assert sources(retrieve(index, "甲", 1)) == ["机场"]


def test_retriever_gives_documents_with_scores_and_places():
    index = index_of()
    retriever = Retriever(index=index, k=2)
    documents = retriever.invoke("宁波港集装箱吞吐量")
    assert isinstance(retriever, BaseRetriever)
    first, hit = documents[0], retrieve(index, "宁波港集装箱吞吐量", 2)[0]
    assert first.page_content == hit.chunk.text
    assert first.metadata == {
        "source": "港口", "title": hit.chunk.title, "published": None, "score": hit.score, "rank": 1,
        "stage": "fused", "start": 0, "end": len(hit.chunk.text),
    }  # fmt: skip
    assert retriever.invoke("  ") == []


def test_retriever_answers_many_questions_at_once():
    found = Retriever(index=index_of(), k=1).batch(["宁波港", "兰新铁路"])
    assert [documents[0].metadata["source"] for documents in found] == ["港口", "铁路"]
