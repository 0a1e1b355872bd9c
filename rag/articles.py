"""Which paragraphs make an article, what its headline is, and which paragraphs only repeat others; under `clean`.

Several articles often share a file. An article begins where the file says so: a marked heading, a reporter's line,
`（上接第一版）`, the paragraph after a source line or a rule. A wrong split is worse than a missed one, so a section
heading, whatever its level, begins none. On a newspaper page a headline may stand far from its article; it goes to
the article that shares its words.
"""

import re
from collections.abc import Sequence

from rag.layout import Line, ended, is_headline
from rag.types import Article

_ITEM = re.compile(r"[●◆■★◎○◇□] *")
_ORIGINAL = re.compile(r"原标题[：:] *")
_COLUMN = re.compile(r"【[^【】]{1,20}】\Z")
SURNAMES = frozenset(  # the hundred most common, of four in five people
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪"
    "范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_REPEAT_CHARS, _REPEAT_LINE = 150, 30  # shorter repetitions may be meant: a refrain, the rows of a table


def repeated_paragraphs(paragraphs: Sequence[str]) -> set[int]:
    """The indices of paragraphs in runs that repeat an earlier run word for word (an opening bracket aside)."""
    seen: dict[str, int] = {}
    dropped: set[int] = set()
    run: list[int] = []
    expected = -1

    def close() -> None:
        if sum(len(paragraphs[k]) for k in run if len(paragraphs[k]) >= _REPEAT_LINE) >= _REPEAT_CHARS:
            dropped.update(run)
        run.clear()

    keys = [text.lstrip("（(") for text in paragraphs]
    for i, key in enumerate(keys):
        if run and keys[expected] != key:
            close()
        if not run:
            expected = seen.get(key, -1)
        if expected >= 0:
            run.append(i)
            expected += 1
        seen.setdefault(key, i)
    close()
    return dropped


def find_articles(paragraphs: Sequence[tuple[int, Line]]) -> tuple[Article, ...]:
    """The articles of a text given as paragraphs with their offsets; together they hold every paragraph."""
    lines = [line for _, line in paragraphs]
    starts = _settled(lines, _starts(lines))
    ends = [*starts[1:], len(lines)]
    headlines = _headlines(lines, list(zip(starts, ends, strict=True)))
    return tuple(
        Article(paragraphs[first][0], paragraphs[last - 1][0] + len(lines[last - 1].text), headline)
        for first, last, headline in zip(starts, ends, headlines, strict=True)
    )


def _is_body(line: Line) -> bool:
    return (
        line.kind in ("plain", "report", "bullet") and len(line.text) >= 25 and bool(re.search("[。！？；]", line.text))
    )


def _starts(lines: Sequence[Line]) -> list[int]:
    """The indices of paragraphs that begin an article, the first one included."""
    starts = [0]
    body = False
    for i, line in enumerate(lines):
        if i and _begins(lines, i, body):
            first = _heading_top(lines, i)
            if first > starts[-1]:
                starts.append(first)
                body = False
        body = body or _is_body(line)
    return starts


def _begins(lines: Sequence[Line], i: int, body: bool) -> bool:
    line, above = lines[i], lines[i - 1]
    if line.ruled:
        return True
    if line.kind == "heading" and (above.kind != "heading"):
        return _heading_begins(lines, i)
    if not body or line.kind == "end":
        return False
    if line.kind == "byline":
        return (
            bool(_ITEM.match(line.text))
            or above.kind == "heading"
            or (is_headline(above.text) and above.kind == "plain")
        )
    return line.kind in ("report", "continued") or _closes(lines, i - 1)


def _heading_top(lines: Sequence[Line], i: int) -> int:
    """The first of the headings and headline-like paragraphs right above a reporter's line, else `i`."""
    if lines[i].kind not in ("byline", "report"):
        return i
    first = i
    while first > 1 and lines[first - 1].kind == "heading":
        first -= 1
    if first == i and lines[i].kind == "byline" and not _ITEM.match(lines[i].text):
        while first > 1 and i - first < 3 and lines[first - 1].kind == "plain" and is_headline(lines[first - 1].text):
            first -= 1
    return first


def _heading_begins(lines: Sequence[Line], i: int) -> bool:
    """Whether the run of headings at `i` begins an article rather than a section."""
    last = i
    while last + 1 < len(lines) and lines[last + 1].kind == "heading":
        last += 1
    group = lines[i : last + 1]
    marked = any(
        line.level == 1 or (line.level and (_ITEM.match(line.text) or _COLUMN.match(line.text))) for line in group
    )
    follows = last + 1 < len(lines) and lines[last + 1].kind in ("byline", "report")
    return marked or follows or _closes(lines, i - 1)


def _closes(lines: Sequence[Line], i: int) -> bool:
    """Whether paragraph `i` ends its article: a source line under the text, or the writer's name and a wide gap."""
    line = lines[i]
    first = i
    while first > max(0, i - 10) and lines[first].kind == "end":
        first -= 1
    if line.kind == "end":
        return first >= 0 and lines[first].kind != "end" and (ended(lines[first].text) or _is_body(lines[first]))
    signed = (
        2 <= len(line.text) <= 3 and line.text[0] in SURNAMES and line.gap > 0 and i > 0 and ended(lines[i - 1].text)
    )
    return signed and i + 1 < len(lines) and lines[i + 1].gap >= 3


def _settled(lines: Sequence[Line], starts: list[int]) -> list[int]:
    """The starts, less that of a last article of headings alone, and with headlines moved to the article they fit."""
    ends = [*starts[1:], len(lines)]
    kept = [
        first
        for first, last in zip(starts, ends, strict=True)
        if first == 0 or last < len(lines) or any(line.kind != "heading" for line in lines[first:last])
    ]
    words = [
        _bigrams("".join(line.text for line in lines[a:b] if _is_body(line))) for a, b in _ranges(kept, len(lines))
    ]
    for k in range(1, len(kept)):
        while kept[k] - 1 > kept[k - 1] and lines[kept[k]].kind != "continued":
            text = lines[kept[k] - 1].text
            if lines[kept[k] - 1].kind != "plain" or not is_headline(text):
                break
            if _share(text, words[k]) <= max(0.2, _share(text, words[k - 1])):
                break
            kept[k] -= 1
    return kept


def _ranges(starts: list[int], end: int) -> list[tuple[int, int]]:
    return list(zip(starts, [*starts[1:], end], strict=True))


def _headlines(lines: Sequence[Line], ranges: list[tuple[int, int]]) -> list[str]:
    """The headline of each article, "" where none is found."""
    found = [_marked_headline(lines[first:last]) for first, last in ranges]
    if len(ranges) == 1 and not found[0]:
        return [_plain_headline(lines)]
    words = [_bigrams("".join(line.text for line in lines[a:b] if _is_body(line))) for a, b in ranges]
    displaced: list[list[str]] = [[] for _ in ranges]
    for k, (first, last) in enumerate(ranges):
        for i in _edges(lines, first, last):
            near = range(max(0, k - 4), min(len(ranges), k + 5))
            best = max(near, key=lambda n: (_share(lines[i].text, words[n]), n == k))
            if _share(lines[i].text, words[best]) >= 0.2:
                displaced[best].append(lines[i].text)
    return [headline or " ".join(texts[:3]) for headline, texts in zip(found, displaced, strict=True)]


def _edges(lines: Sequence[Line], first: int, last: int) -> list[int]:
    """The plain headline-like paragraphs above the first and below the last body paragraph of an article."""
    bodies = [i for i in range(first, last) if _is_body(lines[i])]
    if not bodies:
        return []
    outside = [*range(first, bodies[0]), *range(bodies[-1] + 1, last)]
    return [i for i in outside if lines[i].kind == "plain" and is_headline(lines[i].text)]


def _marked_headline(lines: Sequence[Line]) -> str:
    """The headline among the marked headings that open an article: a marked item, else down to the highest level."""
    group: list[Line] = []
    for line in lines:
        if line.kind != "heading":
            break
        group.append(line)
    items = [line.text for line in group if _ITEM.match(line.text)]
    if items:
        return _ITEM.sub("", items[-1], count=1)
    levels = [line.level for line in group if not _COLUMN.match(line.text)]
    if not levels:
        return group[0].text if group else ""
    texts = [line.text for line in group if not _COLUMN.match(line.text)]
    return "".join(texts[: levels.index(min(levels)) + 1])


def _plain_headline(lines: Sequence[Line]) -> str:
    """The headline-like paragraphs that open a text of one article, where its body follows."""
    for i, line in enumerate(lines[:4]):
        if _is_body(line) or not (line.kind == "plain" and is_headline(line.text)):
            break
        if i + 1 < len(lines) and not is_headline(lines[i + 1].text):
            return " ".join(_ORIGINAL.sub("", above.text) for above in lines[: i + 1])
    return ""


def _bigrams(text: str) -> frozenset[str]:
    return frozenset(text[i : i + 2] for i in range(len(text) - 1))


def _share(headline: str, words: frozenset[str]) -> float:
    """The share of a headline's character pairs that an article has, in [0, 1]."""
    own = _bigrams(re.sub(r"[^\w]", "", headline))
    return len(own & words) / len(own) if own else 0.0
