"""Index terms, folded text, sentence ranges and words of a text; below the stages, used by most of them.

    text -> fold -> terms  -> sparse          text -> sentences -> split, read
                 -> cut, tagged (jieba's words and their dictionary)

jieba and opencc are loaded when first needed: a process that only cuts sentences never pays for them.
"""

import re
import unicodedata
import warnings
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from rag.config import Terms

if TYPE_CHECKING:
    from jieba import Tokenizer

# Scripts written without spaces, whose runs give bigrams: Han, kana, hangul.
_CHINESE = re.compile("[\u3400-\u9fff]+")
_HAN = r"\u3005\u3007\u3041-\u309f\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\U00020000-\U0003ffff"
_SCALE = "万亿|千亿|百亿|十亿|千万|百万|十万|亿|万|千|百"
_UNIT = (
    "平方公里|平方千米|平方米|立方米|公里|千米|厘米|毫米|微米|纳米|海里|英里|英寸|公斤|千克|毫克|公顷|小时|分钟|"
    "个百分点|千瓦时|千瓦|兆瓦|标准箱|标箱|架次|人次|周年|个月|美元|欧元|日元|英镑|港元|韩元|卢布|亿元|"
    "[元年月日号时分秒周天岁吨克斤米升亩个家名位人项次条件台辆部款种座届场所套张只支本册份处组倍成度％%‰℃]|"
    "gb|tb|mb|kb|ghz|mhz|kwh|mah|kw|kg|km|cm|mm|nm"
)
# A word of other letters with its digits, or a number with its point, its grouping commas and what it counts. The
# blank that some publishers put between a number and its unit is no part of the term.
_PIECE = re.compile(
    rf"(?P<han>[{_HAN}]+)"
    rf"|(?P<number>\d+(?:,\d{{3}}(?!\d))*(?:\.\d+)*)(?![^\W\d_{_HAN}]*\d)"
    rf"(?=[ \xa0]?(?P<unit>(?:{_SCALE})?(?:{_UNIT})|{_SCALE}))"
    rf"|(?P<word>(?:[^\W_{_HAN}])+(?:[.,]\d+)*)"
)
_CLOSERS = r"”’」』》】〉）)\]｝}〗"
_STOP = re.compile(
    rf"(?:[。！？｡…]|\.{{3,}}|[!?](?![A-Za-z0-9=&/%_-]))+[{_CLOSERS}]*"
    rf"|\n"
    rf"|(?P<dot>(?<=[^\W_]|[{_CLOSERS}\"'])\.)[{_CLOSERS}\"']*(?=\s|$|[{_HAN}“‘「『《【（])"
)
_ABBREVIATION = re.compile(
    "mr|mrs|ms|dr|prof|st|nos?|vs|etc|inc|ltd|co|corp|jr|sr|fig|al|dept|est|gen|gov|sen|rep|vol|pp|eds?|cf|approx|"
    "jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|mt|ave|[a-hj-z]"
)
_NUMERAL = re.compile(r"\d+(?:\.\d+)*|[一二三四五六七八九十]{1,3}|[A-Za-z]")
NO_PLACES = frozenset(
    "城市 台风 上市 海洋 深度 长度 维度 大桥 治安 新区 美丽 之日起 东西 青春 新建 上门 山区 福利 南站 满意度 回国 城镇 入口 加密 英雄 滑坡 上路 "
    "新城 扎根 新鲜 爱国 上岗 外国 中断 西瓜 河里 巴士 法治化 山水 关联 古城 大国 锦旗 河水 河沟 入海 大街 越野 高山 商城 上台 都市 山村 长大 海鲜 "
    "惠及 深海 多维度 日志 大都市 大城市 周边地区 中路 宜居".split()
)
"""What the dictionary takes for places though it names none."""


def fold(text: str) -> str:
    """`text` in one spelling, character by character: half width, lower case, simplified; the length is kept.

    >>> fold("臺灣ＡＢＣ　２０２４")
    '台湾abc 2024'
    """
    return text if text.isascii() and text.islower() else text.translate(_folded())


@lru_cache(maxsize=1)
def _folded() -> str:
    """The folded form of each character of the basic plane, at its code point.

    A string rather than a dict: `str.translate` raises and clears an error for each key a dict lacks.
    """
    from opencc import OpenCC

    wide = "".join(_narrow(chr(code)) for code in range(0x10000))
    # One character to a line: opencc then has no phrase to convert as a whole (乾隆 stays what its characters give).
    lines = "\n".join(wide[0x3400:0xA000])
    simple: str = OpenCC("t2s").convert(lines)
    if len(simple) != len(lines):
        return wide
    table = wide[:0x3400] + simple[::2] + wide[0xA000:]
    return table.translate(table)  # a compatibility form of a traditional character is narrowed to that one first


def _narrow(char: str) -> str:
    made = unicodedata.normalize("NFKC", char)
    made = (made if len(made) == 1 else char).lower()
    return made if len(made) == 1 else char.lower() if len(char.lower()) == 1 else char


def terms(text: str, kind: Terms) -> list[str]:
    """The index terms of a text or a question, in order, repeated as they occur.

    >>> terms("武汉达到568.3亿元", "bigrams")
    ['武汉', '汉达', '达到', '568.3', '568.3亿元', '亿元']
    """
    folded = fold(text)
    made: list[str] = []
    for piece in _PIECE.finditer(folded):
        group = piece.lastgroup
        if group == "han":
            made += _bigrams(piece[0]) if kind != "words" else ()
        elif group == "unit":
            number = piece["number"].replace(",", "")
            made += (number, number + piece["unit"])
        else:
            made.append(piece[0].replace(",", ""))
    if kind != "bigrams":
        made += [word for word in cut(folded) if _is_word(word)]
    return made


def _bigrams(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)] or [run]


def han_pairs(text: str) -> frozenset[str]:
    """The pairs of neighbouring Chinese characters of `text`."""
    return frozenset(run[i : i + 2] for run in _CHINESE.findall(text) for i in range(len(run) - 1))


def _is_word(word: str) -> bool:
    """Whether a word of jieba is a term of its own; numbers and Latin words are found by `_PIECE` already."""
    return len(word) > 1 and not word.isascii() and word.isalnum()


def sentences(text: str) -> list[tuple[int, int]]:
    """The half-open ranges of the sentences of `text`, in order, without white space at their ends.

    A sentence ends at 。！？ or their ASCII forms, an ellipsis, a newline, and at an English full stop that belongs to
    no number, abbreviation or numbering; ； does not end one. Closing quotes and brackets stay with their sentence.
    """
    made = []
    start = 0
    for end in _stops(text):
        bounds = _stripped(text, start, end)
        if bounds[0] < bounds[1]:
            made.append(bounds)
        start = end
    return made


def _stops(text: str) -> Iterator[int]:
    """The offsets at which a sentence ends, the length of the text last."""
    start = 0
    for match in _STOP.finditer(text):
        end = match.end()
        if match["dot"] and not _is_full_stop(text, start, match.start(), end):
            continue
        # A straight quote closes only what the sentence has opened.
        while text[end : end + 1] in ('"', "'") and text.count(text[end], start, end) % 2:
            end += 1
        yield end
        start = end
    yield len(text)


def _is_full_stop(text: str, start: int, dot: int, end: int) -> bool:
    """Whether the "." at `dot`, with closing marks up to `end`, ends the sentence begun at `start`."""
    if _NUMERAL.fullmatch(text[start:dot].strip()):  # "1. 总则"
        return False
    begin = dot
    while begin > start and text[begin - 1].isascii() and (text[begin - 1].isalpha() or text[begin - 1] == "."):
        begin -= 1
    word = text[begin:dot].lower()
    if text[end : end + 1] and not text[end].isspace() and word:  # "Inc.公司" names more than it ends
        return False
    following = text[end : end + 40].lstrip()
    if following[:1].islower() or (following[:1].isdigit() and text[dot - 1].isdigit()):
        return False
    return "." not in word and not _ABBREVIATION.fullmatch(word)


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


def cut(text: str) -> list[str]:
    """The words of `text` as jieba's dictionary cuts it; joined they are the text again.

    Its guesses at unknown words are off: they differ between a question and a passage (执行额 as 执行 + 额是).
    """
    words: list[str] = []
    for run in _RUN.findall(text):  # a passage is cut for the reader's words and for the network's
        words += _cut_run(run) if "\u4e00" <= run[0] <= "\u9fff" else dictionary().lcut(run, HMM=False)
    return words


_RUN = re.compile("[\u4e00-\u9fff]+|[^\u4e00-\u9fff]+")


@lru_cache(maxsize=1 << 13)
def _cut_run(run: str) -> tuple[str, ...]:
    return tuple(dictionary().lcut(run, HMM=False))


def tagged(word: str) -> str:
    """The part of speech jieba's dictionary gives `word` ("ns", "v", ...), "" where it does not know the word."""
    return _dictionary()[1].get(word, "")


def dictionary() -> "Tokenizer":
    """The tokenizer of jieba; its `FREQ` maps a word to how often it was counted, the mere beginning of one to 0."""
    return _dictionary()[0]


@lru_cache(maxsize=1)
def _dictionary() -> tuple["Tokenizer", dict[str, str]]:
    """The tokenizer and the part of speech of each word, from one reading of jieba's dictionary.

    jieba would read it twice, log to stderr, and keep a marshal file in the shared temporary folder.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its sources hold invalid escapes, and it asks for pkg_resources
        import jieba

    frequencies: dict[str, int] = {}
    tags: dict[str, str] = {}
    total = 0
    for line in (Path(jieba.__file__).with_name("dict.txt")).read_text(encoding="utf-8").splitlines():
        word, count, tag = line.split(" ")
        frequencies[word] = int(count)
        tags[word] = tag
        total += frequencies[word]
    for word in tags:
        for length in range(len(word) - 1, 0, -1):
            if word[:length] in frequencies:
                break  # its beginnings are there already
            frequencies[word[:length]] = 0
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total, tokenizer.initialized = frequencies, total, True
    return tokenizer, tags
