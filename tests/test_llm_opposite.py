"""A claim whose figures and names all stand in a quote may still say something else; these are found."""

from datetime import date

import pytest
from llm_passages import chunk

from rag.llm.opposite import against
from rag.types import Evidence


def row(*quotes, published=date(2025, 7, 24)):
    return [Evidence(chunk(quote, published=published), 0, len(quote), quote) for quote in quotes]


WRONG = [
    ("电工器材的进口同比增长18.8%", "电工器材出口同比增长18.8%。"),
    ("武汉是全国首家试点城市", "武汉是全省首家试点城市。"),
    ("业务有所下滑", "业务稳步攀升。"),
    ("该区培育独角兽企业8家、上市企业1家", "该区累计培育上市企业8家、独角兽企业1家。"),
    ("在岸业务占全省总量的83.2%", "武汉在岸、离岸业务分别占全省总量的75.2%、83.2%。"),
    ("欧盟的执行额为1491.3亿元", "来源地前三位为美国、香港、欧盟，执行额分别为1820.6亿元、1491.3亿元、1104.2亿元。"),
    ("园区2025年完成了5000万美元的业务", "去年，园区企业完成了5000万美元的业务，今年继续保持良好势头。"),
    ("项目预计2025年7月试运行", "项目预计8月试运行。"),
    ("鼓励苏州探索账户功能升级", "鼓励深圳探索账户功能升级、推动苏州开展试点。"),
    ("它是国家数字服务出口基地", "它是国家语言服务出口基地。"),
    ("甲市的增速高于乙市", "甲市增长8.4%，乙市增长10.3%。"),
    ("增加值比上年增加了14015亿元", "增加值达14015亿元，增速达6.1%。"),
    ("总经理孙忠良说，仿真应用是典型的场景", "总经理曾从鑫介绍，仿真应用正是典型的场景。"),
    ("会长柴海涛说，产业基础好", "执行副主任柴海涛说，产业基础好。"),
]
RIGHT = [
    ("电工器材出口比上年增长18.8%", "电工器材出口同比增长18.8%。"),
    ("该区培育上市企业8家", "该区累计培育上市企业8家、独角兽企业1家。"),
    ("离岸业务占全省总量的83.2%", "武汉在岸、离岸业务分别占全省总量的75.2%、83.2%。"),
    ("园区2024年完成了5000万美元的业务", "去年，园区企业完成了5000万美元的业务，今年继续保持良好势头。"),
    ("园区的业务在2024年达到5000万美元", "去年，园区企业完成了5000万美元的业务，今年继续保持良好势头。"),
    ("从业人员现已增至1497.6万人", "从业人员数量由不足6万人增至1497.6万人。"),
    ("深圳要探索账户功能升级", "鼓励深圳探索账户功能升级、推动苏州开展试点。"),
    ("业务持续上升", "业务稳步攀升。"),
    ("甲市增长8.4%，乙市增长10.3%", "甲市增长8.4%，乙市增长10.3%。"),
]


@pytest.mark.parametrize(("text", "quote"), WRONG)
def test_what_a_quote_says_of_something_else_is_found(text, quote):
    assert against(text, row(quote)) != ""


@pytest.mark.parametrize(("text", "quote"), RIGHT)
def test_what_a_quote_says_in_other_words_is_let_be(text, quote):
    assert against(text, row(quote)) == ""
