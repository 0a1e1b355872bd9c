"""Figures worked out of what documents say: which questions ask for that, of which figures, and when it is refused."""

from datetime import date

import pytest
from langchain_core.documents import Document

from rag import ChatBot
from rag.figures import fitting, mentions, sought
from rag.question import parse
from rag.reckon import reckoning
from rag.types import Chunk, Hit


def asked(question):
    made = reckoning(parse(question))
    return made and (made.operation, [operand.text for operand in made.operands])


@pytest.mark.parametrize(
    ("question", "operation", "operands"),
    [
        ("宁波港和舟山港2023年的吞吐量差多少", "difference", ["宁波港2023年的吞吐量是多少", "舟山港2023年的吞吐量是多少"]),
        ("甲公司2023年营收比乙公司多多少亿元", "difference", ["甲公司2023年营收是多少亿元", "乙公司2023年营收是多少亿元"]),
        ("从业人员2025年底比2024年底多了多少人？", "difference", ["从业人员2025年底是多少人", "从业人员2024年底是多少人"]),
        ("从2022到2024，我国外贸规模涨了多少亿美元", "difference", ["2024年,我国外贸规模是多少亿美元", "2022年,我国外贸规模是多少亿美元"]),
        ("2024年营收比2023年增长百分之几", "growth", ["2024年营收是多少", "2023年营收是多少"]),
        ("2024年产量是2020年的几倍", "ratio", ["2024年产量是多少", "2020年产量是多少"]),
        ("线上和线下销售额加起来是多少亿元", "sum", ["线上销售额多少亿元", "线下销售额多少亿元"]),
        ("2024年江城离岸业务占全部执行额的比例", "share", ["2024年江城离岸业务执行额是多少", "2024年江城业务执行额是多少"]),
        ("2024年，37个示范城市以外的地方执行额是多少", "difference", ["2024年,执行额是多少", "2024年,37个示范城市执行额是多少"]),
        ("2024年在岸执行额能算出来吗", "difference", ["2024年执行额是多少", "2024年离岸执行额是多少"]),
        ("2021、2022、2023年哪一年产量最高", "difference", ["2021年产量是多少", "2022年产量是多少", "2023年产量是多少"]),
        ("2024年，承接东盟国家的出口额比欧盟成员国多多少", "difference", ["2024年,承接东盟国家的出口额是多少", "2024年,欧盟成员国的出口额是多少"]),
        ("江州第二产业增加值比第三产业多多少", "difference", ["江州第二产业增加值是多少", "江州第三产业增加值是多少"]),
        ("2024年投资增速，江州vs海州 差几个百分点", "difference", ["2024年投资增速,江州是多少", "2024年投资增速,海州是多少"]),
        ("江州、海州、云州三地里GDP最高的是哪个", "difference", ["江州GDP是多少", "海州GDP是多少", "云州GDP是多少"]),
        ("江州和海州，谁2024年的出口额高，高多少", "difference", ["江州2024年的出口额是多少", "海州2024年的出口额是多少"]),
        ("2024年江州第三产业增加值占全市GDP的比重", "share", ["2024年江州第三产业增加值是多少", "2024年江州全市GDP是多少"]),
        ("2024年江州用电量里，工业用电占多大比重", "share", ["2024年江州用电量 工业用电是多少", "2024年江州用电量是多少"]),
        ("上半年净利润，甲公司比乙公司多赚多少", "difference", ["上半年净利润,甲公司是多少", "上半年净利润,乙公司是多少"]),
    ],
)  # fmt: skip
def test_each_figure_becomes_a_question_of_its_own(question, operation, operands):
    made = asked(question)
    assert made is not None
    assert (made[0], [text.replace("，", ",") for text in made[1]]) == (operation, operands)


@pytest.mark.parametrize(
    "question",
    [
        "2024年执行额比上年增长了多少",  # a rate that stands there
        "我国外贸规模增长了多少倍",
        "两种观点的差距在哪里",
        "从上海到武汉有多少公里",
        "谁更了解武汉",
        "服务业占比是多少",
        "除了铁矿石以外还有哪些矿产",
        "江州、海州合起来占全省进出口的比重是多少",  # a sum inside a share
        "2024年江州的增长占全国多少",  # of what of the nation is not said
    ],
)
def test_a_question_for_what_is_stated_is_not_worked_out(question):
    assert asked(question) is None


def hits(*texts):
    chunks = [Chunk(str(k), f"{k}.txt", "", date(2025, 1, 9), (), text, 0, len(text)) for k, text in enumerate(texts)]
    return [Hit(chunk, 1.0, rank) for rank, chunk in enumerate(chunks, start=1)]


def best(question, text, must=(), avoid=()):
    found = fitting(sought(question, must, avoid), mentions(hits(text)))
    return found[0][1].written if found else None


def test_a_figure_is_of_the_period_before_it():
    text = "规模由2006年的13.8亿美元增至2022年的2522.1亿美元。"
    assert best("2022年规模", text) == "2522.1亿美元"
    assert best("2006年规模", text) == "13.8亿美元"
    assert best("2020年规模", text) is None


def test_a_year_that_is_only_compared_with_is_not_that_of_a_figure():
    text = "2023年，收入比2019年增长一成。出口收入达30亿元。"
    assert best("2023年出口收入", text) == "30亿元"
    assert best("2019年出口收入", text) is None
    assert sought("跟2006年比，2022年规模增长多少").period.text == "2022年"


def test_a_range_of_years_gives_its_ends():
    text = "2006年至2024年，规模从13.8亿美元增至3138亿美元。"
    assert best("2024年规模", text) == "3138亿美元"
    assert best("2006年规模", text) == "13.8亿美元"


def test_a_figure_of_a_list_is_of_its_own_item():
    text = "2024年来源地前三位为美国、日本和欧盟，执行额分别为18亿元、14亿元和11亿元。"
    assert best("2024年日本执行额", text, must=("日本",)) == "14亿元"
    assert best("2024年欧盟执行额", text, must=("欧盟",)) == "11亿元"
    assert best("2024年印度执行额", text, must=("印度",)) is None


def test_a_figure_belongs_to_the_nearest_name():
    text = "2024年，长三角执行额4752亿元，下降2.7%；京津冀执行额870亿元。"
    assert best("2024年长三角执行额", text, must=("长三角",)) == "4752亿元"
    assert best("2024年京津冀执行额", text, must=("京津冀",)) == "870亿元"


def test_what_is_measured_must_be_named():
    assert best("2024年执行额", "2024年增加值达14015亿元。") is None


HARBOURS = [
    Document(
        page_content="2023年，宁波港完成货物吞吐量12.5亿吨。", metadata={"source": "甲", "published": "2024-01-20"}
    ),
    Document(
        page_content="2023年，舟山港完成货物吞吐量6.8亿吨。", metadata={"source": "乙", "published": "2024-01-22"}
    ),
    Document(page_content="2023年，宁波港营业收入为260亿元。", metadata={"source": "丙", "published": "2024-03-01"}),
    Document(page_content="2023年，舟山港营业收入为3亿美元。", metadata={"source": "丁", "published": "2024-03-01"}),
]


@pytest.fixture(scope="module")
def harbours():
    return ChatBot.from_documents(HARBOURS)


def test_a_difference_shows_its_formula_with_both_sources(harbours):
    reply = harbours.ask("宁波港和舟山港2023年的吞吐量相差多少")
    assert reply.short == "5.7亿吨"
    assert reply.text.startswith("12.5亿吨[1] − 6.8亿吨[2] = 5.7亿吨")
    assert {citation.source for citation in reply.citations} == {"甲", "乙"}


def test_the_larger_is_named_with_its_figure(harbours):
    reply = harbours.ask("2023年宁波港和舟山港的吞吐量哪个更大，差多少")
    assert reply.short == "更大：宁波港（12.5亿吨）；相差：5.7亿吨"


def test_a_sum_and_a_ratio_are_worked_out(harbours):
    assert harbours.ask("宁波港和舟山港2023年的吞吐量加起来是多少").short == "19.3亿吨"
    assert harbours.ask("2023年宁波港吞吐量是舟山港的几倍").short == "1.8倍"


def test_a_part_gets_the_figure_of_its_own_subject():
    lists = Document(
        page_content="2024年，来源地前三位为美国、日本和欧盟，执行额分别为18亿元、14亿元和11亿元。",
        metadata={"source": "表", "published": "2025-01-20"},
    )
    reply = ChatBot.from_documents([lists]).ask("美国和欧盟2024年的执行额分别是多少")
    assert reply.short == "美国：18亿元；欧盟：11亿元"


def test_what_grows_faster_is_compared_by_rate_and_sign():
    rates = Document(
        page_content="2024年，线缆出口额20亿元，增长4.1%；阀门出口额90亿元，下降9.5%。",
        metadata={"source": "表", "published": "2025-01-20"},
    )
    reply = ChatBot.from_documents([rates]).ask("2024年线缆和阀门出口额哪个增长更快")
    assert "线缆（4.1%）" in reply.short


def test_an_approximate_operand_gives_an_approximate_result():
    scale = Document(
        page_content="离岸执行额从2006年的10亿美元左右跃升至2022年的1368.5亿美元。",
        metadata={"source": "表", "published": "2023-01-20"},
    )
    reply = ChatBot.from_documents([scale]).ask("2022年离岸执行额比2006年多了多少亿美元")
    assert reply.short == "约1358.5亿美元"


def test_two_currencies_are_not_put_together(harbours):
    reply = harbours.ask("宁波港和舟山港2023年的营业收入相差多少")
    assert not reply.answered
    assert "宁波港是260亿元" in reply.reason
    assert "舟山港是3亿美元" in reply.reason
    assert len(reply.citations) >= 2


def test_a_missing_operand_is_named_and_nothing_is_worked_out(harbours):
    reply = harbours.ask("宁波港2023年吞吐量比2019年多了多少亿吨")
    assert not reply.answered
    assert "2019年" in reply.reason
    assert "12.5亿吨" in reply.text


@pytest.mark.parametrize(
    ("question", "texts"),
    [
        ("公司研发费用占营业收入的比例是多少", ("2022年公司营业收入为100亿元。", "2023年公司研发费用为20亿元。")),
        (
            "甲市工业增加值占地区生产总值的比重是多少",
            ("2023年甲市工业增加值50亿元。", "2023年乙市地区生产总值100亿元。"),
        ),
    ],
)
def test_a_share_is_not_put_together_of_two_years_or_places(question, texts):
    documents = [Document(page_content=t, metadata={"source": t[:4], "published": "2024-01-20"}) for t in texts]
    assert "=" not in ChatBot.from_documents(documents).ask(question).text


def test_branches_are_counted_and_are_no_percentage_points():
    banks = Document(
        page_content="2023年工商银行的网点有15000个，建设银行的网点有14000个。",
        metadata={"source": "表", "published": "2024-01-20"},
    )
    assert ChatBot.from_documents([banks]).ask("工商银行和建设银行的网点相差多少个网点").short == "1000个"
