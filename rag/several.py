"""What a question names in one word though it asks for each: `several(text)`. Used by plan.

    2022年至2024年……分别是多少    every year of the range
    前三季度……各是多少           the first, the second and the third quarter
    男女单打冠军                 男子单打, 女子单打
    中美两国……分别是多少          中国, 美国

They are found by their form; a range without such words is asked about as a whole.
"""

import re
from collections.abc import Iterator, Mapping

from rag.coordinate import Coordination
from rag.quantities import numeral

EACH = re.compile("(?<!的)分别|各自|各(?=[是为有占增涨下上达多])")
"""The words by which a question asks for several things one by one."""
_MOST = 6  # things named one by one
_YEARS = re.compile(
    r"(?P<first>(?:19|20)\d\d)年?(?:[-—–~～]+|到|至)(?P<last>(?:19|20)\d\d)年(?:间|期间|这几年)?(?P<every>(?:里|中)?的?(?:每一?年|逐年|历年|各年))?"
)
_QUARTERS = re.compile(
    "前(?P<count>[二两三四2-4])个?季度(?P<every>中?的?(?:每个季度|各季度|每季度?))?|(?:各|每个?|四个)季度"
)
_HALVES = re.compile("上[、和与]?下半年")
_SEXES = re.compile("男[、和与]?女(?=子|[单双团][打体项]|[一-龥]{0,4}组)")
_COUNTRIES: Mapping[str, str] = {
    "中": "中国", "美": "美国", "日": "日本", "韩": "韩国", "英": "英国", "法": "法国", "德": "德国", "俄": "俄罗斯",
    "印": "印度", "欧": "欧洲", "澳": "澳大利亚", "加": "加拿大",
}  # fmt: skip
_RUN = re.compile(
    f"(?<![一-龥])[{''.join(_COUNTRIES)}]{{2,4}}(?:(?:[两三四双][国方]|各国)|(?![一-龥]{{0,1}}[人语文式]))"
)
_DIGITS = {"二": 2, "两": 2, "三": 3, "四": 4}


def several(text: str) -> Coordination | None:
    """The first run of `text` that stands for several things asked for one by one, with their names."""
    return next((found for found in _found(text) if 2 <= len(found.items) <= _MOST), None)


def _found(text: str) -> Iterator[Coordination]:
    each = bool(EACH.search(text))
    for match in _YEARS.finditer(text):
        if each or match["every"]:
            years = range(int(match["first"]), int(match["last"]) + 1)
            yield _run(match, [f"{year}年" for year in years])
    for match in _QUARTERS.finditer(text):
        if each or match["every"] or not match["count"]:
            count = _DIGITS.get(match["count"], 0) or int(match["count"]) if match["count"] else 4
            yield _run(match, [f"第{numeral(k)}季度" for k in range(1, count + 1)])
    for match in _HALVES.finditer(text):
        if each:
            yield _run(match, ["上半年", "下半年"])
    for match in _SEXES.finditer(text):
        rest = "" if text[match.end()] == "子" else "子"
        yield _run(match, [f"男{rest}", f"女{rest}"])
    for match in _RUN.finditer(text):
        names = [_COUNTRIES[c] for c in match[0] if c in _COUNTRIES]
        if each and len(set(names)) == len(names):
            yield _run(match, names)


def _run(match: re.Match[str], items: list[str]) -> Coordination:
    return Coordination(match.start(), match.end(), tuple(items), "period", 0.0)
