"""Whether a claim says of something else, or the opposite of, what its quotes say: `against(text, row)`. Part of `rag.llm`.

Figures and names may all stand in a quote and the claim be wrong: 进口 for 出口, 全国 for 全省, one list's value for another's, a
comparison that nobody made. These are told by words that exclude each other (assets/opposites.txt), by `分别` lists, and by
which figure stands nearest to the words that a claim gives it.
"""

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

from rag.articles import SURNAMES
from rag.llm.cause import miscaused
from rag.llm.mood import turned
from rag.periods import EVENT_DAYS, Period, periods
from rag.quantities import Quantity, quantities, same
from rag.read.label import content, elsewhere, figures, lists
from rag.tokens import cut, fold, tagged
from rag.types import Evidence
from rag.verify import without_year_before

_FILE = Path(__file__).parents[1] / "assets" / "opposites.txt"
_COMPARES = re.compile(
    r"(?:高于|低于|快于|慢于|多于|少于|大于|小于|强于|好于|不及|领先于|落后于|超过)(?![\d一二两三四五六七八九十百千万])|比[^，。；]{1,20}?(?:更|还)?(?:高|低|多|少|快|慢|大|小)(?!\d)"
)
_SAYING = "(?:还|也|则|曾)?(?:说|表示|介绍|认为|指出|强调|坦言|透露|解释)"
_SAYS = re.compile(rf"(?P<who>[\u4e00-\u9fff·]{{3}}){_SAYING}")
_TITLED = re.compile(
    "(?P<title>(?:副|常务|执行)*(?:会长|主任|秘书长|理事长|总经理|董事长|总裁|总监|院长|所长|局长|处长|部长|厅长|书记|市长|省长|主席"
    rf"|教授|研究员|创始人|负责人))(?P<who>[\u4e00-\u9fff·]{{2,4}}?){_SAYING}"
)
_IS = re.compile(
    "(?:^|[，。；、的])(?P<who>[\u4e00-\u9fff]{2,3})是[^，。；是]{0,20}?(?P<title>副?[\u4e00-\u9fff]{2})(?=[，。；]|$)"
)
_BESIDE = 24  # characters on each side of a name in which a title stands
_NOBODY = "他她它据者们人家的"  # last characters before 说 that are no one's name
_QUOTED = re.compile("[“「](?P<name>[^”」，。]{2,8})[”」]")
_BREAK = re.compile("[，。；！？、：,;:（）()]")
_PAUSE = re.compile("[，。；！？：,;:]")
_ITEMS = re.compile("[\u4e00-\u9fff]{1,8}(?:、[\u4e00-\u9fff]{1,6})+(?=、|等|[和与及])")
_CHANGED = re.compile(r"(?:增长|增加|上升|上涨|提高|下降|减少|下跌|回落)(?:了|至|到|约|近|超)*$")
_CHANGES = re.compile(r"(?:增长|增加|上升|上涨|提高|提升|攀升|下降|减少|下跌|回落)(?![值额])|[增升降减](?=\d)")
_PART_OF = re.compile("(?:只有|仅有?|相当于|是|为|占)[^，。；]{1,10}的(?:约|近|大约)?$")
_BY = re.compile("(?:增长|增加|上升|上涨|提高|下降|减少|下跌|回落|多|少|高|低|增|减|降|升|涨)(?:了|近|约|超过|超|逾)*$")
_FROM = re.compile("[由从][^，。；]{0,12}$")
_TO = re.compile("[^，。；\\d]{0,8}[到至为成]了?约?")
_LAST_YEAR = re.compile("[，（(]?(?:较|比|低于|高于)?(?:上年|去年|上一?[年届季])(?:同期)?(?:为|是|的)?")
_SIDE = 2  # characters on each side of a word that tell its place in a sentence
_NEAR = 12  # characters behind a comparison in which the lesser thing is named
_CONTEXT = 3  # characters on each side of a single one
_LINKING = frozenset("为是有达到至在居共计超近约")
_HAN = re.compile("[\u4e00-\u9fff]")
_TOGETHER = 3  # words that may stand there together
_FILLER = 8  # the longest word that may stand there instead


def against(text: str, row: Sequence[Evidence]) -> str:
    """What of `text` the quotes of `row` contradict, "" where nothing was found."""
    quotes = [one.quote for one in row]
    text = without_year_before(text, quotes)
    whole = "".join(quotes)
    main = max(row, key=lambda one: len(_bigrams(text) & _bigrams(one.quote)))
    return (
        _excluded(fold(text), fold(whole))
        or _excluded(fold(text), fold(main.quote))
        or _excluded_there(text, quotes)
        or _unlisted(text, row)
        or _of_another_kind(fold(text), fold(whole))
        or _compared(text, whole)
        or _of_another(text, quotes)
        or _of_another_time(text, row, main)
        or _by_another(text, main)
        or turned(text, quotes)
        or miscaused(text, quotes)
        or _other_title(text, quotes)
        or _turned_round(text, quotes)
        or _put_in(fold(text), fold(whole))
        or _altered(fold(text), fold(whole))
        or _changed(text, quotes)
    )


def _bigrams(text: str) -> set[str]:
    folded = fold(text)
    return {folded[i : i + 2] for i in range(len(folded) - 1)}


@cache
def _classes() -> tuple[tuple[tuple[str, ...], ...], ...]:
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    return tuple(
        tuple(tuple(side.split()) for side in line.split("|")) for line in lines if line.strip() and line[0] != "#"
    )


def _excluded(text: str, whole: str) -> str:
    """A word of `text` whose like the quotes do not have, while they have one that excludes it and that `text` does not have."""
    for sides in _classes():
        said = [_has(side, text) for side in sides]
        held = [_has(side, whole) for side in sides]
        for mine, word in enumerate(said):
            others = any(held[i] and not said[i] for i in range(len(sides)) if i != mine)
            if word and not held[mine] and others:
                return word
    return ""


def _excluded_there(text: str, quotes: Sequence[str]) -> str:
    """A word in the clause of a figure that is excluded by the clause that the figure stands in."""
    for figure in figures(text):
        clause = _clause_of(text, figure)
        holding = [
            _clause_of(quote, held) for quote in quotes for held in figures(quote)
            if _equal(figure, held) and not any(one.start <= held.core[0] < one.end for one in lists(quote))
        ]  # fmt: skip
        if holding and not _COMPARES.search(clause) and all(_excluded(clause, held) for held in holding):
            return _excluded(clause, holding[0])
    return ""


def _clause_of(text: str, figure: Quantity) -> str:
    """The clause of a figure, folded, lists in it whole."""
    stop = _PAUSE.search(text, figure.end)
    start = max([0, *(one.end() for one in _PAUSE.finditer(text, 0, figure.start))])
    return fold(text[start : stop.start() if stop else len(text)])


def _unlisted(text: str, row: Sequence[Evidence]) -> str:
    """An item of a list in `text` that has a noun or name which stands in none of the quotes nor above them."""
    held = fold(
        "".join(
            (*(one.quote for one in row), *(part for one in row for part in (one.chunk.title, *one.chunk.headings)))
        )
    )
    for found in _ITEMS.finditer(fold(text)):
        first, *items = found.group().split("、")
        for word in (cut(first)[-1], *(word for item in items for word in cut(item))):
            if word in (first, *items) and len(word) == 1 and not re.search(f"、{word}|{word}、", held):
                return word  # 日 of 英、美、日: nowhere in a list there
            if word not in held and (content(word) or tagged(word) in ("vn", "ns")):
                return word
    return ""


def _of_another_kind(text: str, whole: str) -> str:
    """A noun before another one (业务|流程) where the quotes have the second only behind nouns that `text` has not (知识|流程)."""
    said, held = _short_words(text), _short_words(whole)
    for first, second in pairwise(said):
        if not (_noun(first) and _noun(second)) or first + second in whole:
            continue
        if re.search(f"{re.escape(first)}[^，。；]{{1,{_FILLER}}}{re.escape(second)}", whole):
            continue  # told more shortly: 信息[服务]产业链, 甲类[、乙类]产品
        others = [one for one, other in pairwise(held) if other == second]
        if (
            others
            and first in whole
            and all(len(one) > 1 and tagged(one)[:1] in ("n", "v") and one not in text for one in others)
        ):
            return first + second
    return ""


def _short_words(text: str) -> list[str]:
    """The words of `text`, those of four characters as two where both are words (业务流程)."""
    made: list[str] = []
    for word in cut(text):
        halves = [word[:2], word[2:]]
        made += halves if len(word) == 2 * _SIDE and all(map(tagged, halves)) else [word]
    return made


def _noun(word: str) -> bool:
    return len(word) > 1 and tagged(word) in ("n", "nz", "l")


def _has(side: Sequence[str], text: str) -> str:
    """The first word of a side that stands in `text` by itself: 会长 does not stand in 副会长."""
    return next((word for word in side if re.search(rf"(?<!副){re.escape(word)}", text)), "")


def _compared(text: str, whole: str) -> str:
    """A comparison of two things that the quotes do not make, or make the other way round."""
    for found in _COMPARES.finditer(text):
        if quantities(text[found.end() : found.end() + 8])[:1] and text[found.end() : found.end() + 1] not in "的，":
            continue  # 多10家: a figure, which is held against the quotes by itself
        left = {word for word in cut(_clause(text[: found.start()])) if len(word) > 1}
        right = {word for word in cut(text[found.end() :]) if len(word) > 1}
        made = [
            match for match in _COMPARES.finditer(whole)
            if match.group()[-1] == found.group()[-1]
            and not any(word in whole[match.end() : match.end() + _NEAR] and word not in _clause(whole[: match.start()]) for word in left - right)
        ]  # fmt: skip
        if not made:
            return found.group()
    return ""


def _clause(before: str) -> str:
    """What stands before a place since the last break."""
    return _BREAK.split(before)[-1]


def _of_another(text: str, quotes: Sequence[str]) -> str:
    """A figure of `text` that the quotes give to something else than the words around it say."""
    said = figures(text)
    for figure in said:
        label = _label(text, figure, said)
        holding = [(quote, held) for quote in quotes for held in figures(quote) if _equal(figure, held)]
        if label and holding and all(elsewhere(label, quote, held) for quote, held in holding):
            return figure.text
    return ""


def _equal(one: Quantity, other: Quantity) -> bool:
    return one.kind == other.kind and one.unit == other.unit and same(one, other)


def _label(text: str, figure: Quantity, others: Sequence[Quantity]) -> list[str]:
    """The words of two characters and more around a figure, from what ends before it to what begins after it.

    In a list with 分别 they are those of its item.
    """
    item = next((one.own for one in lists(text) if one.start <= figure.core[0] < one.end), None)
    if item:
        return [word for word in cut(fold(text[slice(*item)])) if len(word) > 1]
    start = max([0, *(other.end for other in others if other.end <= figure.start)])
    start = max([start, *(m.end() for m in _BREAK.finditer(text, start, figure.start))])
    end = min([len(text), *(other.start for other in others if other.start >= figure.end)])
    stop = _BREAK.search(text, figure.end, end)
    words = [*cut(fold(text[start : figure.start])), *cut(fold(text[figure.end : stop.start() if stop else end]))]
    return [word for word in words if len(word) > 1]


def _of_another_time(text: str, row: Sequence[Evidence], main: Evidence) -> str:
    """A date of `text` in the place of another: at a figure that the quotes give for another time, or in the main sentence."""
    said = [p for p in periods(text) if p.first]
    for figure in figures(text):
        mine = _last_before(said, figure.start)
        holding = [(one, held) for one in row for held in figures(one.quote) if _equal(figure, held)]
        if mine and holding and all(_at_another_time(mine, one, held) for one, held in holding):
            return mine.text
    held = [p for p in periods(main.quote, main.chunk.published) if p.first]
    left = [p for p in held if not any(_meet(q, p) for q in said)]
    return next((p.text for p in said if left and not any(_meet(p, q) for q in held)), "")


def _at_another_time(said: Period, one: Evidence, figure: Quantity) -> bool:
    told = _last_before([p for p in periods(one.quote, one.chunk.published) if p.first], figure.start)
    return told is not None and not _meet(said, told)


def _last_before(dates: Sequence[Period], at: int) -> Period | None:
    return next((p for p in reversed(dates) if p.end <= at), None)


def _meet(said: Period, held: Period) -> bool:
    """Whether a date is that of a quote, or the month or year of an event there."""
    if not (said.first and said.last and held.first and held.last):
        return False
    equal = (said.first, said.last) == (held.first, held.last)
    return equal or (said.first <= held.first and held.last <= said.last and (held.last - held.first).days < EVENT_DAYS)


def _by_another(text: str, main: Evidence) -> str:
    """Somebody, or something in quotation marks, of `text` where the quote names another in that part."""
    spoken = [match["who"] for match in _SAYS.finditer(text) if match["who"][-1] not in _NOBODY]
    held = [match["who"] for match in _SAYS.finditer(main.quote) if match["who"][-1] not in _NOBODY]
    if spoken and held and not any(who[-2:] in text for who in held):
        return spoken[0]
    titles = {match["who"]: match["title"] for match in _TITLED.finditer(main.quote)}
    for match in _TITLED.finditer(text):
        if titles.get(match["who"], match["title"]) != match["title"]:
            return match["title"]
    named, others = ([m["name"] for m in _QUOTED.finditer(t)] for t in (text, main.quote))
    strange = [name for name in named if name not in main.quote]
    return strange[0] if strange and others and not any(name in text for name in others) else ""


def _other_title(text: str, quotes: Sequence[str]) -> str:
    """What `text` says that somebody is (是一名医生), where the quotes name him and never with that word beside him."""
    for found in _IS.finditer(text):
        who, title = found["who"], found["title"]
        beside = [quote[max(0, at - _BESIDE) : at + _BESIDE] for quote in quotes for at in _places(who, quote)]
        if beside and who[0] in SURNAMES and not any(re.search(f"(?<!副){title}", one) for one in beside):
            return title
    return ""


def _turned_round(text: str, quotes: Sequence[str]) -> str:
    """A change of `text` (由9.7%升至11.2%, 由“增持”上调至“买入”) that the quotes give from its end to its beginning."""
    held = [pair for quote in quotes for pair in _from_to(quote)]
    return next((new for old, new in _from_to(text) if (new, old) in held and (old, new) not in held), "")


def _from_to(text: str) -> list[tuple[str, str]]:
    """What changed from what to what: figures by value and unit, words in quotation marks."""
    ends = [(q.start, q.end, f"{q.value:g}{q.unit}") for q in quantities(text) if q.kind not in ("rank", "bare")]
    ends += [(m.start(), m.end(), m["name"]) for m in _QUOTED.finditer(text)]
    made = []
    for (start, end, first), (begin, _, second) in pairwise(sorted(ends)):
        between = text[end:begin]
        if _FROM.search(text[:start]) and _TO.fullmatch(between):
            made.append((first, second))
        elif _LAST_YEAR.fullmatch(between):
            made.append((second, first))
    return made


def _places(word: str, text: str) -> list[int]:
    return [found.start() for found in re.finditer(re.escape(word), text)]


def _put_in(text: str, whole: str) -> str:
    """A noun or name of `text` in the place of another: what stands on both sides of it stands so around another in the quotes."""
    words = cut(text)
    starts = [sum(map(len, words[:i])) for i in range(len(words) + 1)]
    for i in range(len(words)):
        for j in range(i + 1, min(i + _TOGETHER, len(words)) + 1):
            place = tagged(words[i]) == "ns" and j == i + 1
            if not place and not all(content(word) and word not in whole for word in words[i:j]):
                continue
            own = text[starts[i] : starts[j]]
            left, right = text[max(0, starts[i] - _SIDE) : starts[i]], text[starts[j] : starts[j] + _SIDE]
            if len(left) == len(right) == _SIDE and _other_between(left, own, right, whole, place, text):
                return own
    return ""


def _other_between(left: str, own: str, right: str, whole: str, place: bool, text: str) -> bool:
    """Whether between `left` and `right` the quotes have another noun than `own`, another place for a place."""
    if left + own + right in whole:
        return False
    found = re.search(f"{re.escape(left)}(?P<other>[^，。；、“”]{{1,{_FILLER}}}?){re.escape(right)}", whole)
    others = [word for word in cut(found["other"]) if word not in text] if found else []
    return any(tagged(word) == "ns" if place else content(word) for word in others) and own not in (found or [""])[0]


def _altered(text: str, whole: str) -> str:
    """The part of `text` that the quotes have with another character in its middle (远航 for 远帆, 第一 for 第三医院)."""
    for at in range(_CONTEXT, len(text) - _CONTEXT):
        left, own, right = text[at - _CONTEXT : at], text[at], text[at + 1 : at + 1 + _CONTEXT]
        if _HAN.match(own) and left + own + right not in whole:
            found = re.search(f"{re.escape(left)}([\u4e00-\u9fff]){re.escape(right)}", whole)
            if found and _differ(own, found[1]):
                return left + own + right
    return ""


def _differ(own: str, other: str) -> bool:
    """Whether two characters may name different things: not two verbs (开工, 动工), nor such as sentences are made with."""
    tags = tagged(own)[:1], tagged(other)[:1]
    return own not in _LINKING and not any(tag in "pucdryf" for tag in tags) and tags != ("v", "v")


def _changed(text: str, quotes: Sequence[str]) -> str:
    """A figure that `text` gives as a change and the quotes as an amount, or as a part (常年的四成) and they as a change (少四成)."""
    for figure in quantities(text):
        change, part = _CHANGED.search(text[: figure.start]), _PART_OF.search(text[: figure.start])
        holding = [(quote, held) for quote in quotes for held in figures(quote) if _equal(figure, held)]
        if change and holding and not any(_CHANGES.search(quote[: held.start]) for quote, held in holding):
            return figure.text
        if part and holding and all(_BY.search(quote[: held.start]) for quote, held in holding):
            return figure.text
    return ""
