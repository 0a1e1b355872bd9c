"""Folding, terms, sentences and words of texts."""

import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

from rag.tokens import cut, dictionary, fold, sentences, tagged, terms

CHINESE = st.text(
    alphabet=st.sampled_from(
        "港口吞吐量增长年月日亿元個萬臺灣的了。！？；，“”（）《》.…3579% \n\u3000aBc!?\"'ＡＢ１２．"
    ),
    max_size=60,
)
SIMPLE = OpenCC("t2s").convert
ANY = st.one_of(st.text(max_size=80), CHINESE)


def shown(text):
    return [text[start:end] for start, end in sentences(text)]


def test_fold_makes_width_case_and_script_one():
    assert fold("臺灣ＡＢＣ　２０２４％，蘋果Ⅷ") == "台湾abc 2024%,苹果ⅷ"


@given(ANY)
def test_fold_keeps_the_length_and_is_idempotent(text):
    assert len(fold(text)) == len(text)
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet=st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs", "Lo"])))
def test_fold_of_a_character_is_its_normal_form_where_that_is_one_character(text):
    for char in text:
        normal = unicodedata.normalize("NFKC", char).lower()
        if len(normal) == 1:
            assert fold(char) == SIMPLE(normal)  # a radical (⾧) has a traditional character for its normal form


@pytest.mark.parametrize(("text", "folded"), [("\ufa52", "祸"), ("\u2fa7", "长")])
def test_a_compatibility_form_of_a_traditional_character_is_folded_at_once(text, folded):
    assert fold(text) == folded == fold(folded)


def test_bigrams_of_a_run_and_a_single_character():
    assert terms("宁波港，港", "bigrams") == ["宁波", "波港", "港"]


def test_number_with_unit_stays_whole_beside_the_number():
    found = terms("达到568.3亿元，增长47%，82个，１，２６９家，8 月", "bigrams")
    assert {"568.3", "568.3亿元", "47%", "82个", "1269家", "1269", "8月"} <= set(found)
    assert not {"56", "3亿元", "568"} & set(found)


def test_latin_words_and_versions_stay_whole():
    assert terms("XeSS 1.2.0与iPhone15、GPT-4", "bigrams") == ["xess", "1.2.0", "与", "iphone15", "gpt", "4"]


def test_words_are_those_of_jieba_and_both_adds_them_to_the_bigrams():
    assert terms("宁波的集装箱吞吐量", "words") == ["宁波", "集装箱", "吞吐量"]
    assert terms("宁波港", "both") == [*terms("宁波港", "bigrams"), *terms("宁波港", "words")]


def test_traditional_question_has_the_terms_of_the_simplified_one():
    assert terms("臺灣經濟發展", "bigrams") == terms("台湾经济发展", "bigrams")


@given(ANY, st.sampled_from(["bigrams", "words", "both"]))
def test_terms_depend_on_the_folded_text_alone_and_hold_no_space(text, kind):
    found = terms(text, kind)
    assert found == terms(fold(text), kind)
    assert all(term and not term.isspace() for term in found)


def test_marks_and_emoji_give_no_terms():
    assert terms("，。！？ 😀…—“”", "both") == []


def test_sentences_end_at_stops_with_their_closing_quotes():
    assert shown("他说：“你好。”然后走了。真的吗？！好；不好") == [
        "他说：“你好。”",
        "然后走了。",
        "真的吗？！",
        "好；不好",
    ]
    assert shown('他说:"去吧。"她说:"好!"完') == ['他说:"去吧。"', '她说:"好!"', "完"]


def test_sentences_end_at_newlines_and_ellipses():
    assert shown("一\n\n 二……三...四") == ["一", "二……", "三...", "四"]


def test_no_sentence_ends_inside_numbers_abbreviations_numbering_or_addresses():
    text = "It grew 3.5% in the U.S. and was sold by Apple Inc. in May. Done."
    assert shown(text) == ["It grew 3.5% in the U.S. and was sold by Apple Inc. in May.", "Done."]
    assert shown("1. 总则共3.5万字，见www.a.com/?b=1。好") == ["1. 总则共3.5万字，见www.a.com/?b=1。", "好"]


@given(ANY)
def test_sentences_cover_the_text_but_for_white_space(text):
    ranges = sentences(text)
    position = 0
    for start, end in ranges:
        assert position <= start < end
        assert not text[position:start].strip()
        assert text[start:end] == text[start:end].strip()
        position = end
    assert not text[position:].strip()


@given(ANY)
def test_words_joined_are_the_text(text):
    assert "".join(cut(text)) == text


def test_dictionary_knows_words_their_counts_and_their_parts_of_speech():
    assert (tagged("武汉"), tagged("吞吐量吞吐量")) == ("ns", "")
    assert dictionary().FREQ["武汉"] > 1000
    assert dictionary().FREQ["武汉长江大"] == 0


def test_dictionary_is_the_one_jieba_reads_and_nothing_is_logged():
    script = (
        "import jieba; from rag.tokens import cut, dictionary; cut('武汉')\n"
        "with open(jieba.__path__[0] + '/dict.txt', 'rb') as file: plain = jieba.Tokenizer.gen_pfdict(file)\n"
        "assert plain == (dictionary().FREQ, dictionary().total)"
    )
    made = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (made.returncode, made.stdout) == (0, "")
    assert "prefix dict" not in made.stderr
