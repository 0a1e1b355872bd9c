"""One answer from several: parts named, equal ones shown once, what has no answer said, nothing shown twice."""

from datetime import date

from rag.apposition import described, holder, speaker
from rag.combine import answered, clipped, joined
from rag.plan import Part, Plan, plan
from rag.question import parse
from rag.types import Answer, Chunk, Evidence, Hit


def found(short, quote, source="a.txt"):
    chunk = Chunk(quote, source, "", date(2024, 1, 1), (), quote, 0, len(quote))
    return Answer(True, short, ((quote, (Evidence(chunk, 0, len(quote), quote),)),), confidence=0.8)


NOTHING = Answer(False, "", (), "资料中没有能直接回答这个问题的内容。")
PASSAGES = {
    "2021": found("41.6万吨", "2021年茶叶产量达41.6万吨。"),
    "2022": found("43.2万吨", "2022年茶叶产量达43.2万吨。", "b.txt"),
}


def ask(question):
    return next((answer for year, answer in PASSAGES.items() if year in question), NOTHING), ()


def test_parts_are_named_by_what_tells_them_apart():
    made = answered(plan(parse("2021年和2022年的茶叶产量分别是多少")), ask)
    assert made.short == "2021年：41.6万吨；2022年：43.2万吨"
    assert [text for text, _ in made.statements] == ["2021年茶叶产量达41.6万吨。", "2022年茶叶产量达43.2万吨。"]
    assert [evidence[0].quote for _, evidence in made.statements] == [text for text, _ in made.statements]


def test_a_part_without_an_answer_is_named():
    made = answered(plan(parse("2021年和2023年的茶叶产量分别是多少")), ask)
    assert made.answered
    assert made.short == "2021年：41.6万吨"
    assert made.reason == "资料中没有找到：2023年。"


def test_parts_none_of_which_has_an_answer_are_asked_as_a_whole():
    assert answered(plan(parse("2018年和2019年的茶叶产量分别是多少")), ask) is None


def test_parts_of_different_kinds_are_joined_by_a_comma():
    made = joined(
        (Part("谁说的"), Part("什么职务", follows=True)),
        [found("王军", "副署长王军说。"), found("副署长", "副署长王军说。")],
    )
    assert made.short == "王军，副署长"
    assert len(made.statements) == 1


def test_what_follows_is_asked_of_the_answer_before_it():
    asked = []

    def note(question):
        asked.append(question)
        return (found("王军", "王军说。") if question == "谁说的" else found("副署长", "王军是副署长。")), ()

    answered(Plan((Part("谁说的"), Part("什么职务", follows=True))), note)
    assert asked == ["谁说的", "王军 什么职务"]


def test_an_office_is_what_stands_before_the_name():
    quote = "日前，海关总署副署长王军14日表示，外贸含智量将提升。"
    hit = Hit(Chunk("1", "a.txt", "", date(2024, 1, 1), (), quote, 0, len(quote)), 1.0, 1)
    assert described("王军", "什么职务", [hit]).short == "海关总署副署长"
    assert described("王军", "哪个单位的", [hit]).short == "海关总署"
    assert described("李军", "什么职务", [hit]) is None
    wrote = "王军说，院长的话，王军同意。"
    assert described("王军", "什么职务", [Hit(Chunk("2", "b.txt", "", None, (), wrote, 0, len(wrote)), 1.0, 1)]) is None


def test_who_holds_an_office_is_the_name_behind_it():
    quotes = "第十二届博览会开幕，投资促进会会长马秀红评价道。", "第十五届博览会开幕，投资促进会会长房爱卿说。"
    chunks = [Chunk(quote, f"{k}.txt", "", None, (), quote, 0, len(quote)) for k, quote in enumerate(quotes)]
    hits = [Hit(chunk, 1.0, rank) for rank, chunk in enumerate(chunks, start=1)]
    assert holder("第十二届时投资促进会会长是谁", hits).short == "马秀红"
    assert holder("第十五届时投资促进会会长是谁", hits).short == "房爱卿"
    assert holder("第十三届时投资促进会会长是谁", hits) is None
    assert holder("第十二届时广播协会秘书是谁", hits) is None


def test_who_said_something_is_named_with_it():
    quotes = (
        "“数字化、智能化正在重塑产业。”会上，教授江小涓这样说道。",
        "“数字化、智能化正重塑产业。”王林超说。",
        "宋思源认为产业在变。",
    )
    chunks = [Chunk(q, f"{k}.txt", "", date(2025 + k, 7, 1), (), q, 0, len(q)) for k, q in enumerate(quotes)]
    hits = [Hit(chunk, 1.0, rank) for rank, chunk in enumerate(chunks, start=1)]
    assert speaker("“数字化智能化重塑产业”这话，2025年会上是谁讲的", hits).short == "江小涓"
    made = speaker("“数字化智能化重塑产业”这话，2026年会上是谁讲的", hits)
    assert (made.short, made.statements[0][1][0].quote) == ("王林超", quotes[1])
    assert speaker("“数字化智能化重塑产业”这话，2027年会上是谁讲的", hits) is None
    assert speaker("2025年会上是谁讲的", hits) is None


def test_what_follows_a_part_without_an_answer_is_not_asked():
    assert answered(Plan((Part("谁说的"), Part("什么职务", follows=True))), lambda _: (NOTHING, ())) is None


def test_one_figure_is_not_given_to_two_subjects():
    same = found("7.4%", "而乙县前三季度的增长率提高到7.4%。")
    made = answered(plan(parse("2022年前三季度甲县和乙县的增长率分别是多少")), lambda _: (same, ()))
    assert made.short == "乙县：7.4%"
    assert "甲县" in made.reason


def test_one_person_may_have_two_roles():
    same = found("孟远舟", "导演、编剧孟远舟说。")
    made = answered(plan(parse("《长河》的导演和编剧是谁")), lambda _: (same, ()))
    assert made.short == "导演：孟远舟；编剧：孟远舟"
    assert len(made.statements) == 1


def test_an_answer_of_another_kind_than_asked_is_taken_back():
    made = answered(
        plan(parse("交易会的时间和地点")),
        lambda q: (found("8月30日", "8月30日晚下了雨。") if "地点" in q else found("9月3日", "9月3日开幕。"), ()),
    )
    assert made.short == "时间：9月3日" or made.short == "9月3日"
    assert "地点" in made.reason


def test_parts_that_are_not_sure_count_only_with_different_answers():
    unsure = plan(parse("上海和北京的市长是谁"))
    assert answered(unsure, lambda _: (found("龚正", "上海市长龚正。"), ())) is None
    mayors = {"上海": found("龚正", "上海市长龚正。"), "北京": found("殷勇", "北京市长殷勇。")}
    made = answered(unsure, lambda question: (mayors[question[:2]], ()))
    assert made.short == "上海：龚正；北京：殷勇"


def test_a_sentence_is_cut_to_the_clauses_around_the_answer():
    text = "据报道，全国一月增长一成，二月增长8.1%，三月持平，四月下降，五月也下降"
    assert clipped(text, "8.1%", 20) == "全国一月增长一成，二月增长8.1%"
    assert clipped(text, "8.1%", 3) == "二月增长8.1%"
    assert clipped(text, "没有", 3) == text
    assert clipped(text, "8.1%", 100) == text
