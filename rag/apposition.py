"""Offices and the names behind them: `described("王军", "什么职务", hits)`, `holder("...会长是谁", hits)`. Used by combine.

    described   what stands before a name     holder   the name behind an office     speaker   who is named with a quote

News names a person once with office and house (中国海关总署副署长王军表示) and then by name alone, so the sentence that
answers the first part of a question rarely answers the second.
"""

import re
from collections.abc import Sequence

from rag.periods import periods
from rag.quantities import quantities
from rag.tokens import sentences
from rag.types import BY_RULE, Answer, Evidence, Hit

_TITLE = "长|员|授|任|理|官|师|裁|记|席|者|总|士|家|人|代表|主编|编辑|董事|顾问|院士|秘书|主管|领队|教练|队员|学者|导演|演员|歌手|作者"
_BODY = "大学|学院|研究院|科学院|公司|集团|学校|中学|小学|医院|银行|协会|学会|商会|促进会|联合会|委员会|中心|研究所|事务所|报社|出版社|总署|署|厅|局|部|委|院|馆|台|厂|所|会"
_BEFORE = re.compile(rf"[\u3400-\u9fff（）()A-Za-z·]{{1,30}}(?:{_TITLE})[、\s]?$")
_SURNAMES = (  # of nine people in ten
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾"
    "夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧"
    "耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳欧管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
)
_NAME = re.compile(
    rf"([{_SURNAMES}][\u3400-\u9fff]{{1,2}}?|[\u3400-\u9fff]{{1,6}}·[\u3400-\u9fff·]{{1,12}}?)"
    r"(?=\d|当地|[，。、；：“]|说|表示|评价|介绍|指出|认为|强调|告诉|出席|透露|宣布|致辞|主持|在|率|等|会见|对|向|称|谈|接受|坦言|这样|和|与)"
)
_SPEAKS = re.compile(
    rf"([{_SURNAMES}][\u3400-\u9fff]{{1,2}}?|[\u3400-\u9fff]{{1,6}}·[\u3400-\u9fff·]{{1,12}}?)"
    r"(?:在[^，。]{0,12})?(?:这样|如此|近日|\d+日)?(?:说|表示|评价|介绍|指出|认为|强调|称|谈)"
)
_SAID = re.compile("[“「]([^”」]{6,})[”」].*(?:话|说|讲|提|表示|观点)")
_QUOTED_LIKE = 0.7  # the share of a quotation that a sentence must hold
_LEAST_OFFICE = 4  # characters of an office that names its holder
_LEAD = re.compile("^(?:据|由|对此|日前|近日|会上|现场|其中|在|和|与|及|而|的|是|其|请|让)+")
_HOUSE = re.compile("单位|学校|大学|公司|机构|部门|哪[家所个]|来自")


def described(name: str, asked: str, hits: Sequence[Hit]) -> Answer | None:
    """The office that stands before `name`, or its house where `asked` is for that; None where no hit names one."""
    best: tuple[int, Answer] | None = None
    for hit in hits:
        for start, end in sentences(hit.chunk.text):
            text = hit.chunk.text[start:end]
            for match in re.finditer(re.escape(name), text):
                told = _told(text[: match.start()], asked)
                if told and (best is None or len(told) > best[0]):
                    evidence = Evidence.of(hit.chunk, start, end)
                    best = len(told), Answer(True, told, ((text, (evidence,)),), confidence=BY_RULE)
    return best[1] if best else None


def holder(question: str, hits: Sequence[Hit]) -> Answer | None:
    """Who holds the office that `question` names, where a name stands right behind it; None where none does.

    Hits that name the rank of the question (第十二届) come first; the longest office that is found decides.
    """
    rank = next((q.text for q in quantities(question) if q.kind == "rank"), "")
    sources = {hit.chunk.source for hit in hits if rank in f"{hit.chunk.title}{hit.chunk.headings}{hit.chunk.text}"}
    best: tuple[int, Answer] | None = None
    for hit in hits:
        for start, end in sentences(hit.chunk.text) if hit.chunk.source in sources else ():
            text = hit.chunk.text[start:end]
            for title in re.finditer(_TITLE, text):
                name = _NAME.match(text, title.end())
                size = _shared_end(text[: title.end()], question)
                if name and size >= _LEAST_OFFICE and (best is None or size > best[0]):
                    evidence = Evidence.of(hit.chunk, start, end)
                    best = size, Answer(True, name[0], ((text, (evidence,)),), confidence=BY_RULE)
    return best[1] if best else None


def speaker(question: str, hits: Sequence[Hit]) -> Answer | None:
    """Who said what `question` quotes, where a sentence that says nearly that names its speaker; None where none does.

    Where the question names a period, the document is of that period.
    """
    said = _SAID.search(question)
    asked = [p for p in periods(question) if p.first and p.last]
    if not said:
        return None
    best: tuple[float, Answer] | None = None
    for hit in hits:
        text, published = hit.chunk.text, hit.chunk.published
        if asked and not (published and any(p.first <= published <= p.last for p in asked if p.first and p.last)):
            continue
        spans = sentences(text)
        for (start, end), (_, after) in zip(spans, [*spans[1:], spans[-1]], strict=True):
            alike = _alike(said[1], text[start:end])
            named = _SPEAKS.search(text, start, after) if alike >= _QUOTED_LIKE else None
            if named and (best is None or alike > best[0]):
                until = end if named.end() <= end else after
                evidence = Evidence.of(hit.chunk, start, until)
                best = alike, Answer(True, named[1], ((text[start:until], (evidence,)),), confidence=BY_RULE)
    return best[1] if best else None


def _alike(said: str, text: str) -> float:
    """The share of the pairs of characters of `said` that `text` holds, marks apart."""
    words = re.sub(r"\W", "", said)
    plain = re.sub(r"\W", "", text)
    pairs = {words[i : i + 2] for i in range(len(words) - 1)}
    return sum(pair in plain for pair in pairs) / max(1, len(pairs))


def _shared_end(text: str, question: str) -> int:
    """How many of the last characters of `text` stand together in `question`."""
    size = 0
    while size < len(text) and text[len(text) - size - 1 :] in question:
        size += 1
    return size


def _told(before: str, asked: str) -> str:
    """Office or house at the very end of the text before a name, "" where there is none."""
    clause = re.split(r"[，。；：、,;:“”《》\s]|^[^（(]*[）)]", before)[-1]
    if not _BEFORE.search(clause):
        return ""
    office = _LEAD.sub("", clause)
    if not _HOUSE.search(asked):
        return office
    house = re.match(rf".*(?:{_BODY})(?!长)", office)
    return house[0] if house else ""
