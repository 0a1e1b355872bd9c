"""Figures that follow from two stated ones: before a change, of what is compared with, of the rest of a period."""

import pytest
from langchain_core.documents import Document

from rag import ChatBot


def bot(*texts, published="2023-08-16"):
    documents = [
        Document(page_content=t, metadata={"source": f"{i}", "published": published}) for i, t in enumerate(texts)
    ]
    return ChatBot.from_documents(documents)


INCOME = (
    "2021年，临江县农民人均工资性收入6086元（下同），同比增加1308元，增长27.4%；人均经营净收入7374元，同比增加462元。"
)
SHOPS = "上半年，海川商贸实现营业收入30.5亿元，同比增长2.1%。6月末，公司共有经销商21155家，对比年初净增加1217家。"
PRICES = "上半年，临江居民消费价格（CPI）同比上涨1.0%，涨幅高于全国平均水平0.3个百分点，物价总体平稳。"
INDEX = "7月份，制造业采购经理指数（PMI）为49.3%，比上月上升0.3个百分点，景气水平有所改善。"
GRAIN = "上半年，全县夏粮产量178.598万吨，与2022年同期相比减少3.911万吨。"


@pytest.mark.parametrize(
    ("text", "question", "result"),
    [
        (INCOME, "2020年临江县农民人均工资性收入是多少", "4778元"),
        (INCOME, "2020年临江县农民人均经营净收入是多少元", "6912元"),
        (SHOPS, "海川商贸年初有多少家经销商", "19938家"),
        (PRICES, "2023年上半年全国CPI同比上涨了多少", "0.7%"),
        (INDEX, "2023年6月制造业PMI是多少", "49%"),
        (GRAIN, "2022年上半年全县夏粮产量是多少万吨", "182.509万吨"),
    ],
)
def test_the_figure_before_a_change_is_worked_out_of_both(text, question, result):
    reply = bot(text).ask(question)
    assert reply.short == result
    assert f"= {result}" in reply.text
    assert all(citation.quote in text for citation in reply.citations)


@pytest.mark.parametrize(
    ("text", "question", "stated"),
    [
        (INCOME, "2021年临江县农民人均工资性收入是多少", "6086元"),
        (SHOPS, "海川商贸2023年6月末有多少家经销商", "21155家"),
        (INDEX, "2023年7月制造业PMI是多少", "49.3%"),
    ],
)
def test_what_is_stated_is_not_worked_out(text, question, stated):
    reply = bot(text).ask(question)
    assert reply.short == stated
    assert "=" not in reply.text


def test_a_rate_of_growth_gives_no_earlier_figure():
    reply = bot("2021年，临江县出口额30.5亿元，同比增长22%。").ask("2020年临江县出口额是多少")
    assert not reply.answered
    assert "30.5亿元" in reply.text


def test_the_rest_of_a_longer_period_is_what_is_left_of_its_figure():
    text = "星河科技2023年中报显示，公司主营收入4.97亿元；其中2023年第二季度，公司单季度主营收入2.59亿元。"
    reply = bot(text).ask("星河科技2023年一季度主营收入是多少亿元")
    assert reply.short == "2.38亿元"
    assert "4.97亿元" in reply.text
    assert "2.59亿元" in reply.text


def test_a_figure_that_is_there_goes_before_one_that_follows():
    text = "2021年，临江县出口额30.5亿元，同比增加4亿元。2020年，临江县出口额26.4亿元。"
    assert bot(text).ask("2020年临江县出口额是多少").short == "26.4亿元"


@pytest.mark.parametrize(
    ("text", "question", "wrong"),
    [
        ("2023年甲公司利润100亿元，同比增加10亿元；乙公司利润没有公布。", "2022年乙公司的利润是多少", "90亿元"),
        ("2023年全市进出口额100亿元，同比增加10亿元。", "2022年全市出口额是多少", "90亿元"),
        ("2023年销量100万辆，其中出口20万辆，同比增加5万辆。", "2022年销量是多少万辆", "15万辆"),
        ("2023年，甲厂、乙厂营业收入分别为100亿元、80亿元，同比分别增长10亿元、5亿元。", "乙厂2022年营业收入是多少", "70亿元"),
        ("2023年上半年新房均价12000元。2023年二季度新房均价11000元。", "2023年一季度新房均价是多少", "1000元"),
        ("2023年甲公司净利润为-5亿元，同比减少2亿元。", "2022年甲公司净利润是多少", "7亿元"),
        ("2022年末上海人口2475万人，比北京多291万人。", "2022年上海的人口比北京多多少万人", "2184万人"),
    ],
)  # fmt: skip
def test_what_does_not_follow_is_not_worked_out(text, question, wrong):
    reply = bot(text, published="2024-01-20").ask(question)
    assert reply.short != wrong
    assert "=" not in reply.text
