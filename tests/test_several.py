"""What is named in one word and asked for one by one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.plan import plan
from rag.question import parse
from rag.several import several


@pytest.mark.parametrize(
    ("question", "items"),
    [
        ("2022年至2024年出口额分别是多少", ("2022年", "2023年", "2024年")),
        ("2022—2024年出口额各是多少", ("2022年", "2023年", "2024年")),
        ("2022年到2023年每年的出口额", ("2022年", "2023年")),
        ("前三季度营收分别是多少", ("第一季度", "第二季度", "第三季度")),
        ("2023年各季度营收", ("第一季度", "第二季度", "第三季度", "第四季度")),
        ("上下半年的增速分别是多少", ("上半年", "下半年")),
        ("男女单打冠军是谁", ("男子", "女子")),
        ("中美两国的服务贸易额分别是多少", ("中国", "美国")),
    ],
)
def test_each_of_them_is_named(question, items):
    assert several(question).items == items


@pytest.mark.parametrize(
    "question",
    [
        "2022年至2024年出口额增长了多少",
        "2022年至2024年累计出口额是多少",
        "1990年至2024年出口额分别是多少",  # too many to be told one by one
        "前三季度营收是多少",
        "男女比例是多少",
        "中美贸易额是多少",
        "中文和英文分别怎么说",
        "2024年至2022年出口额分别是多少",
    ],
)
def test_what_is_asked_of_all_together_stays_whole(question):
    assert several(question) is None


def test_the_parts_ask_for_one_each():
    made = plan(parse("2022年至2024年北港的出口额分别是多少"))
    assert [part.text for part in made.parts] == [f"{year}年北港的出口额是多少" for year in (2022, 2023, 2024)]


def test_a_range_asked_about_as_a_whole_is_one_question():
    assert plan(parse("中美两国之间的贸易额分别由谁统计")) is None


@given(st.text(alphabet="2019年至到—分别前三季度男女单打中美两国各是多少", max_size=30))
def test_any_text_is_taken(text):
    found = several(text)
    assert found is None or 2 <= len(found.items) <= 6
