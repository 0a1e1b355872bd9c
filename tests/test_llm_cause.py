"""A cause that a claim gives must be the source's, and not the other way round."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.llm.cause import miscaused

SOURCE = "由于港区停业，到港客流减少三成。"


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("因为到港客流减少，港区停业", SOURCE),
        ("到港客流减少导致港区停业", SOURCE),
        ("到港客流减少是因为票价上涨", SOURCE),
        ("到港客流减少，得益于票价下调", "到港客流减少三成，票价下调。"),
        ("班额上升是因为班级合并", "班额上升是因为学位建设慢，不是因为班级合并。"),
        ("票价下调促成了新线开通", "新线开通，促使票价下调。"),
    ],
)
def test_a_cause_the_source_does_not_give_is_found(text, quote):
    assert miscaused(text, [quote]) != ""


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("到港客流减少是因为港区停业", SOURCE),
        ("因港区停业，到港客流少了三成", SOURCE),
        ("港区停业是到港客流减少的主要原因", SOURCE),
        ("陈某认为主要原因是日间手术多了", "医院的日间手术增多，这是住院日缩短的主要原因。"),
        ("差异源于跨月结算", "两者略有差异，系跨月结算所致。"),
        ("客流减少三成", SOURCE),
        ("公司推动项目入驻园区", "项目入驻园区。"),
    ],
)
def test_a_cause_the_source_gives_is_let_be(text, quote):
    assert miscaused(text, [quote]) == ""


@given(st.text("因为所以导致是由于，。原因的客流", max_size=30))
def test_what_a_source_says_of_causes_is_never_against_itself(text):
    assert isinstance(miscaused(text, [text]), str)
