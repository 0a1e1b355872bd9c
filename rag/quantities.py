"""Numbers of a text as values: `quantities(text)`. A level below the stages; used by question, read and verify.

    >>> [(q.text, q.kind, q.value, q.unit, q.approximation) for q in quantities("执行额首次突破500亿元，增长近一半")]
    [('突破500亿元', 'money', 50000000000.0, '元', '突破')]

A number is an Arabic or Chinese numeral, a scale (万, 亿, ...), and a unit. Two quantities are equal when kind, unit
and value are, however they are written: 一百二十万元 = 120万元 = 1,200,000元.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Kind = Literal["money", "percent", "multiple", "measure", "count", "rank", "bare"]

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "幺": 1}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_SCALES = {"万亿": 1e12, "亿": 1e8, "千万": 1e7, "百万": 1e6, "十万": 1e5, "万": 1e4, "千": 1e3, "百": 1e2}

CURRENCIES = {
    "美元": "美元", "美金": "美元", "欧元": "欧元", "日元": "日元", "英镑": "英镑", "港元": "港元", "港币": "港元",
    "韩元": "韩元", "卢布": "卢布", "卢比": "卢比", "澳元": "澳元", "加元": "加元", "瑞士法郎": "瑞士法郎",
    "新台币": "新台币", "元人民币": "元", "人民币": "元", "元": "元", "块钱": "元", "块": "元",
}  # fmt: skip
_MEASURES = (
    "平方公里 平方千米 平方米 平米 立方米 公顷 亩 公里 千米 海里 英里 厘米 毫米 微米 纳米 英寸 英尺 公斤 千克 "
    "毫克 克 吨 斤 标准箱 标箱 箱 升 毫升 千瓦时 万千瓦 千瓦 兆瓦 瓦 千伏安 千伏 伏 度 摄氏度 ℃ 赫兹 卡时 "
    "人次 架次 人天 小时 分钟 秒钟 秒 周岁 岁 天 个月 个工作日 工作日 周 年 GB TB MB KB GHz MHz Hz GW MW kW W "
    "mAh kg km cm mm nm m nits ppi 级 分 点"
).split()
_COUNTERS = (
    "家 个 名 位 人 项 次 条 件 台 辆 部 款 种 座 届 场 所 套 张 只 支 本 册 份 处 组 对 架 艘 颗 枚 幅 首 篇 "
    "集 期 批 户 间 栋 层 门 节 课 起 例 股 片 块 棵 株 头 匹 尾 盒 瓶 杯 袋 包 桶 双 类 大 轮 站 列 趟 班 笔 "
    "宗 票 席 步 页 字 万 亿 国 省 市 县 区 镇 村 国家 城市 企业 学校 学生 员工 头 餐 碗 团 队 线 车 车次 车站 "
    "步 款 点 席位 议席 张票 米"
).split()

_ARABIC = r"\d{1,3}(?:[,，]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
# not the numeral inside a word: 统一, 唯一, 同一
_CHINESE = r"(?<![统唯惟专同逐划单])[零〇一二两三四五六七八九十百千][零〇一二两三四五六七八九十百千万亿]*(?:点[零〇一二三四五六七八九]+)?"
SCALE = "|".join(sorted(_SCALES, key=len, reverse=True))
UNIT = "|".join(sorted({*CURRENCIES, *_MEASURES, *_COUNTERS} - {"万", "亿"}, key=len, reverse=True))
_BEFORE = r"(?:约|近|超过|超|突破|逾|不到|不足|将近|接近|大约|至少|最多|高达|略低于|略高于|低于|高于|超出)"
_AFTER = r"(?:多|余|来)"
_TAIL = r"(?:以上|以下|以内|左右|上下|多)"
_RANGE = r"\s*(?:[-—–~～至到]|——)\s*"
_NUMBER = rf"(?:{_ARABIC}|{_CHINESE})"
_PATTERN = re.compile(
    rf"(?P<rank>第\s?(?:\d+|{_CHINESE})(?:名|位|届|次|期|季|批|号|集|轮|章|版|大)?)"
    rf"|(?P<before>{_BEFORE})?\s?"
    rf"(?:百分之(?P<hundredths>{_NUMBER})"
    rf"|(?:(?P<low>{_NUMBER})\s?(?P<lowunit>%|％|‰|(?:{SCALE})?(?:{UNIT})?)??{_RANGE})?"
    rf"(?P<number>{_NUMBER})\s?(?P<more>{_AFTER})?\s?"
    rf"(?:(?P<percent>%|％|‰|个百分点|个基点|成(?![为立功长员果])|倍)"
    rf"|(?P<scale>{SCALE})?(?P<more2>{_AFTER})?\s?(?P<unit>{UNIT})?))"
    rf"(?P<tail>{_TAIL})?"
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit, at `text[start:end]` of the text it was found in.

    `value` is in `unit` (scales multiplied out; per cent as per cent); `low` is the lower end of a range, else None.
    `core` is the range of the number and unit without words of approximation.
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


def number(text: str) -> float:
    """The value of an Arabic or Chinese numeral, scales included: 12.5, 1,269, 三百二十, 一点五, 1.2万.

    Raises:
        ValueError: `text` is not a numeral.
    """
    plain = re.sub(r"[,，\s]", "", text)
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


@lru_cache(maxsize=4096)
def quantities(text: str) -> tuple[Quantity, ...]:
    """The quantities of `text` in their order. Numerals that are part of a word (一带一路) are left out."""
    made = (_quantity(match) for match in _PATTERN.finditer(text))
    return tuple(quantity for quantity in made if quantity is not None)


def _quantity(match: re.Match[str]) -> Quantity | None:
    part = match.groupdict()
    start, end = match.span()
    while match.string[start].isspace():
        start += 1
    found = match.string[start:end]
    if part["rank"]:
        numeral = re.search(rf"\d+|{_CHINESE}", part["rank"])
        value = number(numeral.group()) if numeral else 0.0
        return Quantity(start, end, found, "rank", value, "第", core=(start, end))
    if part["hundredths"]:
        core = (match.start("hundredths") - 3, match.end("hundredths"))
        return Quantity(start, end, found, "percent", number(part["hundredths"]), "%", core=core)
    unit = part["percent"] or part["unit"] or ""
    spoken = not part["number"][0].isdigit()
    if spoken and (not unit or unit in ("分", "点", "年", "月", "日")):  # 十分重要, 一点
        return None
    scale = _SCALES.get(part["scale"] or "", 1.0)
    kind, name, factor = _unit(unit)
    low = number(part["low"]) * _low_scale(part["lowunit"], scale) * factor if part["low"] else None
    first = "low" if part["low"] else "number"
    last = next(group for group in ("unit", "more2", "scale", "percent", "more", "number") if part[group])
    approximation = part["before"] or part["more"] or part["more2"] or part["tail"] or ""
    core = (match.start(first), match.end(last))
    return Quantity(start, end, found, kind, number(part["number"]) * scale * factor, name, low, approximation, core)


def _unit(unit: str) -> tuple[Kind, str, float]:
    """Kind, normalised name and factor of a unit as written."""
    if unit in ("%", "％", "个百分点"):
        return "percent", "个百分点" if unit == "个百分点" else "%", 1.0
    if unit in ("‰", "个基点", "成"):
        return "percent", "%", {"‰": 0.1, "个基点": 0.01, "成": 10.0}[unit]
    if unit == "倍":
        return "multiple", "倍", 1.0
    if unit in CURRENCIES:
        return "money", CURRENCIES[unit], 1.0
    if not unit:
        return "bare", "", 1.0
    return ("measure" if unit in _MEASURES else "count"), {"名": "人", "位": "人"}.get(unit, unit), 1.0


def _low_scale(written: str | None, scale: float) -> float:
    """The scale of a range's lower end: its own (5000万至1亿), or that of the upper end (2至3万)."""
    own = re.match(SCALE, written or "")
    return _SCALES[own.group()] if own else scale


def same(a: Quantity, b: Quantity, tolerance: float = 0.0) -> bool:
    """Whether two quantities have one value and unit, within a relative `tolerance`."""
    if a.unit != b.unit and "" not in (a.unit, b.unit):
        return False
    return abs(a.value - b.value) <= tolerance * max(abs(a.value), abs(b.value)) + 1e-9
