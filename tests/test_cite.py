"""Numbered sources with exact places in the original file."""

from langchain_core.documents import Document

from rag.cite import cite
from rag.load import from_document
from rag.split import split
from rag.types import Answer, Evidence

RAW = "开幕式７月23日举行，来宾  2千名。\n"


def source_and_evidence(quote: str):
    source = from_document(Document(page_content=RAW, metadata={"source": "a.txt", "published": "2025-07-24"}))
    (chunk,) = split(source, 300)
    start = source.text.index(quote)
    return source, Evidence(chunk, start, start + len(quote), quote)


def test_a_citation_points_at_the_characters_of_the_original():
    source, evidence = source_and_evidence("来宾2千名")
    _, (citation,) = cite(Answer(True, "2千名", (("来宾2千名", (evidence,)),)), {"a.txt": source})
    assert RAW[citation.start : citation.end] == "来宾  2千名"
    assert citation.quote == "来宾2千名"
    assert citation.published is not None


def test_markers_name_citations_by_number_and_equal_quotes_share_one():
    source, evidence = source_and_evidence("来宾2千名")
    _, other = source_and_evidence("开幕式7月23日举行")
    answer = Answer(True, "x", (("甲", (evidence,)), ("乙", (other, evidence))))
    text, citations = cite(answer, {"a.txt": source})
    assert text == "甲[1]\n乙[2][1]"
    assert [c.number for c in citations] == [1, 2]
    assert [c.quote for c in citations] == ["来宾2千名", "开幕式7月23日举行"]
