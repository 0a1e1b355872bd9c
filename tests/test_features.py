"""What a candidate's label says beyond the question, and what stands in the place of what is asked for."""

import numpy as np
import pytest

from rag.question import parse
from rag.read.features import FEATURES
from rag.read.kinds import load_kinds
from rag.read.neural import load_network
from rag.read.weigh import examined
from rag.types import Chunk, Hit


def feature(name: str, question: str, text: str, answer: str) -> float:
    """A feature of the candidate `answer` of a passage."""
    hit = Hit(Chunk("a", "a.txt", "", None, (), text, 0, len(text)), 1.0, 1)
    _, _, pool, rows = examined(parse(question), (hit,), load_kinds(), load_network())
    best = next(i for i in range(len(pool.start)) if pool.text(i) == answer)
    return float(rows[best, FEATURES.index(name)])


PARTS = "桂林出口软件47亿元，其中游戏软件出口13亿元，增长5%；柳州出口软件31亿元，下降2%。"


def test_the_label_of_a_part_says_more_than_the_question():
    part, whole = (feature("label_rest", "桂林出口软件多少亿元", PARTS, value) for value in ("13亿元", "47亿元"))
    assert part > 0 == whole


def test_the_label_of_what_is_asked_for_holds_more_of_the_question():
    part, whole = (feature("label_held", "桂林游戏软件出口多少亿元", PARTS, value) for value in ("13亿元", "47亿元"))
    assert part > whole > 0


def test_a_part_reaches_back_to_the_semicolon():
    here, there = (feature("part_rest", "桂林出口软件增长多少", PARTS, value) for value in ("5%", "2%"))
    assert there > 0
    assert here > 0  # 游戏


@pytest.mark.parametrize(
    ("question", "text", "answer"),
    [
        ("茶香科技B轮融资金额", "茶香科技宣布完成3亿元C轮融资。", "3亿元"),
        ("长沙每千人口托位数", "截至2022年底，我国每千人口托位数约为3个。", "3个"),
        ("长沙的游客多少人次", "南宁接待游客62万人次。", "62万人次"),
        ("成人肾脏获取费是多少", "成人肝脏获取费为9万元。", "9万元"),
    ],
)
def test_the_like_of_what_is_asked_for_is_a_rival(question, text, answer):
    assert feature("rival", question, text, answer) > 0


@pytest.mark.parametrize(
    ("question", "text", "answer"),
    [
        ("长沙的游客多少人次", "长沙接待游客62万人次，多于南宁。", "62万人次"),
        ("长沙的游客多少人次", "景区接待游客62万人次。", "62万人次"),
    ],
)
def test_without_its_like_nothing_is_a_rival(question, text, answer):
    assert feature("rival", question, text, answer) == 0


def test_features_are_finite_for_any_number_of_passages():
    chunks = [
        Chunk(str(i), "a.txt", "", None, (), text, 0, len(text)) for i, text in enumerate((PARTS, "。", "B轮", PARTS))
    ]
    hits = [Hit(chunk, 1.0, rank) for rank, chunk in enumerate(chunks, 1)]
    *_, pool, rows = examined(parse("长沙B轮融资"), hits, load_kinds(), load_network())
    assert rows.shape == (len(pool.start), len(FEATURES))
    assert np.isfinite(rows).all()
