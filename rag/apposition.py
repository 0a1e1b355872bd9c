"""What stands before a person's name: `described("王军", "什么职务", hits)`. Used by combine for what follows 谁说的.

News names a person once with office and house (中国海关总署副署长王军表示) and then by name alone, so the sentence that
answers the first part of a question rarely answers the second.
"""

import re
from collections.abc import Sequence

from rag.tokens import sentences
from rag.types import Answer, Evidence, Hit

_TITLE = "长|员|授|任|理|官|师|裁|记|席|者|总|士|家|人|代表|主编|编辑|董事|顾问|院士|秘书|主管|领队|教练|队员|学者|导演|演员|歌手|作者"
_BODY = "大学|学院|研究院|科学院|公司|集团|学校|中学|小学|医院|银行|协会|学会|商会|促进会|联合会|委员会|中心|研究所|事务所|报社|出版社|总署|署|厅|局|部|委|院|馆|台|厂|所|会"
_BEFORE = re.compile(rf"[\u3400-\u9fff（）()A-Za-z·]{{1,30}}(?:{_TITLE})[、\s]?$")
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
                    chunk = hit.chunk
                    evidence = Evidence(chunk, chunk.start + start, chunk.start + end, text)
                    best = len(told), Answer(True, told, ((text, (evidence,)),), confidence=0.5)
    return best[1] if best else None


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
