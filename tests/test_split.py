import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.documents import Document

from rag.load import from_document, load_folder
from rag.split import split
from rag.types import Chunk, SourceText

ROOT = Path(__file__).parents[1]
SOURCES = list(load_folder(ROOT / "seeds"))
NUMBER = re.compile(r"\d+(?:\.\d+)?(?:万亿|[万亿])?(?:美元|元|[%％年月日人家个])?")


def source_of(text: str, name: str = "a.txt") -> SourceText:
    return from_document(Document(text, metadata={"source": name}))


def assert_sound(source: SourceText, chunks: list[Chunk]) -> None:
    """Offsets are exact, chunks are ordered inside one article, and every character is in exactly one of them."""
    end = 0
    for chunk in chunks:
        assert source.text[chunk.start : chunk.end] == chunk.text == chunk.text.strip() != ""
        assert chunk.start >= end
        assert not source.text[end : chunk.start].strip()
        end = chunk.end
        assert sum(article.start <= chunk.start and chunk.end <= article.end for article in source.articles) == 1
    assert not source.text[end:].strip()
    assert len({chunk.id for chunk in chunks}) == len(chunks)


@pytest.mark.parametrize("chunk_chars", [50, 120, 300, 2000])
@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.source[:3])
def test_seeds_are_cut_where_sentences_end(source: SourceText, chunk_chars: int) -> None:
    chunks = split(source, chunk_chars)
    assert_sound(source, chunks)
    assert max(len(chunk.text) for chunk in chunks) <= 1.35 * chunk_chars
    inside = {i for match in NUMBER.finditer(source.text) for i in range(match.start() + 1, match.end())}
    assert not inside & {chunk.start for chunk in chunks}
    if chunk_chars == 300:
        ends = Counter(chunk.text[-1] in "。！？…”）)" for chunk in chunks)
        assert ends[True] >= 0.7 * len(chunks)  # the others end an article with a caption or a displaced headline


def test_most_chunks_have_about_the_asked_length() -> None:
    lengths = sorted(len(chunk.text) for source in SOURCES for chunk in split(source, 300))
    assert 200 <= lengths[len(lengths) // 2] <= 330


def test_headings_are_the_headline_and_the_section() -> None:
    chunks = split(SOURCES[4], 300)
    found = next(chunk for chunk in chunks if "戴西（上海）软件整合" in chunk.text)
    assert found.headings == ("智算服务市场规模突破1300亿元", "拓展融合场景")
    first = next(chunk for chunk in split(SOURCES[2], 300) if "75%" in chunk.text)
    assert "示范城市引领发展" in (*first.headings, first.text.split("\n")[-2])


def test_a_chart_title_in_mid_sentence_is_no_section() -> None:
    assert not any("武汉市服务外包执行额" in chunk.headings for chunk in split(SOURCES[1], 300))


def test_a_heading_stays_with_what_follows() -> None:
    for source in SOURCES:
        for chunk in split(source, 300):
            last = chunk.text.split("\n")[-1]
            assert last not in ("质效双向跃升", "数智转型提速", "行业持续快速增长", "主动拥抱数字", "强化统筹协调")


def test_a_text_without_sentence_ends_is_cut_all_the_same() -> None:
    source = source_of("武汉服务外包产业执行额568.3亿元的增长，" * 500)
    chunks = split(source, 300)
    assert_sound(source, chunks)
    assert all(chunk.text.endswith("，") for chunk in chunks)
    assert max(len(chunk.text) for chunk in chunks) <= 405


def test_without_any_mark_it_is_cut_but_not_inside_a_number() -> None:
    source = source_of("武汉服务外包2024年执行额568.3亿元增长" * 500)
    chunks = split(source, 300)
    assert_sound(source, chunks)
    assert sum(chunk.text.count("568.3亿元") for chunk in chunks) == 500
    assert sum(chunk.text.count("2024年") for chunk in chunks) == 500


def test_a_quotation_that_fits_is_not_cut() -> None:
    quotation = "“数字化正重塑服务外包行业。武汉具备独特优势。市场空间很大。”王林超说。"
    source = source_of("会议在武汉召开，来自各地的代表参加。" * 3 + quotation + "大会同期设置了展览区域。" * 20)
    assert any(quotation in chunk.text for chunk in split(source, 80))


def test_equal_content_has_equal_ids_and_equal_passages_differ() -> None:
    text = "同一句话在这里出现了不止一次。" * 40
    one, other = split(source_of(text), 60), split(source_of(text), 60)
    assert [chunk.id for chunk in one] == [chunk.id for chunk in other]
    assert len({chunk.id for chunk in one}) == len(one) > 1
    renamed = split(source_of(text, "b.txt"), 60)
    assert not {chunk.id for chunk in one} & {chunk.id for chunk in renamed}
    retitled = split(replace(source_of(text), title="别的题目"), 60)
    assert [chunk.id for chunk in one] == [chunk.id for chunk in retitled]


def test_nothing_gives_no_chunks() -> None:
    assert split(source_of(""), 300) == []
    assert [chunk.text for chunk in split(source_of("好"), 300)] == ["好"]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "服务外包",
                "增长38.3%",
                "2024年1月2日",
                "，",
                "。",
                "“",
                "”",
                "（",
                "）",
                "\n",
                " ",
                "AI ",
                "！",
                "……",
                "標題文字\n\n",
            ]
        ),
        max_size=200,
    ).map("".join),
    st.integers(50, 120),
)
def test_any_text_is_cut_soundly(raw: str, chunk_chars: int) -> None:
    source = source_of(raw)
    chunks = split(source, chunk_chars)
    assert_sound(source, chunks)
    assert all(len(chunk.text) <= 1.5 * chunk_chars for chunk in chunks)
