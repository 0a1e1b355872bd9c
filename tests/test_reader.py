"""The reader's parts: words, spans, places, agreement; and what it answers over small passages."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.question import parse
from rag.read.align import aligned
from rag.read.bags import QUESTION_NAMES, question_bag
from rag.read.cues import cues
from rag.read.features import FEATURES
from rag.read.kinds import KINDS, load_kinds, span_kinds
from rag.read.neural import load_network
from rag.read.places import locate
from rag.read.pool import make_pool, prepare
from rag.read.ranker import load_ranker, slot_prior
from rag.read.reader import SpanReader
from rag.read.spans import plain, spans
from rag.read.weigh import examined, ranked
from rag.read.words import words
from rag.types import Chunk, Hit

TEXT = (
    "2024年，南宁市软件出口额达127.5亿元，同比增长17%。其中，线上、线下出口额分别增长15.9%、25.4%。"
    "“我们明年还会来。”星火科技公司总经理何远山说。论坛主题为“共享 未来”，来宾近1500人。"
)


def hits(*texts: str, published: date | None = date(2025, 3, 1)) -> list[Hit]:
    chunks = [Chunk(f"c{i}", f"{i}.txt", "", published, (), text, 0, len(text)) for i, text in enumerate(texts)]
    return [Hit(chunk, 1.0 - 0.1 * i, i + 1) for i, chunk in enumerate(chunks)]


def read(question, *texts):
    """The candidates of some passages, and their features."""
    _, _, pool, rows = examined(question, hits(*texts), load_kinds(), load_network())
    return pool, rows


def span_texts(text: str) -> list[str]:
    cut = words(text)
    made = spans(cut)
    return [text[cut.starts[a] : cut.ends[b]] for a, b in zip(made.first, made.last, strict=True)]


def test_numbers_with_units_and_dates_are_single_words():
    cut = words(TEXT)
    whole = {TEXT[s:e] for s, e in zip(cut.starts, cut.ends, strict=True)}
    assert {"2024年", "127.5亿元", "17%", "15.9%", "25.4%", "1500人"} <= whole


@pytest.mark.parametrize("span", ["127.5亿元", "17%", "何远山", "星火科技公司", "2024年", "线上、线下", "共享 未来"])
def test_what_may_be_an_answer_is_a_candidate(span):
    assert span in span_texts(TEXT)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="武汉服务，。、；“”《》（）2024年亿元%的了A b\n", max_size=80))
def test_any_text_has_valid_words_and_spans(text):
    cut = words(text)
    assert all(cut.starts[1:] >= cut.ends[:-1])
    assert all(text[s:e].strip() == text[s:e] != "" for s, e in zip(cut.starts, cut.ends, strict=True))
    made = spans(cut)
    assert all(made.first <= made.last)
    assert len(made.keys) == len(set(zip(made.first.tolist(), made.last.tolist(), strict=True)))


def test_respective_values_go_to_their_subjects():
    pairs = {TEXT[p.start : p.end]: TEXT[slice(*p.own)] for p in aligned(words(TEXT))}
    assert pairs["15.9%"].endswith("线上")
    assert pairs["25.4%"].startswith("线下")


def test_what_the_last_item_says_for_all_items_is_nobodys_own():
    text = "线上、线下软件出口额分别增长15.9%、25.4%。承接示范城市合同额118亿元，执行额80亿元，分别占89.7%和89.6%。"
    pairs = {text[p.start : p.end]: text[slice(*p.own)] for p in aligned(words(text))}
    assert pairs["25.4%"] == "线下"
    assert "合同额" in pairs["89.7%"]
    assert "执行额" in pairs["89.6%"]


def test_a_figure_is_read_with_the_subject_of_its_segment():
    text = "东部地区出口额47亿元，下降2.7%；中部地区出口额39亿元，增长5.1%。"
    pool, rows = read(parse("中部地区出口额增速"), text)
    held = {pool.text(i): rows[i, FEATURES.index("segment_recall")] for i in range(len(rows))}
    assert held["5.1%"] > held["2.7%"]


def test_a_period_of_the_question_is_found_in_other_writing():
    looked = cues(parse("去年南宁软件出口额", today=date(2025, 6, 1)))
    places = locate(looked, make_pool(hits(TEXT)))
    assert places.here[0, len(looked.terms)]
    assert not places.here[3, len(looked.terms)]


def test_features_are_finite_and_bags_in_range_for_every_candidate():
    question = parse("2024年南宁软件出口额是多少")
    pool, rows = read(question, TEXT, "没有关系的一句话。")
    assert rows.shape == (len(pool.start), len(FEATURES))
    assert np.isfinite(rows).all()
    assert pool.gather([p.bags for p in pool.prepared]).shape == (len(pool.start), 10)
    assert len(question_bag(question)) == QUESTION_NAMES


def test_equal_strings_of_two_passages_add_up():
    pool = make_pool(hits("共计五百家。", "现有五百家。"))
    order, mass = ranked(pool, np.zeros(len(pool.start), dtype=np.float32))
    assert plain(pool.text(int(order[0]))) == plain(pool.text(int(order[0])))
    assert mass[0] > mass[-1]
    assert mass.sum() == pytest.approx(1.0)


def test_the_ranker_scores_as_its_formula_says():
    ranker = load_ranker()
    question = parse("2024年南宁软件出口额是多少")
    pool, rows = read(question, TEXT)
    bag, bags = question_bag(question), pool.gather([p.bags for p in pool.prepared])
    x = np.clip((rows - ranker.mean) * ranker.scale, -5, 5)
    e_q = np.repeat(ranker.table_question[bag].sum(0)[None], len(rows), axis=0)
    e_c = ranker.table_span[bags].sum(1)
    layer = np.maximum(np.concatenate([x, e_q, e_c, e_q * e_c], 1) @ ranker.hidden + ranker.hidden_bias, 0)
    plainly = np.maximum(layer @ ranker.middle + ranker.middle_bias, 0) @ ranker.out
    assert np.allclose(ranker.scores(rows, bag, bags), plainly[:, 0] + slot_prior(rows), atol=1e-3)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("127.5亿元", "money"),
        ("约17%", "percent"),
        ("1500人", "count"),
        ("2024年9月", "period"),
        ("何远山", "person"),
        ("比尔·库克", "person"),
        ("星火科技公司", "organisation"),
        ("柘城县", "place"),
        ("线上、线下", "list"),
        ("《共享》", "quoted"),
        ("iPhone 14", "latin"),
        ("可以立刻退出再次开始排队卷土重来", "long"),
    ],
)
def test_a_span_is_of_the_kind_its_words_say(text, kind):
    cut = words(text)
    last = np.array([len(cut.starts) - 1], dtype=np.int32)
    assert KINDS[int(span_kinds(cut, np.zeros(1, dtype=np.int32), last)[0])] == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("2023年桂林出口额增速", "percent"),
        ("这本书是谁写的", "person"),
        ("研制企业是哪家公司", "organisation"),
        ("哪一年建成", "period"),
    ],
)
def test_the_wanted_kind_is_learned_from_the_question(text, kind):
    assert KINDS[int(load_kinds().wanted(parse(text)).argmax())] == kind


def test_wanted_kinds_are_probabilities():
    assert np.exp(load_kinds().wanted(parse("出口额是多少"))).sum() == pytest.approx(1.0, abs=1e-4)


def test_a_contradicting_slot_counts_against_a_candidate():
    rows = np.zeros((3, len(FEATURES)), dtype=np.float32)
    rows[1, FEATURES.index("period_left")] = -1.0
    rows[2, FEATURES.index("period_left")] = 1.0
    prior = slot_prior(rows)
    assert prior[1] < prior[0] < prior[2]


def test_a_chunk_is_prepared_once():
    (hit,) = hits(TEXT)
    assert prepare(hit.chunk) is prepare(hit.chunk)


def test_hits_without_words_are_refused():
    answer = SpanReader.load().read(parse("出口额是多少"), hits("……"))
    assert not answer.answered
    assert answer.reason


def test_no_hits_are_refused():
    assert not SpanReader.load().read(parse("出口额是多少"), []).answered


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("星火大桥哪一天通车的", "2025年2月28日"),
        ("海川集团哪一年提出轻资产策略", "2022年"),
        ("临江书院什么时候对外开放", "2024年"),
    ],
)
def test_a_date_counted_from_the_day_of_publication_is_an_answer(question, answer):
    texts = (
        "昨日，全长3公里的星火大桥正式通车，市民纷纷前来参观。",
        "董事长说，三年前，海川集团就提出轻资产策略，负债率逐年下降。",
        "去年，修缮一新的临江书院对外开放，接待游客十万余人。",
    )
    made = SpanReader.load().read(parse(question), hits(*texts))
    assert made.short == answer


def test_exports_are_not_found_in_imports_and_exports():
    looked = cues(parse("2024年南宁市出口额是多少"))
    pool = make_pool(hits("2024年，南宁市进出口3460亿元。", "2024年，南宁市出口2020亿元。"))
    held = locate(looked, pool).here[:, looked.terms.index("出口额")]
    assert held.tolist() == [False, True]


def test_a_day_without_a_year_is_one_of_the_year_that_is_written_about():
    text = "受台风影响，铁路部分列车停运：7月26日，停运20列。7月27日，停运156列。7月28日，停运160列。"
    published = date(2025, 7, 25)
    made = SpanReader.load().read(parse("台风影响下铁路7月28日停运多少列"), hits(text, published=published))
    assert made.short == "160列"
    assert (
        not SpanReader.load().read(parse("台风影响下铁路7月31日停运多少列"), hits(text, published=published)).answered
    )


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("青山公司昨日宣布，公司上市计划推迟，具体时间待定。", "青山公司何时上市"),
        ("青山大桥昨日发生车祸，通车受到影响。", "青山大桥什么时候通车"),
    ],
)
def test_the_day_of_something_else_is_no_answer(text, question):
    assert not SpanReader.load().read(parse(question), hits(text)).answered
