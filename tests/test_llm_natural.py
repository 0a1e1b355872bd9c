"""What models write in words of their own is borne out where the sources say it, and not with one thing changed."""

from datetime import date

import pytest
from llm_passages import chunk

from rag.llm.draft import drafted
from rag.llm.pack import Passage
from rag.llm.support import Support

TEXT = (
    "云岭纸业昨天发布半年报。上半年营业收入36.4亿元，同比下降5.2%；净利润2.31亿元，上年同期为2.10亿元，增长10%。"
    "期末应收账款为13.8亿元，同比增加2.1亿元，主要因部分客户回款放缓。6月受暴雨影响，工厂共停产9天，北厂仓库进水。"
    "文化纸销量增长12%，包装纸销量增长4.5%。总裁秦若楠说，公司不派发中期股息。北京办事处全年举办12场推介会。"
)


def borne_out(sentence, text=TEXT):
    """Whether the one sentence has quotes in a passage of 20 August 2025."""
    passage = Passage(1, chunk(text, "1.txt", "云岭纸业半年报", date(2025, 8, 20)))
    [told] = drafted(f"答案：略\n{sentence}[1]。").sentences
    return bool(Support.by([passage]).of(told).evidence)


@pytest.mark.parametrize(
    "sentence",
    [
        "净利润从2.10亿元增至2.31亿元，增长10%",
        "2025年上半年净利润为2.31亿元，高于上年同期的2.10亿元",
        "应收账款同比增加2.1亿元，达到13.8亿元",
        "由于部分客户回款放缓，期末应收账款增加2.1亿元",
        "文化纸销量增长12%，快于包装纸的4.5%",
        "2025年8月20日的报道说，公司上半年营业收入36.4亿元",
        "因6月暴雨影响，工厂停产9天",
        "秦若楠表示，公司不打算派发中期股息",
        "净利润增加2.31亿元 − 2.10亿元 = 0.21亿元，上年同期的应收账款为13.8亿元 − 2.1亿元 = 11.7亿元",
        "报道没有说明北厂何时复工",
        "同期净利润2.31亿元，增长10%",
        "2025年8月20日关于云岭纸业的报道说，公司上半年营业收入36.4亿元",
        "公司上半年营业收入36.4亿元，但没有提到北厂的投资额",
        "这两种纸中，包装纸销量增长4.5%",
        "2025年6月工厂停产9天，北京办事处全年举办12场推介会",
    ],
)
def test_what_the_source_says_in_other_words_is_shown(sentence):
    assert borne_out(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "净利润从2.31亿元降至2.10亿元",
        "2025年上半年净利润为2.10亿元，低于上年同期的2.31亿元",
        "应收账款同比增加13.8亿元，达到2.1亿元",
        "部分客户回款放缓，是因为期末应收账款增加2.1亿元",
        "文化纸销量增长12%，慢于包装纸的4.5%",
        "2024年8月20日的报道说，公司上半年营业收入36.4亿元",
        "因6月暴雨影响，工厂停产12天",
        "高若楠表示，公司不派发中期股息",
        "包装纸销量增长12%",
        "报道没有说明北厂仓库进水",
        "2025年8月2日关于云岭纸业的报道说，公司上半年营业收入36.4亿元",
        "公司上半年营业收入36.4亿元，但没有提到净利润增长",
        "2025年6月工厂停产12天，北京办事处全年举办9场推介会",
    ],
)
def test_with_one_thing_changed_it_is_not(sentence):
    assert not borne_out(sentence)


FOUND = (
    "据了解，上半年全省电力运行平稳。分类别看，上半年全省新增并网容量8.2万千瓦，其中陆上风电6.1万千瓦，海上风电2.1万千瓦。"
    "全市共有充电站215家，其中城东90家、比年初增长0.6%，城西125家、比年初增长8.7%。全长6.78公里的新路设计速度80km/h。"
)


@pytest.mark.parametrize(
    "sentence",
    [
        "2025年上半年新增并网容量8.2万千瓦，其中海上风电2.1万千瓦，陆上风电6.1万千瓦",
        "城西有充电站125家，城东有90家",
        "新路设计速度为80km/h",
        "陆上风电占比：6.1万千瓦 ÷ 8.2万千瓦 = 74.4%",
        "资料没有直接给出比重，计算可得：6.1万千瓦 ÷ 8.2万千瓦 = 74.4%",
    ],
)
def test_parts_of_a_whole_are_told_in_any_order(sentence):
    assert borne_out(sentence, FOUND)


@pytest.mark.parametrize(
    "sentence",
    [
        "2025年上半年新增并网容量8.2万千瓦，其中海上风电6.1万千瓦，陆上风电2.1万千瓦",
        "城西有充电站90家，城东有125家",
        "陆上风电占比：2.1万千瓦 ÷ 8.2万千瓦 = 74.4%",
        "2024年上半年新增并网容量8.2万千瓦",
    ],
)
def test_parts_of_a_whole_keep_their_figures(sentence):
    assert not borne_out(sentence, FOUND)


def test_a_figure_of_last_year_is_not_told_as_this_years():
    text = "上半年，海川股份净利润2.31亿元，上年同期为1.98亿元。"
    assert borne_out("海川股份净利润2.31亿元，上年同期为1.98亿元", text)
    assert borne_out("2024年上半年海川股份净利润为1.98亿元", text)
    assert not borne_out("海川股份净利润为1.98亿元", text)
    assert not borne_out("2025年上半年海川股份净利润为1.98亿元", text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("日前公司宣布，公司三年前在武汉投产。", "公司2025年在武汉投产"),
        ("近日，公司公布销量为100万辆。", "公司2025年销量为100万辆"),
        ("8月20日讯，公司2019年公布利润100亿元。", "公司2025年公布利润100亿元"),
        ("日本国内需求下降3%。", "中国需求下降3%"),
    ],
)
def test_the_year_of_a_report_is_not_that_of_what_it_tells(text, sentence):
    assert not borne_out(sentence, text)
