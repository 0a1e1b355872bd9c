"""Slots that forbid an answer: a contradicted period, rank, place or unit moves a candidate behind the others."""

from datetime import date

import numpy as np
import pytest

from rag.question import parse
from rag.read.kinds import load_kinds
from rag.read.neural import load_network
from rag.read.slots import consistent, contradiction
from rag.read.weigh import examined
from rag.types import Chunk, Hit

PUBLISHED = date(2025, 7, 24)


def hit(text: str, number: int = 0, headings: tuple[str, ...] = (), source: str = "a.txt") -> Hit:
    return Hit(Chunk(f"{source}{number}", source, "", PUBLISHED, headings, text, 0, len(text)), 1.0, number + 1)


def against(question: str, answer: str, *hits: Hit) -> str:
    """What contradicts the candidate `answer`, "" where nothing does."""
    asked = parse(question)
    looked, places, pool, rows = examined(asked, hits, load_kinds(), load_network())
    best = next(i for i in range(len(pool.start)) if pool.text(i) == answer)
    return contradiction(asked, looked, places, pool, rows, best)


def test_another_year_contradicts():
    text = "2023年桂林软件出口额达39亿元。2024年桂林软件出口额达47亿元。"
    assert against("2023年桂林软件出口额", "47亿元", hit(text)) == "2023年"
    assert against("2024年桂林软件出口额", "47亿元", hit(text)) == ""


def test_eleven_months_are_not_the_whole_year():
    text = "2024年1—11月，桂林软件出口额达39亿元。"
    assert against("2024年全年桂林软件出口额", "39亿元", hit(text)) != ""
    assert against("2024年1—11月桂林软件出口额", "39亿元", hit(text)) == ""


@pytest.mark.parametrize(
    ("question", "expected"),
    [("第八届茶博会的主题是什么", ""), ("第七届茶博会的主题是什么", "第七届"), ("第九届茶博会的主题是什么", "第九届")],
)
def test_this_session_is_the_one_the_article_is_about(question, expected):
    story = (
        hit("第八届茶博会今天开幕。第八届茶博会有五百家企业参加。"),
        hit("第七届茶博会上展出的茶壶。", 1),
        hit("本届茶博会以“一叶知春”为主题。", 2),
    )
    assert against(question, "“一叶知春”", *story) == expected


def test_a_place_of_another_article_of_the_file_does_not_count():
    here, there = hit("软件出口额达39亿元。", 0, ("全国软件出口",)), hit("湖南举行茶会。", 1, ("茶会",))
    assert against("湖南软件出口额", "39亿元", here, there) == "湖南"


def test_a_day_is_no_number():
    text = "8月4日，桂林警方通报，苏某已被行政拘留。"
    assert against("桂林苏某被拘留了几天", "8月4日", hit(text)) != ""
    assert against("桂林苏某哪天被拘留", "8月4日", hit(text)) == ""


def test_a_day_asked_for_is_neither_a_year_nor_half_of_one():
    text = hit("21日上午，市统计局举行发布会，介绍到2025年末数字产业收入情况。2025年上半年增长较快。")
    assert against("数字产业发布会是哪一天开的", "2025年末", text)
    assert against("数字产业发布会是几月几号开的", "2025年上半年", text)
    assert not against("数字产业发布会是哪一天开的", "21日", text)
    assert not against("数字产业收入是哪年的", "2025年末", text)


def test_a_quarter_is_no_half_year():
    text = hit("海川电子2025年一季报营业收入为23.46亿元，同比下降6.7%。")
    assert against("海川电子2025年上半年的营业收入是多少", "23.46亿元", text) == "2025年上半年"
    assert not against("海川电子2025年一季度的营业收入是多少", "23.46亿元", text)
    assert not against("海川电子2025年的营业收入是多少", "23.46亿元", text)


def test_a_clock_is_no_day():
    text = hit("21日上午，市气象局8时23分发布暴雨红色预警信号。")
    assert against("市气象局哪年哪月哪日发布暴雨红色预警", "8时23分", text)


def test_a_percentage_is_no_amount():
    text = "桂林软件出口额增长9%，占全省的一成。"
    assert against("桂林软件出口额", "9%", hit(text)) == "数额"
    assert against("桂林软件出口额是多少亿元？", "9%", hit(text)) != ""
    assert against("桂林软件出口额增长多少", "9%", hit(text)) == ""
    assert against("桂林软件出口额掉了多少", "9%", hit(text)) == ""


def test_another_unit_contradicts():
    assert "亿元" not in against("桂林软件出口额多少亿元", "39亿元", hit("桂林软件出口额达39亿元，涉及120家企业。"))
    assert against("桂林软件出口额多少亿元", "120家", hit("桂林软件出口额达39亿元，涉及120家企业。")) != ""


def test_a_number_is_no_date_and_a_name_no_number():
    text = "何远山说，2024年8月3日桂林软件出口额达39亿元。"
    assert against("桂林软件出口额多少", "何远山", hit(text)) == "确切的数字"
    assert against("桂林软件出口额何时达到39亿元", "何远山", hit(text)) == "确切的时间"
    assert against("桂林软件出口额何时达到39亿元", "2024年8月3日", hit(text)) == ""


@pytest.mark.parametrize(
    ("question", "answer", "expected"),
    [
        ("软件出口额占比是多少", "17%", "占比"),
        ("软件出口额占比是多少", "62%", ""),
        ("软件出口额增速是多少", "62%", "变化幅度"),
        ("软件出口额增速是多少", "17%", ""),
    ],
)
def test_a_share_is_no_growth_rate(question, answer, expected):
    text = "桂林软件出口额达39亿元，同比增长17%，占全部出口额的62%。"
    assert against(question, answer, hit(text)) == expected


def test_the_first_value_of_a_change_is_of_its_first_year():
    text = "2016年至2024年，桂林软件出口额从13亿元增至38亿元。"
    assert against("2016年桂林软件出口额", "38亿元", hit(text)) == "2016年"
    assert against("2016年桂林软件出口额", "13亿元", hit(text)) == ""
    assert against("2024年桂林软件出口额", "13亿元", hit(text)) == "2024年"


def test_a_figure_of_what_is_not_meant_gives_way():
    asked = parse("2024年桂林软件出口多少亿元，不是签的合同额")
    hits = (hit("2024年，桂林软件出口合同额59亿元，执行额48亿元。"),)
    looked, places, pool, rows = examined(asked, hits, load_kinds(), load_network())
    figures = [next(i for i in range(len(pool.start)) if pool.text(i) == text) for text in ("59亿元", "48亿元")]
    kept, contradicted = consistent(
        asked, looked, places, (pool, rows), (np.array(figures), np.ones(len(figures), dtype=np.float32))
    )
    assert (kept[0], contradicted) == (1, "")


def test_a_sentence_with_all_periods_asked_of_comes_first():
    asked = parse("跟2006年比，桂林软件出口到2024年增长了多少倍")
    text = "2006年至2022年，桂林软件出口增长13倍。2006年至2024年，桂林软件出口增长了19倍。"
    looked, places, pool, rows = examined(asked, (hit(text),), load_kinds(), load_network())
    found = [next(i for i in range(len(pool.start)) if pool.text(i) == value) for value in ("13倍", "19倍")]
    kept, contradicted = consistent(asked, looked, places, (pool, rows), (np.array(found), np.ones(len(found))))
    assert (kept[0], contradicted) == (1, "")


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("新航站楼设计年吞吐量2500万人次。上半年吞吐量1836万人次。", "上半年吞吐量是多少"),
        ("全国出口额达2500亿元。本省各市快报。湖南出口额达1836亿元。", "湖南出口额是多少"),
    ],
)
def test_a_planned_figure_or_one_without_the_place_gives_way_to_a_close_one(text, question):
    asked = parse(question)
    looked, places, pool, rows = examined(asked, [hit(text)], load_kinds(), load_network())
    found = [next(i for i in range(len(pool.start)) if pool.text(i).startswith(n)) for n in ("2500", "1836")]
    for mass, first in (
        ([0.5, 0.4], "1836"),
        ([0.9, 0.1], "2500"),
    ):  # another is only asked where it is nearly as likely
        kept, _ = consistent(asked, looked, places, (pool, rows), (np.array(found), np.array(mass)))
        assert pool.text(found[int(kept[0])]).startswith(first)
