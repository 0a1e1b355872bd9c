"""The proper names that a text has and its source has not: `names(text, around)`. Part of the gate, `rag.verify`.

A name is a quotation, a Latin word, what the dictionary knows as a person, place, body or brand or has counted rarely, and a
run of characters that no dictionary knows. What is short for a longer name there (世贸组织) is the same name.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby

from rag.articles import SURNAMES
from rag.periods import periods
from rag.quantities import quantities
from rag.tokens import NO_PLACES, cut, dictionary, fold, tagged

_WORDING = "另见|另有来源给出|此处采用|原文|较新的|与问题更接近的|刊|[更相略较微稍再最]?[大小多少高低差快慢新旧强弱增减升降]|与|约|即|到|多达|居首|指|仍|快|时|虽|此|每|该|里|内|则"
OWN = re.compile(f"(?:{_WORDING})+")
"""The reader's own words."""
RUNS = re.compile(r"[^\w]+")
"""What stands between runs of letters and digits."""
_SPEAKER = re.compile("(?P<who>[\u4e00-\u9fff]{3})(?=(?:还|也|则|曾)?(?:说|表示|介绍|认为|指出|强调|坦言|透露))")
_QUOTED = re.compile(r"《([^《》]+)》|“([^“”]+)”|「([^「」]+)」|『([^『』]+)』")
_HAN = re.compile("[\u3400-\u9fff·]+")
_CLAUSE = re.compile("[^，。；：！？,;:!?\n]+")
_LATIN = re.compile(r"[a-z][a-z0-9.+\-_/&]*[a-z0-9+]|[a-z]")
_NAMES = ("nr", "ns", "nt", "nz", "j")  # jieba's tags of names and of abbreviations
_LIGHT = frozenset("vdpcuyrfmqt")  # and of the words of one character that sentences are made with
_FUNCTION = frozenset("updcrmfy")  # and of those among them that no name has
_GIVEN = 2  # characters of a given name
_NO_NAMES = frozenset("vadlircupfs")  # tags of words that no name is
_COMMON = 1000  # how often jieba's dictionary has counted a character that a writer may use on his own; 规模 is 11,239
_RARE = 10  # how seldom a noun has been counted that is taken for a name
_OF_FIGURES = 1000  # and in the clause of a figure, where it tells what is counted
# what a writer calls his sources and their parts
_OF_SOURCES = frozenset(
    "报道 资料 文章 原文 正文 全文 标题 副标题 开头 末尾 段落 稿件 简报 口径 说法 出处 来源 字样".split()
)
_COMPARING = frozenset("同比 环比 一共 总共 占比 多出".split())  # short forms that name nothing
_COUNTED = re.compile(
    "[这那此两几各每一二三四五六七八九十](?:部分|[个部位届项家种类篇份条段名座笔档])"
)  # points or counts: 这部分, 两笔
_LISTED = 3  # the count of phrases that were added to the dictionary without one (据介绍, 龙头企业)
_BODY = re.compile("(?:公司|集团|股份|科技|银行|大学|学院|研究院|医院|[日晚]报|协会|学会|[部委局厅杯奖省市县区]$)")
_PLACES = frozenset("省市县区镇乡村路街岛州国湾港桥山河湖江海园洲谷城")  # last characters of places
_NATION = ("中国", "我国")
_SHORTEST = 3  # characters of an abbreviation that says enough


def names(text: str, around: str) -> Iterator[str]:
    """The proper names of `text` that `around`, which is folded, does not hold: quotations, Latin words, names in Chinese."""
    for found in _QUOTED.finditer(text):
        name = next(filter(None, found.groups()))
        if not all(run in bare(around) for run in RUNS.split(fold(numberless(name)))):
            yield name
    bare_text = _QUOTED.sub(" ", text)
    rest = fold(numberless(bare_text))
    yield from sorted(set(_LATIN.findall(rest)) - {*_LATIN.findall(around), *_LATIN.findall(numberless(around))})
    yield from _speakers(rest, around)
    for clause in _CLAUSE.finditer(rest):
        counted = clause.group() != fold(bare_text[clause.start() : clause.end()])  # it has a figure or date
        yield from _of_clause(clause.group(), around, _OF_FIGURES if counted else _RARE)


def _speakers(text: str, around: str) -> Iterator[str]:
    """Who speaks in `text` and stands nowhere in `around`: 张云明说, which the dictionary cuts otherwise."""
    for found in _SPEAKER.finditer(text):
        three = found["who"]
        said = [one for one in (three, three[1:]) if one[0] in SURNAMES and all(len(word) == 1 for word in cut(one))]
        if said and not any(one in around for one in said):
            yield said[0]


def _of_clause(clause: str, around: str, rare: int) -> Iterator[str]:
    """The names of a clause without figures; nouns that are rarer than `rare` are taken for names."""
    for run in _HAN.findall(clause):
        trimmed = ((name, _trimmed(name)) for name in _unknown(run))
        odd = [(name, left) for name, left in trimmed if left and not _word(left, run, around)]
        if odd:
            known = {name for held in _HAN.findall(fold(numberless(around))) for name in _unknown(held)}
            for name, left in odd:
                told = name in known or left in known or _held(name, around) or _of_two(name, run, around)
                if not told:
                    yield name
        words = cut(run)
        for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False):
            seldom = _OF_FIGURES if any(map(_odd, (before, after))) else rare  # 传神语文: two words of one name
            if (
                _new(word, around)
                and _named(word, after, seldom)
                and not any(_short_for(one, around) for one in (word, word + after))
            ):
                yield word


def _of_two(name: str, run: str, around: str) -> bool:
    """Whether an unknown run is the end of one word of the source and the beginning of another: 微拟 of 华润微 and 拟增加."""
    at = run.find(name)
    wide = run[max(0, at - 1) : at + len(name) + 1]
    cuts = range(_GIVEN, len(wide) - 1) if name[0] not in SURNAMES else ()
    return any(wide[:k] in around and wide[k:] in around for k in cuts)


def _word(name: str, run: str, around: str) -> bool:
    """Whether an unknown run is no name: a short form of every day, or a lone character that is cut otherwise in the source or a word by itself."""
    if name in _COMPARING or _COUNTED.fullmatch(name):
        return True
    return len(name) == 1 and (_beside(name, run, around) or _alone(name, run, around) or _abridged(name, run, around))


def _abridged(name: str, run: str, around: str) -> bool:
    """Whether a lone character and its neighbour stand, in their order and close together, in a term of the source (营收: 营业收入)."""
    at = run.find(name)
    pairs = (run[max(0, at - 1) : at + 1], run[at : at + 2])
    return any(shortens(pair, around) for pair in pairs if len(pair) == _GIVEN)


def shortens(pair: str, text: str) -> bool:
    """Whether two characters stand in `text`, which is folded, in their order with one or two others between them."""
    return bool(re.search(f"{re.escape(pair[0])}[\u4e00-\u9fff]{{1,2}}{re.escape(pair[1])}", text))


def numberless(text: str) -> str:
    """`text` with a blank for each figure and date, which are checked by value."""
    taken = [(p.start, p.end) for p in periods(text)] + [q.core for q in quantities(text)]
    for start, end in taken:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def bare(text: str) -> str:
    """`text` folded, its lines joined by a blank and without marks, as runs between marks are looked for in it."""
    return " ".join(RUNS.split(fold(text)))


@lru_cache(maxsize=4096)
def _unknown(run: str) -> tuple[str, ...]:
    """The runs of characters that are no words to the dictionary (何恩培), without those that sentences are made with."""
    single = [(word if len(word) == 1 and not _light(word) else "") for word in cut(run)]
    return tuple("".join(group) for told, group in groupby(single, key=bool) if told)


def _trimmed(name: str) -> str:
    """`name` without the reader's own words at its edges; 高恩培, which begins with a surname, is not the 恩培 of 何恩培."""
    return name if name[0] in SURNAMES and len(name) > 1 else re.sub(f"^{OWN.pattern}|{OWN.pattern}$", "", name)


def _beside(name: str, run: str, around: str) -> bool:
    """Whether a lone character stands between those of `run` as it does in the source: it is cut otherwise there (副|署长)."""
    at = run.find(name)
    pairs = (run[max(0, at - 1) : at + 1], run[at : at + 2])
    return all(pair in around for pair in pairs if len(pair) == 2)


def _alone(name: str, run: str, around: str) -> bool:
    """Whether a lone character is a word by itself (涨, 箱) wherever it stands in `run`."""
    words = cut(run)
    places = [near for word, *near in zip(words, ["", *words], [*words[1:], ""], strict=False) if word == name]
    common = (dictionary().FREQ.get(name) or 0) > _COMMON and name not in SURNAMES
    return common and bool(places) and not any(_of_name(before, after, around) for before, after in places)


def _of_name(before: str, after: str, around: str) -> bool:
    """Whether what stands between two words may be of a name: behind a surname, beside another lone character, before a new noun."""
    lone = any(len(one) == 1 and tagged(one)[:1] not in _FUNCTION for one in (before, after))
    return before in SURNAMES or lone or (len(after) == _GIVEN and tagged(after)[:1] == "n" and after not in around)


def _light(word: str) -> bool:
    return tagged(word)[:1] in _LIGHT and (dictionary().FREQ.get(word) or 0) > 5 * _COMMON


def _new(word: str, around: str) -> bool:
    """Whether a word stands nowhere in `around`, nor what is left of one that no dictionary has (该线, 远高于) without common parts."""
    if (
        len(word) < _GIVEN
        or _held(word, around)
        or word in NO_PLACES
        or OWN.fullmatch(word)
        or _COUNTED.fullmatch(word)
    ):
        return False
    return bool(tagged(word)) or _trimmed(word) not in around


def _held(name: str, around: str) -> bool:
    """Whether a name stands in `around`, 武汉市 as 武汉, 中国 as 我国."""
    if name in _NATION and any(one in around for one in _NATION):
        return True
    return len(name) > 1 and (name in around or (len(name) > _GIVEN and name[-1] in "省市县区" and name[:-1] in around))


def _odd(word: str) -> bool:
    """Whether a word is seldom used, or none of the dictionary."""
    return len(word) > 1 and (dictionary().FREQ.get(word) or 0) < _OF_FIGURES


def _named(word: str, after: str, seldom: int) -> bool:
    """Whether a word of the dictionary is a name or part of one: by its tag, counted less than `seldom`, before 公司 and the like."""
    if word in _COMPARING:
        return False
    tag = tagged(word)
    own = tag[:1] in _NO_NAMES or word in _OF_SOURCES or word[-1] in "率额量数幅速值价者"
    count = dictionary().FREQ.get(word) or 0
    plain = tag == "n" and word[-1] not in _PLACES  # 光谷 is a noun to the dictionary
    rare = count < (seldom if plain else _OF_FIGURES) and not (count == _LISTED and len(word) > 2)
    return tag[:2] in _NAMES or tag in _NAMES or (not own and (rare or bool(_BODY.match(after))))


def _short_for(name: str, around: str) -> bool:
    """Whether a name is made of the words of a longer one there, each by its first character or whole (世贸组织)."""
    if len(name) < _SHORTEST:
        return False
    parts = _all_parts(around)
    return any(_spelled(name, parts[i : i + len(name) * 2]) for i in range(len(parts)) if parts[i][0] == name[0])


@lru_cache(maxsize=256)
def _all_parts(around: str) -> tuple[str, ...]:
    return tuple(part for run in _HAN.findall(around) for word in (*cut(run), "|") for part in _parts(word))


def _parts(word: str) -> list[str]:
    """A long word in pairs of characters: 世界贸易组织 is one to the dictionary."""
    return [word[i : i + 2] for i in range(0, len(word), 2)] if len(word) > _SHORTEST else [word]


def _spelled(name: str, parts: Sequence[str]) -> bool:
    """Whether each of the next words gives its part of `name`, conjunctions aside."""
    left = name
    for part in parts:
        if part in "和与":
            continue
        took = len(part) if left.startswith(part) else 1 if part[0] == left[0] and len(part) > 1 else 0
        left = left[took:]
        if not took or not left:
            return bool(took) and not left
    return False
