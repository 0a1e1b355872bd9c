"""What is a name that the source does not have, and what are but words."""

import pytest

from rag.names import names
from rag.tokens import fold

AROUND = fold("世界卫生组织7月发布报告。丹枫市港务集团营业收入增长，集装箱吞吐量上升，何恩培介绍了情况。")


@pytest.mark.parametrize(
    "text",
    [
        "世卫组织发布了报告",
        "外贸箱吞吐量上升",
        "港务集团的营收增长",
        "营业收入同比增长",
        "集团很看重这项收入",
        "何恩培提到了吞吐量",
    ],
)
def test_common_characters_and_short_forms_are_no_names(text):
    assert list(names(text, AROUND)) == []


@pytest.mark.parametrize(
    "text",
    [
        "张恩德提到了吞吐量",
        "何恩德提到了吞吐量",
        "南新生提到了吞吐量",
        "领格发布了报告",
        "《丹枫日报》发布了报告",
        "由ABC发布",
        "世贸组织发布了报告",
    ],
)
def test_a_name_from_elsewhere_is_one(text):
    assert list(names(text, AROUND)) != []
