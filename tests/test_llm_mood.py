"""A plan told as done and a denial told as a fact."""

import pytest

from rag.llm.mood import turned


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("图书馆东馆已经建成开放。", "图书馆东馆计划明年建成开放。"),
        ("灯塔管理站提高了门票价格。", "灯塔管理站没有提高门票价格。"),
        ("港区岸电已覆盖全部泊位。", "港区岸电争取到2027年覆盖全部泊位。"),
        ("茶园灌溉改造已完工。", "茶园灌溉改造预计年底完工。"),
    ],
)
def test_a_plan_is_not_done_and_a_denial_not_a_fact(text, quote):
    assert turned(text, [quote])


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("图书馆东馆计划明年建成开放。", "图书馆东馆计划明年建成开放。"),
        ("图书馆东馆已经建成开放。", "图书馆东馆已于去年建成开放。"),
        ("灯塔管理站没有提高门票价格。", "灯塔管理站没有提高门票价格。"),
        ("茶园灌溉改造已完工。", "茶园灌溉改造原计划年底完工，已提前完工。"),
    ],
)
def test_a_plan_told_as_one_and_what_is_done_are_let_be(text, quote):
    assert not turned(text, [quote])
