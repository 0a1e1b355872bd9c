"""What a question asks for, and follow-ups made whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.question import parse
from rag.types import Turn


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("这条路是几几年几月通车的", "date"),
        ("这条路修了几年", "number"),
        ("南宁2023年新增就业多少人", "number"),
        ("展馆面积有多大", "number"),
        ("桂林机场 2023年 旅客吞吐量", "number"),
        ("这条地铁哪一年开通", "date"),
        ("论坛什么时候闭幕？", "date"),
        ("会议在哪里举行", "place"),
        ("他出生在哪个城市", "place"),
        ("谁主持了开幕式", "person"),
        ("这款芯片是哪家公司做的", "organisation"),
        ("本届论坛的主题是什么", "title"),
        ("为什么推迟发射", "explain"),
        ("什么是碳足迹", "explain"),
        ("有哪些城市入选", "list"),
    ],
)
def test_the_kind_of_answer_is_read_from_the_question(text, asked):
    assert parse(text).asked == asked


def test_the_head_is_the_noun_that_is_asked_for():
    assert parse("贵阳2023年软件业务收入是多少").head == "业务收入"
    assert parse("有多少企业参展").head == "企业"


def test_periods_and_ranks_of_the_question_are_known():
    question = parse("2023年第九届论坛来了几个国家")
    assert [p.text for p in question.periods] == ["2023年"]
    assert [q.text for q in question.quantities if q.kind == "rank"] == ["第九届"]


def follow(before: str, reply: str, question: str) -> str:
    return parse(question, [Turn("user", before), Turn("assistant", reply)]).text


def test_a_follow_up_that_names_a_period_replaces_the_period():
    assert follow("贵阳2023年软件收入是多少", "88亿元", "那2022年呢？") == "贵阳2022年软件收入是多少"


def test_a_follow_up_that_names_a_sibling_replaces_it():
    assert follow("贵阳2023年线上零售额是多少", "88亿元", "线下的呢") == "贵阳2023年线下零售额是多少"


def test_a_follow_up_with_its_own_question_keeps_the_subject():
    made = follow("贵阳2023年软件收入是多少", "88亿元", "同比涨了多少")
    assert "贵阳" in made
    assert "软件收入" in made
    assert "2023年" in made
    assert "同比涨了多少" in made


def test_the_next_one_of_a_series_is_counted_from_the_last():
    assert "第十届" in follow("第九届论坛主题是什么", "“共享”", "下一届的主题又是啥")


def test_a_pronoun_stands_for_what_the_reply_named():
    made = follow("谁研制了这台机器人", "是贵阳星火科技公司。", "这家公司哪年成立的？")
    assert "贵阳星火科技公司" in made


def test_a_new_topic_inherits_nothing():
    question = "中卫机场2023年8月新开了哪些航线"
    assert follow("贵阳2023年软件收入是多少", "88亿元", question) == question


def test_an_empty_history_changes_nothing():
    assert parse("那2022年呢").text == "那2022年呢"


@given(st.text(max_size=60), st.text(max_size=40))
def test_any_question_and_history_is_read(question, before):
    parsed = parse(question, [Turn("user", before), Turn("assistant", "是的。")])
    assert 0 <= parsed.cue[0] <= parsed.cue[1] <= len(parsed.text)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("从这座火车站开走的是哪条线路的车", "place"),
        ("他在哪所大学读的博士", "organisation"),
        ("县文化馆的馆长叫什么？", "person"),
        ("新学院叫什么名字", "organisation"),
        ("哪家电子厂商股价涨了一成", "organisation"),
        ("哪位学者写了序", "person"),
        ("活动由谁主办", "organisation"),
        ("新城区委书记 2023年7月", "person"),
        ("某矿业公司 年产量 2022年", "number"),
        ("大桥通车日期", "date"),
        ("最快那台跑到第几", "number"),
        ("晚上几点几分关门", "date"),
        ("学校凭什么停课", "explain"),
        ("入选的三所学校叫什么", "list"),
        ("多晶硅 成交价格", "number"),
    ],
)
def test_the_noun_that_is_asked_of_tells_the_kind(text, asked):
    assert parse(text).asked == asked


def test_what_asks_is_told_apart_from_what_it_asks_of():
    question = parse("馆长叫什么名字")
    assert question.text[slice(*question.cue)] == "什么名字"
    assert parse("产量 2022年").cue[0] == parse("产量 2022年").cue[1]


def test_a_number_that_can_only_be_a_rank_is_read_as_one():
    assert parse("十五届论坛在哪办").text == "第十五届论坛在哪办"
    assert parse("连续十二届参展的有几家").text == "连续十二届参展的有几家"
