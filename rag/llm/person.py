"""Who a claim says did or is something, against the quotes: `by_another`, `other_title`. Part of `rag.llm`.

总经理甲说    for 总经理乙说: another speaker, or another title
甲是医生      for 护士甲
"""

import re
from collections.abc import Sequence

from rag.articles import SURNAMES
from rag.types import Evidence

QUOTED = re.compile("[“「](?P<name>[^”」，。]{2,8})[”」]")
"""What stands in quotation marks."""
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


def by_another(text: str, main: Evidence) -> str:
    """Somebody, or something in quotation marks, of `text` where the quote names another in that part."""
    spoken, held = ([m["who"] for m in _SAYS.finditer(told) if _somebody(m["who"])] for told in (text, main.quote))
    if spoken and held and not any(who[-2:] in text for who in held):
        return spoken[0]
    titles = {match["who"]: match["title"] for match in _TITLED.finditer(main.quote)}
    for match in _TITLED.finditer(text):
        if titles.get(match["who"], match["title"]) != match["title"]:
            return match["title"]
    named, others = ([m["name"] for m in QUOTED.finditer(t)] for t in (text, main.quote))
    strange = [name for name in named if name not in main.quote]
    return strange[0] if strange and others and not any(name in text for name in others) else ""


def _somebody(who: str) -> bool:
    """Whether what stands before 说 may end in a name: not 他同时."""
    return who[-1] not in _NOBODY and not set(who) & set("他她它") and bool(set(who[:2]) & SURNAMES)


def other_title(text: str, quotes: Sequence[str]) -> str:
    """What `text` says that somebody is (是一名医生), where the quotes name him and never with that word beside him."""
    for found in _IS.finditer(text):
        who, title = found["who"], found["title"]
        beside = [quote[max(0, at - _BESIDE) : at + _BESIDE] for quote in quotes for at in _places(who, quote)]
        if beside and who[0] in SURNAMES and not any(re.search(f"(?<!副){title}", one) for one in beside):
            return title
    return ""


def _places(word: str, text: str) -> list[int]:
    return [found.start() for found in re.finditer(re.escape(word), text)]
