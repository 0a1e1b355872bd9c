"""Which questions are taken apart, and into what; and which ones must stay whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.coordinate import coordinations, units
from rag.plan import plan
from rag.question import parse


def parts(question):
    made = plan(parse(question))
    return [part.text for part in made.parts] if made else None


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("2021年和2022年的汽车产量分别是多少？", ["2021年的汽车产量是多少", "2022年的汽车产量是多少"]),
        ("2021、2022、2023年汽车产量", ["2021汽车产量", "2022汽车产量", "2023年汽车产量"]),
        ("第十二届和第十五届展会的主题是什么", ["第十二届展会的主题是什么", "第十五届展会的主题是什么"]),
        ("历届展会主题：第12届、第14届", ["第12届展会主题", "第14届展会主题"]),
        ("宁波港和舟山港的吞吐量分别是多少", ["宁波港的吞吐量是多少", "舟山港的吞吐量是多少"]),
        ("男单和女单冠军分别是谁", ["男单冠军是谁", "女单冠军是谁"]),
        ("2024年羽毛球赛男双和女双冠军分别是谁？", ["2024年羽毛球赛男双冠军是谁", "2024年羽毛球赛女双冠军是谁"]),
        ("《长河》的导演和主演是谁", ["《长河》的导演是谁", "《长河》的主演是谁"]),
        ("交易会的时间和地点？", ["交易会的时间", "交易会的地点"]),
        ("长河三号手机的发布时间和处理器", ["长河三号手机的发布时间", "长河三号手机的处理器"]),
        ("足球赛德国队和法国队在哪个组", ["足球赛德国队在哪个组", "足球赛法国队在哪个组"]),
        ("第七届议会宣誓仪式及首次会议的时间", ["第七届议会宣誓仪式的时间", "第七届议会首次会议的时间"]),
        ("张三逃税多少钱，被罚了多少钱", ["张三逃税多少钱", "张三 被罚了多少钱"]),
        ("《长河》是哪一类的书？它的作者是谁？", ["《长河》是哪一类的书", "《长河》的作者是谁"]),
        ("“产业在重塑”这话，2025年和2026年会上分别是谁讲的", ["“产业在重塑”这话,2025年会上是谁讲的", "“产业在重塑”这话,2026年会上是谁讲的"]),
    ],
)  # fmt: skip
def test_a_question_for_several_things_is_taken_apart(question, expected):
    assert parts(question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "联合国和平奖颁给了谁",
        "哪些国家和地区与会",
        "人工智能和机器人协会是哪一年成立的",
        "承接共建“一带一路”国家的业务额是多少",
        "大学及以上学历的从业人员有多少",
        "港澳台和外商投资企业有多少家",
        "生产和销售的汽车有多少辆",
        "中国和美国之间的贸易额是多少",
        "华科和武大联合成立的实验室叫什么",
        "有哪些省市和地区参加",
        "东芝和哪一家公司达成协议",
        "四大工程包括都江堰、灵渠和什么",
        "2019年和2022年之间产量增长了多少",
        "为什么中部和西部的差距在缩小",
        "增速有没有到50%？具体是多少",
        "这个项目投资多少亿，到底是多少",
        "2024年做了多少亿？要准确数，别给我“突破多少”那种",
        "武汉 2024 离岸执行额",
        "成都的平均工资是多少",
    ],
)
def test_a_question_for_one_thing_stays_whole(question):
    assert parts(question) is None


def test_what_is_asked_of_an_answer_follows_it():
    made = plan(parse("谁说过产业正在重塑？什么职务"))
    assert [(part.text, part.follows) for part in made.parts] == [("谁说过产业正在重塑", False), ("什么职务", True)]
    made = plan(parse("《长河》这本书的作者和单位"))
    assert [part.follows for part in made.parts] == [False, True]


def test_names_without_a_word_that_sets_them_apart_are_unsure():
    assert plan(parse("上海和北京的市长是谁")).sure is False
    assert plan(parse("上海和北京的市长分别是谁")).sure is True


def test_what_stands_around_the_items_is_shared():
    text = "全市田径赛女子少年80米跨栏和男子少年80米跨栏冠军"
    best = coordinations(text)[0]
    assert best.items == ("女子少年80米跨栏", "男子少年80米跨栏")
    assert best.spread(text) == ("全市田径赛女子少年80米跨栏冠军", "全市田径赛男子少年80米跨栏冠军")


@given(st.text("2021年月第届和与、及武汉的谁多少《》“”abc？，是 分别", max_size=30))
def test_any_text_is_cut_and_planned_without_loss(text):
    cuts = units(text)
    assert "".join(unit.text for unit in cuts) == text.replace(" ", "") or any(" " in unit.text for unit in cuts)
    for found in coordinations(text):
        assert len(found.items) >= 2
        assert text[found.start :].startswith(found.items[0])
        assert text[: found.end].endswith(found.items[-1])
    made = plan(parse(text))
    assert made is None or len(made.parts) >= 2
