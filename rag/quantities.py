"""Numbers of a text as values: `quantities(text)`. A level below the stages; used by question, read and verify.

    >>> [(q.text, q.kind, q.value, q.unit, q.approximation) for q in quantities("执行额首次突破500亿元，增长近一半")]
    [('突破500亿元', 'money', 50000000000.0, '元', '突破'), ('近一半', 'percent', 50.0, '%', '近')]

A number is an Arabic or Chinese numeral, a scale (万, 亿, ...), and a unit. Two quantities are equal when kind, unit
and value are, however they are written: 一百二十万元 = 120万元 = 1,200,000元. What is found and what is missed is measured
in benchmarks/quantities.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Kind = Literal["money", "percent", "multiple", "measure", "count", "rank", "bare"]

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "幺": 1}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_SCALES = {
    "万亿": 1e12, "千亿": 1e11, "百亿": 1e10, "十亿": 1e9, "亿": 1e8, "千万": 1e7, "百万": 1e6, "十万": 1e5, "万": 1e4,
    "千": 1e3, "百": 1e2,
}  # fmt: skip

CURRENCIES = {
    "美元": "美元", "美金": "美元", "欧元": "欧元", "日元": "日元", "英镑": "英镑", "港元": "港元", "港币": "港元",
    "韩元": "韩元", "卢布": "卢布", "卢比": "卢比", "澳元": "澳元", "加元": "加元", "瑞士法郎": "瑞士法郎",
    "新台币": "新台币", "元人民币": "元", "人民币": "元", "元": "元", "块钱": "元", "块": "元",
}  # fmt: skip
_MEASURES = (
    "平方公里 平方千米 平方米 平米 立方米 公顷 亩 公里 千米 海里 英里 厘米 毫米 微米 纳米 英寸 英尺 公斤 千克 "
    "毫克 克 吨 斤 磅 标准箱 标箱 箱 升 毫升 安培 千瓦时 万千瓦 千瓦 兆瓦 瓦 千伏安 千伏 伏 度 摄氏度 ℃ 赫兹 分贝 卡时 "
    "吨公里 人公里 人次 架次 场次 剂次 辆次 台次 户次 批次 人天 小时 个小时 分钟 秒钟 秒 周年 周岁 岁 天 个月 个工作日 工作日 个星期 星期 周 年 "
    "TB GB MB KB Gbps Mbps GHz MHz Hz GWh MWh kWh GW MW kW W mAh kg km cm mm nm m nits ppi 级 分 点"
).split()
_COUNTERS = (
    "家 个 名 位 人 项 次 条 件 台 辆 部 款 种 座 届 场 所 套 张 只 支 本 册 份 处 组 对 架 艘 颗 枚 幅 首 篇 "
    "集 期 批 户 间 栋 层 门 节 课 起 例 股 片 块 棵 株 头 匹 尾 盒 瓶 杯 袋 包 桶 双 类 大 轮 站 列 趟 班 笔 "
    "宗 票 席 步 页 字 国 省 市 县 区 州 镇 村 国家 城市 企业 学校 学生 员工 餐 碗 团 队 线 车 车次 车站 "
    "席位 议席 张票 米 道 根 剂 盏 副 封 尊 粒 滴"
).split()
# one name for each measure, so that equal amounts are equal
_NAMES = {
    "名": "人", "位": "人", "千米": "公里", "km": "公里", "千克": "公斤", "kg": "公斤", "平方千米": "平方公里", "平米": "平方米",
    "摄氏度": "℃", "秒钟": "秒", "个小时": "小时", "标箱": "标准箱", "mm": "毫米", "cm": "厘米", "星期": "周", "个星期": "周",
    "日": "天", "周岁": "岁",
}  # fmt: skip


def _either(words: Iterable[str]) -> str:
    """A regular expression of the longest of `words`, as a tree of their characters: an alternation tries each."""
    tree: dict[str, set[str]] = {}
    for word in words:
        tree.setdefault(word[:1], set()).add(word[1:])
    end = "" in tree
    tree.pop("", None)
    if not tree:
        return ""
    branches = "|".join(re.escape(head) + _either(tails) for head, tails in tree.items())
    return f"(?:{branches}){'?' if end else ''}"


_ARABIC = r"\d{1,3}(?:[,，]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
# not the numeral inside a word: 统一, 唯一, 同一
_CHINESE = r"(?<![统唯惟专同逐划单几])[零〇一二两三四五六七八九十百千][零〇一二两三四五六七八九十百千万亿]*(?:点[零〇一二三四五六七八九]+)?"
_MIXED = r"\d+(?:\.\d+)?(?:亿零?\d+[千百十]?万|万零?(?:\d千|\d{3,4}(?!\d)))"  # 1亿5千万, 10万3000
_VAGUE = r"(?:(?:几|(?<![人总次指户件多少倍岁度位单双分函参系])数)[十百千万亿]+|[二三四五六七八九]?十几)"
SCALE = "|".join(sorted(_SCALES, key=len, reverse=True))
UNIT = _either({*CURRENCIES, *_MEASURES, *_COUNTERS})
_SCALE = r"(?:万亿|[千百十]?亿|[千百十]万|万|[千百](?![瓦米克伏卡赫帕焦]))"  # 800千伏安 are not 800,000 of something
_COUNTED = rf"(?:个[半多](?:月|小时|星期|世纪)|{UNIT}(?!(?<=[A-Za-z])[A-Za-z0-9])|日(?=[内之以]))"  # 30日内 is a time, 30日 a date
_BEFORE = r"(?:约|近|超过|超|突破|逾|不到|不足|将近|接近|大约|至少|最多|高达|略低于|略高于|低于|高于|超出)"
_AFTER = r"(?:多|余|来)"
_TAIL = r"(?:以上|以下|以内|左右|上下|多(?!\s?[约近超]?\d))"  # 比38.3万人多1.7万人 is no 38.3万多
_RANGE = r"\s*(?:[-—–~～至到]|——)\s*"
_NUMBER = rf"(?:{_ARABIC}|{_CHINESE})"
_RANKED = "名 位 排 届 次 期 季 批 号 集 轮 章 章节 版 大 年 步 条 款 项 组".split()
_PATTERN = re.compile(
    r"(?=[\d第翻半零〇一二两三四五六七八九十百千万亿数几约近超突逾不将接大至最高略低])(?:"
    rf"(?P<rank>第\s?(?:\d+|{_CHINESE})(?!时间|方|者|线)(?:\s?{_either(_RANKED)})?)"
    r"|(?P<clock>(?<!\d)(?P<hour>[01]?\d|2[0-4])[点时](?:(?P<minute>[0-5]?\d)分(?![之钟])|半))"
    r"|(?P<doubled>翻了?(?:(?P<times>[一两二三四五]|\d)?番|一?倍))"
    rf"|(?P<before>{_BEFORE})?\s?"
    rf"(?:(?P<below>{_NUMBER})分之(?P<above>{_NUMBER})|(?P<share>一半|半数|(?<=[过近超])半(?![年天个百小场路夜]))"
    r"|(?<![\d/.])(?P<top>[1-9]\d?)/(?P<bottom>[1-9]\d?)(?=的|以上|左右)"
    r"|(?P<half>(?<![上下大前后])半)(?P<halved>年|个月|个?小时|天|个?世纪)(?![报制前度])"
    rf"|(?:(?P<low>{_NUMBER})\s?(?P<lowunit>[%％‰](?={_RANGE}{_NUMBER}\s?[%％‰个])|(?:{_SCALE})?(?:{_COUNTED}(?:[/每]{UNIT})?)?)??{_RANGE})?"
    rf"(?P<number>{_MIXED}|{_VAGUE}|{_NUMBER}|(?<=[超近逾过破上])[万亿](?={UNIT})|[万亿](?=[余多]{UNIT}))\s?(?P<more>{_AFTER})?\s?"
    r"(?:(?P<percent>%|％|‰|个?百分点|个?(?:基点|[Bb][Pp])(?![A-Za-z])|成(?![为立功长员果])|倍)"
    rf"|(?P<scale>{_SCALE})?(?P<more2>{_AFTER})?\s?(?:(?P<unit>{_COUNTED})(?P<plus>(?<=[年天月时])半(?![年夜]))?"
    rf"(?P<rate>(?:/|(?<=[元米吨克])每)(?P<per>{UNIT}|[时月日]))?)?))"
    rf"(?P<tail>{_TAIL})?)"
)
_ABROAD = "|".join(name for name, unit in CURRENCIES.items() if unit != "元")
_CURRENCY = re.compile(rf"(?<![\d\s十百千万亿多余来])({_ABROAD})\s?$")  # 新台币10.46亿元
_PAIR = re.compile(r"([二三四五六七八九]?十)?([一二两三四五六七八])([二两三四五六七八九])([十百千万]?)$")

_AT_LEAST = frozenset("超过 超 突破 逾 至少 高达 多 余 来 以上 略高于 高于 超出".split())
_AT_MOST = frozenset("不到 不足 至多 最多 以下 以内 略低于 低于 近 将近 接近".split())


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit, at `text[start:end]` of the text it was found in.

    `value` is in `unit` (scales multiplied out; per cent as per cent); `low` is the lower end of a range, else None.
    `core` is the range of the number and unit without words of approximation; `per` is what a rate is for (元/克: 克).
    """

    start: int
    end: int
    text: str
    kind: Kind
    value: float
    unit: str
    low: float | None = None
    approximation: str = ""
    core: tuple[int, int] = (0, 0)
    per: str = ""


def number(text: str) -> float:
    """The value of an Arabic or Chinese numeral, scales included: 12.5, 1,269, 三百二十, 一点五, 1.2万.

    Raises:
        ValueError: `text` is not a numeral.
    """
    plain = re.sub(r"[,，\s]", "", text)
    mixed = re.fullmatch(r"([\d.]+[亿万])零?(\d+)([千百十]?万|千)?", plain)
    if mixed:
        return number(mixed[1]) + float(mixed[2]) * (_SCALES[mixed[3]] if mixed[3] else 1.0)
    scale = 1.0
    while plain and plain[-1] in "万亿" and re.match(r"[\d.]+[万亿]+$", plain):
        scale *= _SCALES[plain[-1]]
        plain = plain[:-1]
    if re.fullmatch(r"\d+(\.\d+)?", plain):
        return float(plain) * scale
    if not plain or set(plain) - set(_DIGITS) - set(_SMALL) - set("万亿点"):
        raise ValueError(text)
    whole, _, fraction = plain.partition("点")
    decimals = "".join(str(_DIGITS[c]) for c in fraction)
    return _chinese(whole) + (float(f"0.{decimals}") if decimals else 0.0)


def _chinese(numeral: str) -> float:
    for mark in ("亿", "万"):
        head, found, rest = numeral.rpartition(mark)
        if found:
            return (_chinese(head) if head else 1.0) * _SCALES[mark] + (_chinese(rest) if rest else 0.0)
    if not set(numeral) & set(_SMALL):  # digits read one by one: 二〇二四
        return float("".join(str(_DIGITS[c]) for c in numeral) or 0)
    total, digit = 0.0, 0.0
    for c in numeral:
        if c in _SMALL:
            total += (digit or 1.0) * _SMALL[c]
            digit = 0.0
        else:
            digit = float(_DIGITS[c])
    return total + digit


def _bounds(numeral: str) -> tuple[float | None, float]:
    """Lower end, None for an exact number, and value of a numeral: 十几 is 11 to 19, 数十 20 to 90, 两三 2 to 3."""
    if numeral[-1] == "几":
        tens = _chinese(numeral[:-1])
        return tens + 1, tens + 9
    if numeral[0] in "数几":
        one = _chinese(numeral[1:])
        return 2 * one, 9 * one
    pair = _PAIR.fullmatch(numeral)
    if pair and number(pair[3]) == number(pair[2]) + 1:
        tens, scale = _chinese(pair[1]) if pair[1] else 0.0, _chinese(pair[4]) if pair[4] else 1.0
        return tens + scale * number(pair[2]), tens + scale * number(pair[3])
    return None, number(numeral)


@lru_cache(maxsize=4096)
def quantities(text: str) -> tuple[Quantity, ...]:
    """The quantities of `text` in their order. Numerals that are part of a word (一带一路) are left out."""
    made = (_quantity(match) for match in _PATTERN.finditer(text))
    return tuple(quantity for quantity in made if quantity is not None)


def _quantity(match: re.Match[str]) -> Quantity | None:
    part = match.groupdict()
    if part["number"] is None:
        return _special(match, part)
    numeral, unit = part["number"], part["percent"] or part["unit"] or ""
    if not numeral[0].isdigit() and _in_a_word(numeral, unit, match.string[match.end() : match.end() + 1]):
        return None
    scale = _SCALES.get(part["scale"] or "", 1.0)
    kind, name, factor = _unit(unit)
    low, value = _bounds(numeral)
    vague = "" if low is None else numeral  # 数十, 两三
    if part["low"]:
        low = number(part["low"]) * _low_scale(part["lowunit"], scale) / scale
    value, low = value * scale * factor, low if low is None else low * scale * factor
    first = "low" if part["low"] else "number"
    last = next(g for g in ("rate", "plus", "unit", "more2", "scale", "percent", "more", "number") if part[g])
    core = match.start(first), match.end(last)
    start = match.start() + len(match.group()) - len(match.group().lstrip())
    ahead = _sign(match.string, start, kind, name) if start == core[0] and low is None else None
    abroad = _CURRENCY.search(match.string, max(0, start - 6), start) if name == "元" else None
    if ahead:
        start, value, core = ahead.start(), -value, (ahead.start(), core[1])
    elif abroad:
        start, name, core = abroad.start(), CURRENCIES[abroad[1]], (min(core[0], abroad.start()), core[1])
    end = match.start() + len(match.group().rstrip())
    approximation = part["before"] or part["more"] or part["more2"] or part["tail"] or vague
    value += 0.5 if part["plus"] or unit.startswith("个半") else 0.0
    per = _unit(part["per"])[1] if part["per"] else ""
    return Quantity(start, end, match.string[start:end], kind, value, name, low, approximation, core, per)


def _special(match: re.Match[str], part: dict[str, str | None]) -> Quantity:
    """What is not written as a number and its unit: 第三届, 8点30分, 翻两番, 三分之二, 2/3, 一半, 半年."""
    start, end = match.span()
    text, before, core = match.group(), part["before"] or "", (start, end)
    if part["rank"]:
        numeral = re.search(rf"\d+|{_CHINESE}", text)
        return Quantity(start, end, text, "rank", number(numeral.group()) if numeral else 0.0, "第", core=core)
    if part["clock"]:
        hours = float(part["hour"] or 0) + (float(part["minute"]) / 60 if part["minute"] else 0.5)
        return Quantity(start, end, text, "measure", hours, "点", core=core)
    if part["doubled"]:  # 翻两番 is four times as much
        return Quantity(start, end, text, "multiple", 2.0 ** number(part["times"] or "一"), "倍", core=core)
    core = match.end("before") if before else start, match.start("tail") if part["tail"] else end
    approximation = before or part["tail"] or ""
    if part["halved"]:
        kind, name, _ = _unit(part["halved"])
        return Quantity(start, end, text, kind, 0.5, name, None, approximation, core)
    whole, some = number(part["below"] or part["bottom"] or "2"), number(part["above"] or part["top"] or "1")
    share = 100 * some / whole if whole else 0.0
    return Quantity(start, end, text, "percent", share, "%", None, approximation, core)


_SIGN = re.compile(r"(?:零下|负|(?<![0-9A-Za-z.%％)）])(?P<dash>[-−–]))\s?$")


def _sign(text: str, at: int, kind: Kind, unit: str) -> re.Match[str] | None:
    """The sign that makes the number at `at` negative: only of what can be below zero, no hyphen before a sum."""
    found = _SIGN.search(text, max(0, at - 4), at) if kind == "percent" or unit in ("元", "美元", "℃", "度") else None
    return found if found and not (found["dash"] and kind == "money") else None


def _in_a_word(numeral: str, unit: str, after: str) -> bool:
    """Whether a Chinese numeral is part of a word: 十分重要, 一点, 零部件, 红十字, 一线, 二〇二四年, 三年级."""
    if not unit or unit in ("分", "点", "日") or numeral in ("零", "〇"):
        return True
    if unit == "年":
        read_out = len(numeral) > 2 and not set(numeral) & set("十百千万几")
        return numeral in ("一", "百", "千") or read_out or after in ("级", "代", "报", "会", "底", "末", "初")
    if numeral == "一" and unit in ("道", "根", "封", "副", "粒", "滴"):  # 一道努力, 一封信
        return True
    return len(numeral) < 3 and not set(numeral) & set("百千万几两") and unit in ("字", "线", "期")


def _unit(unit: str) -> tuple[Kind, str, float]:
    """Kind, normalised name and factor of a unit as written."""
    if unit in ("%", "％"):
        return "percent", "%", 1.0
    if unit in ("个百分点", "百分点"):
        return "percent", "个百分点", 1.0
    if unit in ("‰", "成") or unit.removeprefix("个").lower() in ("基点", "bp"):
        return "percent", "%", {"‰": 0.1, "成": 10.0}.get(unit, 0.01)
    if unit == "倍":
        return "multiple", "倍", 1.0
    if unit in CURRENCIES:
        return "money", CURRENCIES[unit], 1.0
    if not unit:
        return "bare", "", 1.0
    plain = unit.replace("个多", "个").replace("个半", "个")
    return ("measure" if plain in _MEASURES or unit == "日" else "count"), _NAMES.get(plain, plain), 1.0


def _low_scale(written: str | None, scale: float) -> float:
    """The scale of a range's lower end: its own (5000万至1亿), or that of the upper end (2至3万)."""
    own = re.match(_SCALE, written or "")
    return _SCALES[own.group()] if own else scale


DECLINE = "下降|下滑|下跌|减少|降低|回落|缩减|萎缩|收窄|降|跌"
"""The words before a figure of decline (a regular expression): a percentage behind one is below zero."""
EXACT = 1e-9
"""The relative error of floats that are one figure: 568.3 × 10^8 and 5683000 × 10^4."""


def same(a: Quantity, b: Quantity, tolerance: float = 0.0) -> bool:
    """Whether two quantities have one value and unit, within a relative `tolerance`."""
    if (a.unit != b.unit and "" not in (a.unit, b.unit)) or (a.per != b.per and "" not in (a.per, b.per)):
        return False
    return abs(a.value - b.value) <= tolerance * max(abs(a.value), abs(b.value)) + EXACT


def approximates(rough: Quantity, exact: Quantity) -> bool:
    """Whether `rough` can be said of `exact`: same unit, on the right side, and not more than half of it away."""
    if (rough.kind, rough.unit) != (exact.kind, exact.unit) or rough.value <= 0:
        return False
    ratio = exact.value / rough.value
    if rough.approximation in _AT_LEAST:
        return 1.0 <= ratio <= 1.5
    return 0.67 <= ratio <= 1.0 if rough.approximation in _AT_MOST else 0.9 <= ratio <= 1.1


def bounded(text: str, quantity: Quantity) -> str:
    """A figure of `text` with the word that makes it a bound (突破500亿元, 20%以上), without any other word of approximation."""
    one_sided = quantity.approximation in _AT_LEAST | _AT_MOST
    return text[quantity.start : quantity.end] if one_sided else text[slice(*quantity.core)]


def numeral(n: int) -> str:
    """A number from 0 to 99 in Chinese numerals.

    >>> numeral(12)
    '十二'
    """
    digits = "零一二三四五六七八九"
    tens, ones = divmod(n, 10)
    if tens == 0:
        return digits[ones]
    return ("" if tens == 1 else digits[tens]) + "十" + (digits[ones] if ones else "")
