"""What a reply is worth, and how the figures follow from it."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import RagError
from rag.evaluate import CHECKS, Judgement, Report, Row, changes, contains, evaluate, judge, read_rows, table
from rag.types import Chunk, Citation, Reply, Turn

SENTENCE = "到2024年，这个数字已经达到568.3亿元，比前一年又增长了近一半。"
CHUNK = Chunk("c1", "a.txt", "", None, (), SENTENCE, 0, len(SENTENCE))


def a_row(**changed):
    values = {
        "id": "q1",
        "question": "执行额多少",
        "history": (),
        "kind": "number",
        "wanted": (("568.3亿元", "568.3亿人民币"),),
        "brief": True,
        "sources": ("a.txt",),
        "evidence": (SENTENCE,),
        "unanswerable": False,
    }
    return Row(**values | changed)


def a_reply(short, text=SENTENCE + "[1]", quote=SENTENCE, source="a.txt", answered=True):
    cited = (Citation(1, source, "", None, quote, 0, len(quote), CHUNK),) if quote else ()
    return Reply("执行额多少", "执行额多少", answered, short, text, cited, ())


def test_a_short_answer_with_its_evidence_is_right():
    assert judge(a_row(), a_reply("568.3亿元")).right


@pytest.mark.parametrize("short", ["568.3 亿元", "５６８.３亿元", "568.3亿人民币", "约568.3亿元"])
def test_another_writing_of_the_answer_is_right(short):
    assert judge(a_row(), a_reply(short)).right


@pytest.mark.parametrize("short", ["1568.3亿元", "68.3亿元", "568亿元", "", "568.3亿美元"])
def test_another_number_is_wrong(short):
    judged = judge(a_row(), a_reply(short))
    assert (judged.right, judged.short, judged.text) == (False, False, True)


def test_a_whole_paragraph_is_not_a_short_answer():
    assert not judge(a_row(), a_reply(SENTENCE * 3)).right


def test_an_answer_without_its_evidence_is_wrong():
    other = judge(a_row(), a_reply("568.3亿元", quote="业务遍及全球82个国家和地区，可圈可点。"))
    assert (other.right, other.source, other.evidence) == (False, True, False)
    elsewhere = judge(a_row(), a_reply("568.3亿元", source="b.txt"))
    assert (elsewhere.right, elsewhere.source, elsewhere.evidence) == (False, False, False)
    assert not judge(a_row(), a_reply("568.3亿元", quote="")).right


def test_a_row_that_names_no_source_is_judged_on_its_answer():
    judged = judge(a_row(sources=(), evidence=()), a_reply("568.3亿元", quote=""))
    assert (judged.right, judged.source, judged.evidence) == (True, None, None)


def test_a_source_may_be_named_without_its_folders():
    assert judge(a_row(), a_reply("568.3亿元", source="news/a.txt")).right
    assert not judge(a_row(), a_reply("568.3亿元", source="news/ba.txt")).right


def test_a_refusal_is_right_only_where_nothing_answers():
    refusal = a_reply("", text="", quote="", answered=False)
    assert judge(a_row(unanswerable=True), refusal).right
    assert not judge(a_row(), refusal).right
    assert not judge(a_row(unanswerable=True), a_reply("568.3亿元")).right


def test_every_part_that_must_be_said_is_looked_for_in_the_text():
    row = a_row(wanted=(("568.3亿元",), ("近一半", "47%")), brief=False)
    assert judge(row, a_reply("568.3亿元")).right
    assert not judge(row, a_reply("568.3亿元", text="达到568.3亿元。[1]")).right
    assert not judge(row, a_reply("568.3亿元", text=SENTENCE * 20)).right


@given(st.integers(0, 10**6), st.text("0123456789", min_size=1, max_size=3))
def test_a_number_is_not_found_inside_a_longer_one(number, digits):
    assert contains(f"共{number}人", str(number))
    assert not contains(f"共{number}{digits}人", str(number)) or str(number) == f"{number}{digits}"
    assert not contains(f"共{number}.{digits}人", str(number))


def test_grouped_digits_are_one_number():
    assert contains("共1,590.6亿元", "1590.6亿元")
    assert not contains("1,590", "590")
    assert contains("同比增长12，3人", "12")


def test_shares_count_only_the_rows_a_check_applies_to():
    report = Report(
        (
            judge(a_row(), a_reply("568.3亿元"), 0.010),
            judge(a_row(kind="entity"), a_reply("错"), 0.030),
            judge(a_row(unanswerable=True), a_reply("", answered=False), 0.020),
        )
    )
    assert report.kinds() == ("number", "entity")
    assert report.share("right") == pytest.approx(2 / 3)
    assert report.share("kept") == 1.0
    assert report.share("refused") == 1.0
    assert report.of("entity").share("refused") is None
    assert [report.milliseconds(p) for p in (50, 95)] == [20.0, 30.0]


def test_a_report_without_questions_has_no_shares():
    assert set(Report(()).shares().values()) == {None}
    assert Report(()).milliseconds(50) == 0.0


def test_a_report_survives_json():
    report = Report((judge(a_row(), a_reply("568.3亿元"), 0.5),))
    assert Report.from_dict(json.loads(json.dumps(report.as_dict()))) == report


@pytest.mark.parametrize("values", [{}, [], {"questions": 3}, {"questions": [{"no": 1}]}])
def test_another_json_file_is_not_a_report(values):
    with pytest.raises(RagError, match="不是"):
        Report.from_dict(values)


def test_the_table_shows_the_change_against_an_earlier_report():
    good, bad = (Report((judge(a_row(), a_reply(short)),)) for short in ("568.3亿元", "错"))
    assert "| 全部 | 1 | 1.000 (+1.000) |" in table(good, bad)
    assert "| number | 1 | 1.000 |" in table(good)
    rows = table(good).splitlines()
    assert {row.count("|") for row in rows} == {len(CHECKS) + 3}
    assert [[one.id for one in part] for part in changes(good, bad)] == [["q1"], []]
    assert [[one.id for one in part] for part in changes(bad, good)] == [[], ["q1"]]


def test_rows_are_read_in_every_form(tmp_path: Path):
    lines = [
        {"question": "一", "answer": "甲", "variants": ["乙"], "type": "list"},
        {"question": "二", "answers": ["甲"], "history": [{"role": "user", "content": "前"}], "sources": ["a.txt"]},
        {"question": "三", "answers": [], "must_include": [["甲"], ["乙", "丙"]], "evidence": "一句"},
        {"question": "四", "unanswerable": True},
    ]
    text = "\n\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    plain, packed = tmp_path / "q.jsonl", tmp_path / "q.jsonl.gz"
    plain.write_text("\ufeff" + text, encoding="utf-8")
    packed.write_bytes(gzip.compress(text.encode()))
    rows = read_rows(plain)
    assert read_rows(packed) == rows
    assert [(row.wanted, row.brief, row.unanswerable) for row in rows] == [
        ((("甲", "乙"),), True, False),
        ((("甲",),), True, False),
        ((("甲",), ("乙", "丙")), False, False),
        ((), False, True),
    ]
    assert rows[0].kind == "list"
    assert rows[1].history == (Turn("user", "前"),)
    assert rows[2].evidence == ("一句",)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "没有问题"),
        (b"\n \n", "没有问题"),
        (b'{"question": "a"}\nnot json', "第 2 行"),
        (b'["a"]', "第 1 行"),
        (b'{"answer": "a"}', "第 1 行"),
        (b'{"question": "a", "history": [3]}', "第 1 行"),
        ("问".encode("gb18030"), "无法读取"),
    ],
)
def test_a_question_file_that_is_none_is_named(tmp_path: Path, content: bytes, says: str):
    file = tmp_path / "q.jsonl"
    file.write_bytes(content)
    with pytest.raises(RagError, match=says):
        read_rows(file)


def test_a_missing_or_broken_question_file_is_named(tmp_path: Path):
    (tmp_path / "q.gz").write_bytes(b"no gzip")
    for name in ("none.jsonl", "q.gz"):
        with pytest.raises(RagError, match="无法读取"):
            read_rows(tmp_path / name)


def test_a_bot_is_asked_every_question_with_its_history():
    class Echo:
        """Refuses every question and remembers what it was asked."""

        def __init__(self):
            self.asked = []

        def ask(self, question, history=()):
            self.asked.append((question, history))
            return a_reply("", text="", quote="", answered=False)

    bot, told = Echo(), []
    turns = (Turn("user", "前"),)
    rows = [a_row(unanswerable=True), a_row(history=turns)]
    report = evaluate(bot, rows, progress=lambda *step: told.append(step))
    assert bot.asked == [("执行额多少", ()), ("执行额多少", turns)]
    assert [one.right for one in report.judgements] == [True, False]
    assert told == [("ask", 1, 2), ("ask", 2, 2)]


def test_a_judgement_says_what_was_given():
    assert judge(a_row(), a_reply("568.3亿元"), 0.25) == Judgement(
        "q1", "执行额多少", "number", "568.3亿元", 0.25, True, True, True, True, True, True, None
    )
