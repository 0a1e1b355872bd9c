"""The reader's answer and a model's are weighed against each other; the evidence decides."""

from dataclasses import replace

from llm_passages import OTHER, QUESTION, chunk, passages, read

from rag.llm.decide import agree, decided
from rag.llm.draft import drafted
from rag.llm.support import Support
from rag.question import parse
from rag.types import RELATED, Answer

REFUSED = Answer(False, "", (), "资料中没有2019年武汉服务外包执行额。")


def decision(text, answer, question=QUESTION):
    draft, support = drafted(text), Support.by(passages())
    return decided(question, answer, draft.short, [support.of(s) for s in draft.sentences], draft.declined)


def test_where_both_agree_the_models_sentences_are_shown():
    made = decision("答案：568.3亿元\n2024年武汉服务外包执行额为568.3亿元[1]。", read())
    assert made.note == ""
    assert made.answer.short == "568.3亿元"
    assert made.answer.prose
    assert made.answer.statements[0][0] == "2024年武汉服务外包执行额为568.3亿元。"


def test_a_sure_reader_stands_against_a_model_and_both_are_shown():
    answer = decision("答案：127.5亿元\n离岸外包执行额为127.5亿元[1]。", read(confidence=0.8)).answer
    assert answer.short == "568.3亿元"
    assert "127.5亿元" in answer.reason
    assert any("127.5亿元" in text for text, _ in answer.statements)


def test_an_unsure_reader_gives_way_and_both_are_shown():
    answer = decision("答案：127.5亿元\n离岸外包执行额为127.5亿元[1]。", read(confidence=0.2)).answer
    assert answer.short == "127.5亿元"
    assert "568.3亿元" in answer.reason
    assert any("568.3亿元" in text for text, _ in answer.statements)


def test_nothing_borne_out_leaves_the_readers_answer_with_a_line():
    made = decision("答案：700亿元\n2024年武汉服务外包执行额为700亿元[1]。", read())
    assert made.answer == read()
    assert "核对" in made.note


def test_a_model_that_finds_nothing_doubts_only_an_unsure_reader():
    sure, unsure = (decision("答案：资料中没有", read(confidence=c)) for c in (0.8, 0.2))
    assert sure.answer.short == "568.3亿元"
    assert sure.note
    assert not unsure.answer.answered
    assert unsure.answer.statements == read().statements


def test_where_the_reader_refuses_a_figure_of_another_year_is_not_taken():
    question = parse("2019年武汉服务外包执行额是多少")
    made = decision("答案：568.3亿元\n武汉服务外包执行额达568.3亿元[1]。", REFUSED, question)
    assert not made.answer.answered
    assert "时间" in made.note


def test_where_the_reader_refuses_a_model_may_answer():
    made = decision("答案：37个\n全国共有37个服务外包示范城市[2]。", REFUSED, parse("全国有几个服务外包示范城市"))
    assert made.answer.answered
    assert made.answer.short == "37个"


def test_a_short_answer_that_is_not_borne_out_is_not_the_answer():
    made = decision("答案：38个\n全国共有37个服务外包示范城市[2]。", REFUSED, parse("全国有几个服务外包示范城市"))
    assert "38" not in made.answer.short


def test_the_readers_own_quote_is_kept_to_look_at():
    one = chunk(OTHER, "2.txt")
    answer = read(quote="全国共有37个服务外包示范城市，武汉名列其中。", one=one, short="37个")
    made = decision("答案：37个\n2024年，武汉服务外包执行额达568.3亿元[1]。37个[2]。", answer)
    assert any(text == RELATED for text, _ in made.answer.statements) or len(made.answer.statements) == 2


def test_equal_values_agree_however_they_are_written():
    assert agree("568.3亿元", "约568.3 亿元")
    assert agree("李尚松", "平台负责人李尚松")
    assert not agree("568.3亿元", "127.5亿元")
    assert not agree("李尚松", "王建国")


def test_the_confidence_of_agreement_is_the_readers():
    text = "答案：568.3亿元\n2024年武汉服务外包执行额为568.3亿元[1]。"
    assert decision(text, replace(read(), confidence=0.73)).answer.confidence == 0.73
