"""Passages for a request: the most useful first, within the tokens there are, their text as it stands in the file."""

import itertools
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from llm_passages import OTHER, TEXT, chunk, hits, read, source

from rag.llm.pack import pack, widened
from rag.llm.tokens import estimate

LONG = "".join(f"第{n}句话讲的是第{n}件事情。" for n in range(1, 200))


def part(first, last, text=LONG, name="long.txt"):
    whole = chunk(text, name)
    start, end = text.index(f"第{first}句话"), text.index(f"第{last}件事情。") + len(f"第{last}件事情。")
    return replace(whole, id=f"{name}-{first}", text=text[start:end], start=start, end=end)


def packed(answer, found, tokens=4000):
    sources = {
        "long.txt": source(chunk(LONG, "long.txt")),
        "a.txt": source(chunk()),
        "b.txt": source(chunk(OTHER, "b.txt")),
    }
    return pack(answer, found, sources, estimate, tokens)


def test_what_the_readers_answer_rests_on_comes_first():
    one, other = chunk(), chunk(OTHER, "b.txt")
    assert [p.chunk.source for p in packed(read(one=one), hits(other, one))] == ["a.txt", "b.txt"]


def test_the_best_passage_comes_with_what_stands_around_it():
    middle = part(100, 103)
    [first] = packed(replace(read(), statements=()), hits(middle))
    assert first.chunk.start < middle.start
    assert first.chunk.end > middle.end
    assert LONG[first.chunk.start : first.chunk.end] == first.chunk.text


def test_passages_that_overlap_are_one():
    made = packed(replace(read(), statements=()), hits(part(10, 20), part(15, 30), part(120, 125)))
    spans = sorted((p.chunk.start, p.chunk.end) for p in made)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))
    assert all(LONG[p.chunk.start : p.chunk.end] == p.chunk.text for p in made)


@given(st.integers(50, 3000))
def test_the_passages_fit(tokens):
    found = hits(*(part(n, n + 8) for n in range(1, 180, 12)))
    made = packed(replace(read(), statements=()), found, tokens)
    assert sum(estimate(p.shown()) for p in made) <= tokens
    assert [p.number for p in made] == list(range(1, len(made) + 1))


def test_a_smaller_passage_may_fit_where_a_larger_one_did_not():
    answer = replace(read(), statements=())
    large, small = part(1, 60), chunk(OTHER, "b.txt")
    assert [p.chunk.source for p in packed(answer, hits(large, small), 150)] == ["b.txt"]


def test_a_title_is_told_once_for_each_file():
    made = packed(replace(read(), statements=()), hits(part(10, 12), part(150, 152)))
    assert made[0].shown().startswith("[1] 武汉服务外包提质（2025-07-24）")
    assert made[1].shown().startswith("[2] 与[1]同一文件（2025-07-24）")


def test_widening_stays_within_the_article():
    one = chunk(TEXT)
    assert widened(one, source(one)) == one


def test_the_estimate_counts_rather_too_many_tokens():
    assert estimate("服务外包") == 4
    assert estimate("2024") == 4
    assert estimate("international") == 5
