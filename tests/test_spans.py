"""Which runs of words could be an answer."""

from hypothesis import given
from hypothesis import strategies as st

from rag.read.spans import LIST, spans
from rag.read.words import words


def enumerations(text: str) -> list[str]:
    cut = words(text)
    found = spans(cut)
    return [
        text[cut.starts[first] : cut.ends[last]]
        for first, last, shape in zip(found.first, found.last, found.shapes, strict=True)
        if shape == LIST
    ]


def test_an_enumeration_does_not_leave_the_bracket_it_began_in():
    found = enumerations("新华社电（记者赵雪、王春、马锴）北京组委公布团队。")
    assert "记者赵雪、王春、马锴" in found
    assert all(one.count("（") == one.count("）") for one in found)


def test_an_enumeration_takes_its_quotes_along():
    assert "“张三、李四”、王五和赵六" in enumerations("主演包括“张三、李四”、王五和赵六。")


@given(st.text(alphabet="甲乙、和（）“”北京3亿元，。；", max_size=60))
def test_every_span_is_a_run_of_words_of_one_sentence(text):
    cut = words(text)
    found = spans(cut)
    assert all(0 <= a <= b < len(cut.starts) for a, b in zip(found.first, found.last, strict=True))
    assert all(cut.sentences[a] == cut.sentences[b] for a, b in zip(found.first, found.last, strict=True))
