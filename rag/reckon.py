"""What a question wants worked out, and from which figures: `reckoning(question)`. Beside plan, before retrieve.

    A和B差多少, A比B多多少      difference     A占B的比例             share
    从2022年到2024年涨了多少    difference     A以外的合计            difference from the total
    A和B加起来                  sum            在岸的能算出来吗       the total less the other half
    A和B哪个更大                the larger     A是B的几倍             ratio

Each figure becomes a question of its own. Most shares and growth rates stand in the documents: those are `stated` first.
"""

import re
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Literal

from rag.coordinate import JOINERS, PARALLEL, Coordination, coordinations, counterpart
from rag.periods import periods, undated
from rag.question import Question
from rag.tokens import cut, tagged
from rag.types import Operation

_UNIT = r"(?P<unit>[^，,。？?！!；\s吗呢啊呀]{0,5})"
_VERB = "高出|多出|超出|增加|增长|减少|下降|提高|扩大|缩小|收窄|上升|上涨|回落|[多少高低大小长短重轻快慢贵涨降跌增减]"
_MORE = re.compile(
    rf"(?:一共|总共|大概|大约|约)?(?P<verb>{_VERB})(?:了|出|到)?[赚卖产花用招投]?(?:大概|大约|约)?(?:多少|几(?!倍|成)|百分之几)个?{_UNIT}"
)
_APART = re.compile(
    rf"(?:两者|二者|之间|它们|两地|两家)?(?:相差|差距|差额|差)(?:了|是|有|为)?(?:大概|大约|约)?(?:多少|几(?=个))个?{_UNIT}"
)
_RATE = re.compile("率|增长|增速|增幅|涨幅|降幅|占比|比重|比例")
_LARGER = "大多高长快强重远贵"
_WHO = "(?:哪一?[个年届家边方者项种季月地类国]|谁|何者)"
_GRADE = f"[{_LARGER}少低小短慢]"
_WHICH = re.compile(
    rf"(?:的)?(?:是|要)?{_WHO}的?(?P<what>[^，,。？?]{{0,14}}?)(?P<which>(?:更|最|比较|要)(?P<how>{_GRADE})|得?(?P<plain>{_GRADE})(?=[，,、？?；;\s]|$))"
    rf"|(?P<before>[^，,。？?]{{0,14}}?)(?P<most>最(?P<mosthow>{_GRADE}))的?(?:是|为)?{_WHO}"
)
_AMONG = re.compile(
    "(?<![前近头后上下第])(?:这|那)?(?:[两二三四五六七几]|(?<![\\d.])\\d{1,2})(?:[者地家个项类国省市](?![季月年周天])|大[一-龥]{1,3}?)(?:之?[间中里]|当中)?的?"
)
_SHARE = re.compile(
    r"(?P<part>.{2,40}?)(?<![侵独抢强])所?占(?!比[是为有达多]|比$|[地用])(?:了|到)?(?P<whole>[^，,]*?)(?:的|当中的?|里的?)?(?:多大)?(?:比例|比重|百分比|份额|占比|百分之[几多]|几成|多少)"
)
_INSIDE = re.compile("(?P<whole>.+)(?:里面?|当中|之?中)[，,]?(?P<part>.{2,}?)(?:部分)?$")
_OUTSIDE = re.compile(
    r"(?:除了|除去|除)?(?P<part>[^，,。？?]+?)(?:以外|之外)的?(?:其他|其它|其余|别的)?的?(?:地方|地区|城市|企业|公司|部分|国家|省份)?的?"
)
_TOGETHER = re.compile("(?:一共|总共|合计|加起来|合起来|相加|之和|总和|加在一起|加总)(?:一共|总共|是|有)?")
_TIMES = re.compile(r"(?P<new>.+?)(?:大约|大概|约|至少)?(?:是|为|相当于)(?P<old>[^，,]+?)的?(?:几|多少)倍")
_FROM_TO = re.compile(
    r"从(?P<old>[^，,到至]{2,12}?)(?:到|至)(?P<new>(?:\d{4}年?[^，,的]{0,5}?)(?=[，,的]|[^\d年月季度上下半底末初]))[，,]?"
)
_MORE_THAN = "[比较]|同比|[高低多少]于|[高多超]出|超过"
_POINTS = re.compile("百分点$|^个?点$")
_OWN_WORDS = 2
_NAME = 2  # characters at least
_SCOPES = ("全国", "我国", "全球", "全省", "全市", "世界", "总额", "总量", "总数", "的")
_NATION = re.compile("我国|全国|中国|全球|世界")
_ALL = re.compile("^(?:全部|整个|所有|总|总的|合计|全体)")
_WORKED_OUT = re.compile("能?算(?:一下|得?出来?)(?:吗|么)?|能不能算(?:出来)?|推算")
_HALVES = {"在岸": "离岸", "线上": "线下", "城镇": "农村", "境内": "境外", "男性": "女性"}
HALVES = _HALVES | {other: half for half, other in _HALVES.items()}

Aim = Literal["result", "larger", "smaller"]


@dataclass(frozen=True, slots=True)
class Operand:
    """A figure to find: the question for it, what names it, and what it must and must not be a figure of.

    `rate` where it is a percentage (哪个增长更快).
    """

    text: str
    label: str
    must: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    rate: bool = False


@dataclass(frozen=True, slots=True)
class Reckoning:
    """`operation` on the figures of `operands`, in the order of `rag.arithmetic.calculated`.

    `aim` is the result, or which of the operands is the larger or smaller; `which` are the question's words for that.
    `apart` where it also asks by how much, or where the order of the operands does not matter. `stated` is what a
    sentence says that states the result itself (a regular expression), "" where none is looked for.
    """

    operation: Operation
    operands: tuple[Operand, ...]
    aim: Aim = "result"
    which: str = ""
    apart: bool = False
    stated: str = ""


def reckoning(question: Question) -> Reckoning | None:
    """What is to be worked out, None where nothing is."""
    text = re.sub(r"\s*(?<![A-Za-z])(?:vs\.?|VS\.?|PK)(?![A-Za-z])\s*", "和", question.text.strip(" ？?。"))
    if _TOGETHER.search(text) and re.search("占|比重|(?<!对)比(?!例)|倍", text):  # a sum inside a share or a difference
        return None
    for rule in (_which, _difference, _compared, _ranged, _outside, _share, _multiple, _together, _other_half):
        found = rule(text)
        if found:
            return found
    return None


def _which(text: str) -> Reckoning | None:
    asked = _WHICH.search(text)
    if not asked:
        return None
    rest, apart = text[asked.end() :], _APART.search(text)
    more = apart or re.search(rf"{_GRADE}(?:出|了)?(?:大概|约)?(?:多少|几(?=个))个?{_UNIT}", rest)
    told = text[: asked.start()] + (asked["before"] or "")
    items = _items(told) or _against(told)
    if not items:
        return None
    how = asked["how"] or asked["plain"] or asked["mosthow"]
    aim: Aim = "larger" if how in _LARGER else "smaller"
    unit = more["unit"] if more else ""
    operands = _as_rates(_spread(told, items, f"{asked['what'] or ''}是多少{unit}"), unit)
    if _RATE.search(asked["what"] or told[items.end :]):
        operands = tuple(replace(one, text=one.text.removesuffix(unit), rate=True) for one in operands)
    return Reckoning("difference", operands, aim, asked["which"] or asked["most"], bool(more))


def _against(text: str) -> Coordination | None:
    """A和B in other words: A跟B比, A比B."""
    joined = re.sub("(?:相比|比)(?:起来|的话)?[，,]?$", "", text)
    return _items(joined) if joined != text else None


def _difference(text: str) -> Reckoning | None:
    asked = _APART.search(text)
    items = _items(text[: asked.start()]) if asked else None
    if not asked or not items or len(items.items) != 2:
        return None
    operands = _spread(text[: asked.start()], items, f"是多少{asked['unit']}")
    return Reckoning("difference", _as_rates(operands, asked["unit"]), apart=True)


def _compared(text: str) -> Reckoning | None:
    """A比B多多少; a mere 增长了多少 is a rate that is stated somewhere."""
    asked = _MORE.search(text)
    if not asked or "比" not in text[: asked.start()]:
        return None
    pair = _versions(*text[: asked.start()].rsplit("比", 1))
    return (
        _changed(asked, tuple(Operand(f"{one.text}是多少{{}}", one.label, one.must) for one in pair)) if pair else None
    )


def _versions(first: str, second: str) -> tuple[Operand, ...] | None:
    """`first` and the same of `second`, which stands for what is like it in `first` (2024年的产量 | 2023年)."""
    second = second.strip("，, 的")
    alike = counterpart(first, second) or _modifier(first)
    if not alike:
        return None
    start, end = alike
    return (
        Operand(first.rstrip("，, 的"), first[start:end], _must(first[start:end])),
        Operand((first[:start] + second + first[end:]).rstrip("，, 的"), second, _must(second)),
    )


def _modifier(text: str) -> tuple[int, int] | None:
    """Whose measure a text names: what stands before its last 的, its period apart (2025年，欧盟国家 of 2025年，欧盟国家的进口额), or behind its last comma."""
    end = text.rfind("的")
    start = max((p.end for p in periods(text[:end])), default=0) if end > 0 else 0
    last = max(text.rfind(mark) + 1 for mark in "，,：:")
    if max(end, 0) < last <= len(text) - _NAME:  # 上半年归母净利润，龙湖集团
        return last, len(text)
    start += len(text[start:end]) - len(text[start:end].lstrip("，, 的"))
    return (start, end) if end - start >= _NAME else None


def _must(label: str) -> tuple[str, ...]:
    """What a figure of `label` must stand near: the label, if it is no period, which has a rule of its own."""
    return () if periods(label) else (label.strip("“”《》"),)


def _ranged(text: str) -> Reckoning | None:
    """从2022年到2024年涨了多少亿."""
    span, asked = _FROM_TO.search(text), _MORE.search(text)
    if not span or not asked or asked.start() < span.end():
        return None
    dated = [_year(span[end]) for end in ("new", "old")]
    if not all(periods(one) for one in dated):
        return None
    shared = text[: span.start()], text[span.end() : asked.start()]
    operands = tuple(Operand(f"{shared[0]}{one}，{shared[1]}是多少{{}}", one) for one in dated)
    return _changed(asked, operands)


def _year(text: str) -> str:
    return f"{text}年" if re.fullmatch(r"(?:19|20)\d\d", text) else text


def _changed(asked: re.Match[str], operands: tuple[Operand, ...]) -> Reckoning | None:
    """How much more the first is than the second: in their unit, or in per cent where that was asked for."""
    unit = asked["unit"]
    rate = "百分之" in asked[0] or unit.startswith("%")
    if "倍" in unit or (not unit and not rate and asked["verb"] in ("增长", "上涨", "下降", "提高", "涨", "降", "跌")):
        return None
    filled = tuple(replace(one, text=one.text.format("" if rate else unit)) for one in operands)
    if _POINTS.search(unit):  # 增速高几个百分点
        return Reckoning("difference", _as_rates(filled, unit))
    return Reckoning("growth" if rate else "difference", filled, stated="[增涨升降减]" if rate else _MORE_THAN)


def _as_rates(operands: tuple[Operand, ...], unit: str) -> tuple[Operand, ...]:
    """The operands as percentages, where what differs is told in percentage points."""
    if not _POINTS.search(unit):
        return operands
    return tuple(replace(one, text=one.text.removesuffix(unit), rate=True) for one in operands)


def _outside(text: str) -> Reckoning | None:
    """A以外的: the total less A."""
    found = _OUTSIDE.search(text)
    if not found or not re.search("多少|几", text[found.end() :]) or re.search("占|百分之", text[found.end() :]):
        return None
    dated = periods(found["part"])
    cut = dated[-1].end if dated else 0
    part, before = found["part"][cut:].strip("，, 的"), text[: found.start()] + found["part"][:cut]
    after = _TOGETHER.sub("", text[found.end() :])
    name = re.sub(r"^[\d一二三四五六七八九十]+[个家]", "", part)
    items = _items(part)
    parts = [part[: items.start] + item + part[items.end :] for item in items.items] if items else [part]
    operands = (
        Operand(f"{before}{after}", "合计", avoid=(name,)),
        *(Operand(f"{before}{one}{after}", one, (one if items else name,)) for one in parts),
    )
    return Reckoning("difference", operands, stated="以外|之外|其他|其它|其余|除")


def _share(text: str) -> Reckoning | None:
    found = _SHARE.search(text)
    if not found or not found["part"]:
        return None
    part, whole = found["part"], found["whole"].removesuffix("的")
    noun = _ALL.sub("", whole)
    half = next((half for half in HALVES if half in part), "")
    inside = _INSIDE.fullmatch(part) if not whole else None
    halved = bool(half and noun and noun != whole)
    if halved:
        operands = (
            Operand(f"{part}{noun}是多少", half, (half,), (HALVES[half],)),
            Operand(f"{part.replace(half, '')}{noun}是多少", noun, avoid=(half, HALVES[half])),
        )
    elif inside:  # 进出口额里，出口占多少
        named = inside["part"].strip("，, 的")
        operands = (
            Operand(f"{inside['whole']} {named}是多少", named, (named,)),
            Operand(f"{inside['whole']}是多少", inside["whole"], avoid=(named,) if half else ()),
        )
    elif len(whole) > 1 and any(tagged(word) not in ("ns", "nt") and word not in _SCOPES for word in cut(whole)):
        operands = (
            Operand(f"{part}是多少", part, (_own(part),)),
            Operand(f"{_circumstances(part, whole)}{whole}是多少", whole, _places(part)),
        )
    else:
        return None
    said = f"{half}.*(占|比[重例])|(占|比[重例]).*{half}" if halved else "^(?!.*合计).*(占|比[重例]|份额)"
    return Reckoning("share", operands, stated=said)


def _circumstances(part: str, whole: str) -> str:
    """The period and the places that a part is told with and its whole shares: 上半年陕西 of 上半年陕西第三产业增加值."""
    told = "".join(p.text for p in periods(part) if p.text not in whole)
    if _NATION.match(whole):
        return told
    words = takewhile(lambda word: tagged(word) in ("ns", "nt") or not word.isalnum(), cut(undated(part).strip("，, ")))
    return told + "".join(word for word in words if word.isalnum() and word not in whole)


def _places(part: str) -> tuple[str, ...]:
    """The place that a part, and so its whole, is of."""
    return tuple(word for word in cut(undated(part).strip("，, ")) if tagged(word) == "ns")[:1]


def _own(part: str) -> str:
    """What tells a part from its whole: its words without period and place."""
    words = [
        word for word in cut(undated(part).strip("，, ")) if tagged(word) not in ("ns", "nt", "uj") and word.isalnum()
    ]
    return "".join(words[:_OWN_WORDS]) or part.strip()


def _multiple(text: str) -> Reckoning | None:
    found = _TIMES.search(text)
    pair = found and _versions(found["new"], found["old"])
    if not pair:
        return None
    operands = tuple(Operand(f"{one.text}是多少", one.label, one.must) for one in pair)
    return Reckoning("ratio", operands, stated="倍")


def _together(text: str) -> Reckoning | None:
    asked = _TOGETHER.search(text)
    if not asked or not re.search("多少|几", text[asked.end() :]):
        return None
    items = _items(text[: asked.start()])
    if not items:
        return None
    return Reckoning("sum", _spread(text[: asked.start()], items, text[asked.end() :]), stated="合计|共|总|累计")


def _other_half(text: str) -> Reckoning | None:
    """在岸的能算出来吗: the total less the other half."""
    half = next((half for half in HALVES if half in text), "")
    asked = _WORKED_OUT.search(text)
    if not half or not asked or HALVES[half] in text:
        return None
    base = text[: asked.start()].rstrip("能，, ")
    operands = (
        Operand(f"{base.replace(half, '')}是多少", "合计", avoid=(half, HALVES[half])),
        Operand(f"{base.replace(half, HALVES[half])}是多少", HALVES[half], (HALVES[half],), (half,)),
    )
    return Reckoning("difference", operands, stated=half)


def _items(text: str, joiners: frozenset[str] = JOINERS) -> Coordination | None:
    return next((one for one in coordinations(text, joiners) if one.score >= PARALLEL), None)


def _spread(text: str, items: Coordination, asking: str) -> tuple[Operand, ...]:
    years = [_year(item) for item in items.items]
    spread = (text[: items.start] + item + _AMONG.sub("", text[items.end :], count=1) for item in years)
    owners = [item.split("的")[0] if "的" in item else item for item in items.items]
    named = owners if len(set(owners)) == len(owners) else items.items
    return tuple(
        Operand(f"{one.rstrip('，, 的')}{asking}", name, _must(name)) for name, one in zip(named, spread, strict=True)
    )
