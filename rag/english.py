"""An English question as the words that Chinese documents have for it: `glossed(text, frequency)`. Part of `wordings`.

No model translates here: words that ask, count and date, general words of reports (assets/english.txt), and Chinese
places written in pinyin. A word that is none of these stays as it is: what the documents do not hold is not found.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

from rag.spelling import readings
from rag.tokens import dictionary, tagged

_GLOSSES = Path(__file__).with_name("assets") / "english.txt"
_ASKING = frozenset("多什谁哪为百叫是")
_EMPTY = frozenset(
    "a an the end of in on at by for to from with and or as is are was were be been being do does did has have had will would can could that "
    "this these those there it its their his her s during over into about up than how please tell me".split()
)
_WORD = re.compile(r"\d+(?:st|nd|rd|th)\b|[A-Za-z][A-Za-z&-]*|\d[\d,.]*\d|\d|%")
_HAN = re.compile("[\u4e00-\u9fff]")
HINT = "目前主要支持中文提问，英文问题只按其中的名称、数字和常用词查找。"


def is_english(text: str) -> bool:
    """Whether `text` is a question of English words only."""
    return not _HAN.search(text) and len(re.findall("[A-Za-z]{2,}", text)) > 2


def glossed(text: str, frequency: Callable[[str], int]) -> str:
    """The Chinese words for an English question, what asks last; `frequency` counts what documents hold of a term.

    >>> glossed("How many companies were founded in 2020?", lambda term: 0)
    '创立 2020年 多少家企业'
    """
    words = _WORD.findall(text.replace("'s", " ").replace("’s", " "))
    asked, told = "", []
    at = 0
    while at < len(words):
        size, gloss = _longest([word.lower() for word in words[at : at + 4]])
        if size and gloss[0] in _ASKING and not asked:
            asked = gloss
        elif size:
            told.append(gloss)
        elif re.fullmatch(r"(?:19|20)\d\d", words[at]):
            told.append(words[at] + ("年底" if words[max(0, at - 2) : at] == ["end", "of"] else "年"))
        elif rank := re.fullmatch(r"(\d+)(?:st|nd|rd|th)", words[at]):
            told.append(f"第{rank[1]}届")
        elif words[at].lower() not in _EMPTY:
            told.append(_place(words[at], frequency) or words[at])
        at += size or 1
    return " ".join(dict.fromkeys([*told, *filter(None, [asked])]))


def _longest(words: list[str]) -> tuple[int, str]:
    """How many of the first words have an entry together, and what it says."""
    table = _table()
    return next(((n, table[key]) for n in range(len(words), 0, -1) if (key := " ".join(words[:n])) in table), (0, ""))


@lru_cache(maxsize=1)
def _table() -> Mapping[str, str]:
    lines = _GLOSSES.read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines if "\t" in line)


def _place(word: str, frequency: Callable[[str], int]) -> str:
    """The Chinese place that `word` spells in pinyin and the documents hold, "" where there is none."""
    if not word[0].isupper() or frequency(word.lower()):
        return ""
    held = [(frequency(place), place) for place in _places().get(word.lower(), [])]
    count, place = max(held, default=(0, ""))
    return place if count else ""


@lru_cache(maxsize=1)
def _places() -> Mapping[str, list[str]]:
    """The places of two characters in jieba's dictionary by their pinyin."""
    made: dict[str, list[str]] = {}
    for word, count in dictionary().FREQ.items():
        if len(word) == 2 and count and tagged(word) == "ns":
            for first in readings(word[0]):
                for second in readings(word[1]):
                    made.setdefault(first + second, []).append(word)
    return made
