"""What a question asks for: `parse(question, history)`. First stage of asking.

>>> parse("武汉2024年离岸外包做了多少").asked
'number'
>>> history = [Turn("user", "武汉2024年服务外包执行额是多少"), Turn("assistant", "568.3亿元")]
>>> parse("那2025年呢？", history).text
'武汉2025年服务外包执行额是多少'
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from rag.clean import clean
from rag.periods import Period, periods
from rag.quantities import Quantity, quantities
from rag.tokens import cut, fold, tagged
from rag.types import Turn

Asked = Literal["explain", "date", "place", "list", "number", "organisation", "person", "title", "what"]
ASKED: tuple[Asked, ...] = ("explain", "date", "place", "list", "number", "organisation", "person", "title", "what")

_PLACES = (
    "城市|省份?|市|县|区|国家|国|州|镇|乡|村|地区|地方|街道|岛|洲|园区|产业园|小区|社区|景区|机场|车站|站|广场|路|场馆"
)
_BODIES = "公司|企业|机构|单位|部门|大学|高校|学校|医院|银行|组织|协会|法院|媒体|报社|平台|俱乐部|球队|队|学院|研究院|厂商|品牌|家"
_WORKS = "书|歌|片|电影|节目|剧|游戏|文章|报告|法案|条例|法律|文件|计划|行动|活动|比赛|奖|主题|标题|口号|项目|系统|导弹|产品|手机|车型|软件"
_SIZES = (
    "率|额|量|数|总数|人数|数量|比例|占比|比重|增速|增幅|涨幅|跌幅|降幅|价格?|售价|面积|长度|高度|重量|深度|温度|分数|市值|规模|金额|成本|利润|收入|"
    "票房|年龄|身高|容量|功率|续航|罚金|赔偿|工资|月薪|奖金|上限|下限|次数|天数|震级|幅度|变化|体量"
)
_PATTERNS: tuple[tuple[Asked, str], ...] = (
    ("explain", "为什么|为何|为啥|因为什么|因何|怎么(?:样|办|做|回事|要求|看|学|帮)?|如何|怎样|咋|什么是|什么意思|是指什么|干什么|干啥|干嘛|什么用|做什么|什么原因|哪些原因|原因(?:是|$)|区别|分歧|(?:内容|意义|影响|作用)是?(?:什么|啥)"),
    ("number", "多少|百分之几|几成|几分之几|多大(?:比例|面积|规模)?|多高|多长|多重|多远|多宽|多深|多久|多快|多厚|几(?=[个家名位人项次条件台辆部款种座届场所套张只支本册份处组对倍岁天年月周小层亿万千百公米吨元块])(?!月|号|年[在开上]|个月份)"),
    ("date", "什么时候|什么时间|何时|啥时候|哪一?年|哪一?天|哪一?日|哪个月|几月|几号|几几年|几点|哪年哪月|(?:时间|日期|年份)(?:是(?:什么|哪)?|为|$)"),
    ("list", "哪些|哪几|有什么(?=.{0,6}[、？?]?$)|包括什么|都有谁|都是谁|哪[两三四五六七八九十]|分别(?:是|指|为|叫)"),
    ("place", f"哪里|哪儿|何处|何地|什么地方|啥地方|在哪|到哪|去哪|哪办|(?:哪|什么|啥)一?个?(?:{_PLACES})|(?:地点|地址|举办地|产地|出生地|位置)(?:是|在|$)"),
    ("organisation", f"(?:哪|什么|啥)一?[家个所支]?(?:{_BODIES})|谁家|哪一?家|(?:{_BODIES})(?:是(?:什么|哪)|叫什么|$)"),
    ("person", "谁|哪一?位|何人|什么人|啥人|哪个人|(?:导演|主演|作者|主持人|董事长|总统|校长|部长|院长|市长|书记|主任|教练|冠军|得主|创始人|姓名|负责人|嘉宾)(?:是|叫|$)"),
    ("title", f"哪一?[本部首款份项篇档种]|(?:什么|啥|哪个|哪项)(?:{_WORKS})|(?:{_WORKS}|名称|全称|名字|题目)又?(?:是(?:什么|啥)|叫(?:什么|啥)|$)|叫(?:什么|啥)"),
    ("number", rf"(?:{_SIZES})(?:是|有|为|达|$)"),
)  # fmt: skip
_TABLE = tuple((asked, re.compile(pattern)) for asked, pattern in _PATTERNS)
_FILLER = re.compile(
    r"^(?:那么?|请问|我想知道|帮我(?:查|捋)?一?下?|麻烦|想问一?下?|又|还有)+|(?:呢|呀|啊|吗|吧|来着|(?<![什怎])么)?[？?。！!\s]*$"
)
_INTERROGATIVE = re.compile("为什么|为何|为啥|因何|如何|百分之几|什么|啥|谁|哪|多|几|吗|何|咋|怎|是不是|有没有")
_NAMED = re.compile(r"它|他|她|这家|那家|这位|那位|这本|那本|该(?:公司|企业|机构|项目|平台|人)")
_POINTING = re.compile(rf"{_NAMED.pattern}|该|此|这个|那个|其(?!他|实|余)|上述|同期|同比|环比")
_RELATIVE_RANK = re.compile(r"(上|下|前|后)一?(届|期|次|季|集|年|轮)")


@dataclass(frozen=True, slots=True)
class Question:
    """A question made whole. `text` stands alone; `typed` is what the user wrote.

    `asked` is the kind of answer wanted, `cue` the words that say so (offsets in `text`), `head` the noun it is asked of
    ("" if none), `periods` and `quantities` what the question itself fixes. `synonyms` are pairs (term, other form), both
    folded: the first stands in `text`, and a passage that holds the second says the same (服博会, its full name).
    """

    typed: str
    text: str
    asked: Asked
    cue: tuple[int, int]
    head: str
    periods: tuple[Period, ...]
    quantities: tuple[Quantity, ...]
    synonyms: tuple[tuple[str, str], ...] = ()


def parse(question: str, history: Sequence[Turn] = (), today: date | None = None) -> Question:
    """The question as values; a follow-up takes from `history` what it leaves out."""
    typed = " ".join(question.split())
    text = standalone(_plain(typed), [Turn(turn.role, _plain(turn.text)) for turn in history])
    asked, cue = _asked(text)
    dated = periods(text, today)
    counted = tuple(q for q in quantities(text) if not any(p.start <= q.start < p.end for p in dated))
    return Question(typed, text, asked, cue, _head(text, cue), dated, counted)


def _plain(text: str) -> str:
    """`text` in half width and simplified characters, without the layout that a page put into it (武 汉); case is kept."""
    cleaned = clean(text).text.replace("\n", " ")
    return "".join(c if c.isascii() else folded for c, folded in zip(cleaned, fold(cleaned), strict=True))


def _asked(text: str) -> tuple[Asked, tuple[int, int]]:
    trimmed = _FILLER.sub("", text) or text
    offset = max(0, text.find(trimmed))
    for asked, pattern in _TABLE:
        match = pattern.search(trimmed)
        if match:  # 主题 of 主题是什么 is what is looked for, only 什么 asks
            asking = _INTERROGATIVE.search(trimmed, *match.span())
            return asked, ((asking.start() if asking else match.end()) + offset, match.end() + offset)
    return "what", (len(text), len(text))


def _head(text: str, cue: tuple[int, int]) -> str:
    """The noun right after the cue (多少企业), or else the last noun before it (执行额是多少); "" where there is none."""
    after = _nouns(text[cue[1] : cue[1] + 6])
    return after[0] if after else next(iter(reversed(_nouns(text[: cue[0]]))), "")


def _nouns(text: str) -> list[str]:
    """The nouns of `text`, a single character after a word taken as its suffix (执行额)."""
    joined: list[str] = []
    for word in cut(text):
        suffix = len(word) == 1 and joined and len(joined[-1]) > 1 and (tagged(word) or "x")[0] == "n"
        if suffix:
            joined[-1] += word
        else:
            joined.append(word)
    return [word for word in joined if len(word) > 1 and (tagged(word) or "n")[0] in "nlvj" and word.isalnum()]


def standalone(question: str, history: Sequence[Turn]) -> str:
    """The question with what it leaves out filled in from the user's earlier questions.

    A question that only names another period or scope ("那2025年呢", "离岸的呢") is the earlier one with that replaced.
    One that points back ("它", "这家公司") or is too short to stand alone takes the earlier subject along. Any other
    stands alone.
    """
    asked = [turn for turn in history if turn.role == "user"]
    if not asked:
        return question
    at = max(i for i, turn in enumerate(history) if turn.role == "user")
    before = standalone(asked[-1].text, history[:at])
    reply = history[at + 1].text if at + 1 < len(history) else ""
    core = _FILLER.sub("", question).strip("，, 的")
    if not core:
        return before
    if not _INTERROGATIVE.search(core) and len(core) <= 12:
        return _replaced(before, core)
    if _POINTING.search(core) or _RELATIVE_RANK.search(core) or _incomplete(core):
        return _inherited(before, reply, core)
    return question


def _replaced(before: str, core: str) -> str:
    """`before` with its period, rank or sibling term replaced by `core`."""
    new = periods(core)
    if new:
        old = periods(before)
        if old:
            return before[: old[0].start] + new[0].text + before[old[0].end :]
        return new[0].text + before
    ranks = [q for q in quantities(core) if q.kind == "rank"]
    old_ranks = [q for q in quantities(before) if q.kind == "rank"]
    if ranks and old_ranks:
        return before[: old_ranks[0].start] + core + before[old_ranks[0].end :]
    sibling = _sibling(before, core)
    if sibling:
        return before.replace(sibling, core, 1)
    asked, cue = _asked(before)
    found = periods(before)
    at = found[0].end if found else 0
    return before[:at] + core + before[at:] if asked != "what" or cue else core + before


def _sibling(before: str, core: str) -> str:
    """The part of `before` that `core` contrasts with: of equal length and differing in one character (线上, 线下)."""
    size = len(core)
    parts = (before[i : i + size] for i in range(len(before) - size + 1)) if size > 1 else ()
    return next((part for part in parts if sum(a != b for a, b in zip(part, core, strict=True)) == 1), "")


def _incomplete(core: str) -> bool:
    """Whether a question names too little to stand alone: no name, number or quotation, and few words of content."""
    told = [w for w in cut(_cueless(core)) if len(w) > 1 and (tagged(w) or "x")[0] not in "uprcdmty"]
    named = any((tagged(w) or "x") in ("nr", "ns", "nt", "nz", "x") for w in told) or "《" in core or "“" in core
    return len(told) <= 2 and not named


def _cueless(text: str) -> str:
    _, (start, end) = _asked(text)
    return text[:start] + " " + text[end:]


def _inherited(before: str, reply: str, core: str) -> str:
    """`core` with the subject of `before` put in front; its period gives way to one that `core` names."""
    told = _told(reply) if _NAMED.search(core) else ""
    if told:
        return f"{told} {core}"
    subject = _cueless(_FILLER.sub("", before))
    shift = _RELATIVE_RANK.search(core)
    ranks = [q for q in quantities(subject) if q.kind == "rank"]
    if shift and ranks:
        next_rank = int(ranks[0].value) + (1 if shift[1] in "下后" else -1)
        subject = subject[: ranks[0].start] + f"第{_numeral(next_rank)}{shift[2]}" + subject[ranks[0].end :]
        core = core.replace(shift.group() + "的", "").replace(shift.group(), "")
    elif periods(core):
        for old in reversed(periods(subject)):
            subject = subject[: old.start] + subject[old.end :]
    words = [w for w in cut(subject) if w.strip() and w not in core and (tagged(w) or "x")[0] not in "uyr"]
    return ("".join(words) + " " + core).strip()


def _told(reply: str) -> str:
    """What an earlier reply named: its first sentence without source markers, "" where it holds only a figure."""
    first = re.split(r"[。！？\n]", re.sub(r"\[\d+\]", "", reply).strip(), maxsplit=1)[0]
    first = first.removeprefix("是").removeprefix("叫")
    return "" if any(q.start == 0 and q.end == len(first) for q in quantities(first)) else first


def _numeral(n: int) -> str:
    digits = "零一二三四五六七八九"
    tens, ones = divmod(n, 10)
    if tens == 0:
        return digits[ones]
    return ("" if tens == 1 else digits[tens]) + "十" + (digits[ones] if ones else "")
