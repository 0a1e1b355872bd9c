"""Where a printed line goes on and where a paragraph ends: the lines of a page, under `clean`.

A page gives three kinds of evidence, strongest first: what a line *is* (heading, byline, caption, source), how it
ends (a sentence end, a comma, an open bracket) and how wide it is against its column. A column counts only where
several neighbouring lines agree on a width and the text has punctuation, so that a list of names stays a list.
"""

import re
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal[
    "plain", "code", "heading", "bullet", "report", "byline", "continued", "end", "date", "caption", "credit"
]

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff々〇"
_ENDED = re.compile(r"(?:[。！？!?…]|(?<=[A-Za-z])\.)[”’」』）)》】\"']*\Z")
_NEVER_FIRST = frozenset("，。、；：！？％%）》】」』”’,;)]")
_OPENERS = "（《“‘「『【("
_CLOSERS = "）》”’」』】)"
_PUNCTUATED = re.compile(r"[，。；、！？,;.]")
_MARKS = re.compile(r"(?:#{1,6} +|> ?)+(?=\S)")
_RULE = re.compile(r"([-*_=─—])\1{2,}\Z")
_WORD = re.compile(r"(?:[0-9A-Za-z.,%_'’-]+|.)[，。、；：！？％%）》】」』”’]*")  # what a line cannot break
_ENUMERATED = re.compile(
    r"\d{1,3}(?:[、)）]|\.(?!\d))|[（(][\d一二三四五六七八九十]{1,3}[）)]|[一二三四五六七八九十]{1,3}、"
)
_UNITS = frozenset("年月日号时分秒个家万亿元余多人项条件台名位次所座倍美")
_WIDEST = 60  # Han characters; longer lines are paragraphs, not a column
_WORDS = re.compile(f"[{HAN}A-Za-z]{{2}}")
_NARROW = re.compile(r"[ -~\u00a1-\u00ff]+")

_BULLET = re.compile(r"[-*+•·▪◦‣] |\|")
_FENCE = re.compile(r"`{3}|~{3}")
_SIGNED_HEADING = re.compile(r"[●◆■★◎○◇□] *\S|【[^【】]{1,20}】\Z")
_REPORT = re.compile(r"\S{2,14}[讯电] ?[（(][^）)]{0,30}(?:记者|通讯员)|新华社\S{2,12}电\b")
_BYLINE = re.compile(
    r"[■□◆▲●] ?\S{0,12}(?:记者|通讯员)|(?:\S{2,8}(?:日报|晚报|时报|商报|早报)|本报|新华社)?"
    r"(?:首席|见习|特派|全媒体)?记者[ ：:](?!.*[，。；])"
)
_CONTINUED = re.compile(r"[（(]上接.{1,10}版[）)]")
_END = re.compile(r"[（(【]?(?:本文|文章|稿件|信息|内容)?来源[：:]|[（(]?(?:责任编辑|责编|责任校对)[：:]")
_DATE = re.compile(
    r"(?:19|20)\d\d ?(?:年 ?\d{1,2} ?月 ?\d{1,2} ?日|[-/.]\d{1,2}[-/.]\d{1,2})(?: *\d{1,2}:\d\d(?::\d\d)?)?\Z"
)
_CAPTION = re.compile(r"(?:图为|[上下左右]图|图\d{0,2}[：:]|资料图|图片来源|图源|[▲△▼↑] ?\S)")
_CREDIT = re.compile(
    rf"(?:\A|[\s。；，]|记者)[{HAN}·]{{2,4}} ?摄 ?(?:[(（].{{1,12}}[)）])?\Z"
    r"|[（(](?:资料图片?|新华社发|\S{1,10}供图)[）)]\Z"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank: its content is `text[start:end]` of the page, marks and margins left out.

    `width` counts Han characters (others half); `level` is that of a markdown heading, 0 for none; `gap` is the
    number of blank lines above; `ruled` says that a rule (`---`) stood there.
    """

    text: str
    start: int
    end: int
    kind: Kind
    level: int
    width: float
    indent: int
    gap: int
    ruled: bool


def read_lines(page: str) -> list[Line]:
    """The lines of a page that are not blank, in order."""
    lines: list[Line] = []
    position, gap, ruled, fenced = 0, 0, False, False
    for whole in page.split("\n"):
        start, position = position, position + len(whole) + 1
        content = whole.strip(" ")
        if content and content[0] in "=-" and not gap and lines and _underlines(content, lines[-1]):
            lines[-1] = replace(lines[-1], kind="heading", level=1 if content[0] == "=" else 2)
            continue
        if not content or _RULE.match(content):
            gap, ruled = gap + 1, ruled or bool(content)
            continue
        indent = len(whole) - len(whole.lstrip(" "))
        start += indent
        end = start + len(content)
        fence = _FENCE.match(content) is not None
        marks = _MARKS.match(content) if content[0] in "#>" and not fenced else None
        level = 0
        if marks:
            level = len(marks[0].split()[-1]) if "#" in marks[0] else 0
            start += marks.end()
            content = content[marks.end() :]
        kind: Kind = "code" if fence or fenced else "heading" if level else kind_of(content)
        fenced = fenced != fence
        lines.append(Line(content, start, end, kind, level, _width(content), indent, gap, ruled))
        gap, ruled = 0, False
    return lines


def _underlines(content: str, above: Line) -> bool:
    """Whether a row of `=` or `-` right under a short line makes a heading of it, as in Markdown."""
    return bool(_RULE.match(content)) and above.kind == "plain" and len(above.text) <= 40 and not ended(above.text)


def kind_of(content: str) -> Kind:
    """What a line is by its own words."""
    short = len(content) <= 60
    if _BULLET.match(content):
        return "bullet"
    if _CREDIT.search(content[-40:]) and short:
        return "caption" if _CAPTION.match(content) else "credit"
    if _REPORT.match(content):
        return "report"
    if not short:
        return "plain"
    tests: tuple[tuple[re.Pattern[str], Kind], ...] = (
        (_BYLINE, "byline"),
        (_CONTINUED, "continued"),
        (_END, "end"),
        (_DATE, "date"),
        (_CAPTION, "caption"),
    )
    for pattern, kind in tests:
        if pattern.match(content):
            return kind
    return "heading" if _SIGNED_HEADING.match(content) and content[-1] not in "。；" else "plain"


def ended(content: str) -> bool:
    """Whether a line ends a sentence, closing quotes and brackets included."""
    return _ENDED.search(content, max(0, len(content) - 8)) is not None


def is_headline(content: str) -> bool:
    """Whether a paragraph reads like a headline: short, with words, no sentence end and no comma at its end."""
    content = content[4:] if content.startswith(("原标题：", "原标题:")) else content
    if not 4 <= len(content) <= 40 or content[-1] in "，、；：,。！!" or "。" in content:
        return False
    if _ENUMERATED.match(content) or kind_of(content) not in ("plain", "heading"):
        return False
    return _WORDS.search(content) is not None


def goes_on(lines: list[Line]) -> list[bool]:
    """For each line but the last, whether its sentence or paragraph goes on in the next."""
    columns = _columns(lines)
    return [_joins(lines, columns, i) for i in range(len(lines) - 1)]


def _width(content: str) -> float:
    """The printed width of a line in Han characters; spaces are left out, since narrow columns are spaced to fill."""
    if content.isascii():
        return len(content) / 2
    narrow = sum(map(len, _NARROW.findall(content))) - content.count(" ")
    return len(content) - content.count(" ") - narrow / 2


def _columns(lines: list[Line]) -> list[float]:
    """For each line, the width of the column it stands in by the lines beside it, 0 where they do not agree."""
    columns = [0.0] * len(lines)
    for first, last in _blocks(lines):
        for i in range(first, last):
            width = lines[i].width
            window = lines[max(first, i - 2) : min(last, i + 3)]
            if not any(_PUNCTUATED.search(line.text, 0, len(line.text) - 1) for line in window):
                continue
            agreeing = [line for line in window if abs(line.width - width) <= max(1.5, width / 10)]
            cut = sum(not ended(line.text) for line in agreeing)
            if len(agreeing) > 2 and cut > 1 and 3 <= width <= _WIDEST:
                columns[i] = max(line.width for line in agreeing)
    return columns


def _blocks(lines: list[Line]) -> list[tuple[int, int]]:
    """The ranges of lines with no blank line between them."""
    starts = [i for i, line in enumerate(lines) if i == 0 or line.gap or line.ruled]
    return list(zip(starts, [*starts[1:], len(lines)], strict=True))


def _near_columns(lines: list[Line], columns: list[float], i: int) -> list[float]:
    """The columns a line may belong to: those beside it in its block, else the nearest above and below."""
    beside = [columns[k] for k in (i - 1, i, i + 1) if 0 <= k < len(lines) and columns[k]]
    if beside and columns[i]:
        return [min(beside)] if lines[i].width >= min(beside) else [columns[i]]
    reach = range(1, 12)
    above = next((columns[i - k] for k in reach if i - k >= 0 and columns[i - k]), 0.0)
    below = next((columns[i + k] for k in reach if i + k < len(lines) and columns[i + k]), 0.0)
    if i + 1 < len(lines) and lines[i + 1].gap and below:
        return [below]
    return [max(above, below)] if above or below else []


def _wrapped_wide(lines: list[Line], i: int) -> bool:
    """Whether a long line is one of several of its width that all break off, so that the page is that wide."""
    width = lines[i].width
    near = [*lines[max(0, i - 8) : i], *lines[i + 1 : i + 9]]
    return any(abs(line.width - width) <= 2 and not ended(line.text) for line in near)


def _joins(lines: list[Line], columns: list[float], i: int) -> bool:
    above, below = lines[i], lines[i + 1]
    if above.kind not in ("plain", "report", "bullet", "caption") or below.ruled:
        return False
    if below.kind not in ("plain", "credit") or below.level:
        return False
    if below.text[0] in _NEVER_FIRST:
        return True
    if below.indent >= above.indent + 2 or below.gap > 2:
        return False
    near = _near_columns(lines, columns, i)
    if ended(above.text):
        return not below.gap and bool(columns[i]) and above.width >= columns[i] - 0.6 and columns[i] >= 8
    return _unfinished(above, below) or _fills(lines, near, i)


def _unfinished(above: Line, below: Line) -> bool:
    """Whether the words themselves say that the sentence is not over."""
    if _ENUMERATED.match(below.text):
        return False
    text = above.text
    last = max(text.rfind(mark) for mark in _OPENERS)
    open_ = last >= 0 and last > max(text.rfind(mark) for mark in _CLOSERS)
    return text[-1] in "，、" or (open_ and below.gap <= 1 and len(text) - last < 40)


def _fills(lines: list[Line], near: list[float], i: int) -> bool:
    """Whether a line without a sentence end reaches the edge of its column, so that it had to break."""
    above, below = lines[i], lines[i + 1]
    text = above.text
    word = _WORD.match(below.text)
    room = _width(word[0]) + 0.5 if word else 1.0
    bare = not _PUNCTUATED.search(text)
    tops_block = i == 0 or above.gap > 0
    flush = bool(near) and below.width >= max(near) - 1.2
    indent = 2.0 if (flush and not bare if below.gap else tops_block) else 0.0
    full = any(
        above.width >= width - max(2.5, indent + 1.5, indent + width * 0.12, min(room, width / 3)) for width in near
    )
    prose = above.width >= 40 and bool(re.search("[，。；]", text)) and bool(re.search("[。！？；]", below.text))
    if not below.gap:
        full = full or (prose and _wrapped_wide(lines, i))
        titled = tops_block and bare and above.kind == "plain" and ("：" in text or text[-1] in "”》？！")
        return full and not (titled and near and max(above.width, below.width) <= max(near) - 1.5)
    if tops_block and bare and above.width < 30:
        return False
    if full:
        return text[-1] not in "：:"
    if text[-1].isascii() and below.text[0] not in _UNITS:
        return False
    return prose and text[-1] not in "：）】》”"
