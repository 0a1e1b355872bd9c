"""What a claim says that the sources do not say: `unsaid(part)`. Part of `rag.llm`; used by support.

资料没有给出总投资                  总投资
全长6.78公里，但没有提到总投资       总投资, of its second part
关于亏损的原因，资料未说明           亏损的原因
"""

import re

_SOURCES = "(?:这?(?:[几两三四]|\\d)[份篇段条])?(?:资料|报道|原文|文中|文章)(?:中|里|都|均|也|还)*"
_SAY = "(?:给出|提供|提及|提到|说明|交代|写明|列出|记载|公布|披露|涉及|注明|单列)"
_HOW = "(?:直接|明确|具体|单独|进一步)*"
_NOT_SAID = re.compile(
    f"(?:不过|但|而|其中)?，?{_SOURCES}(?:没有|并?未|不曾){_HOW}{_SAY}([^，。；\\d]+)[。]?$"
    f"|(?:对于|关于)?([^，。；\\d]+)，{_SOURCES}(?:没有|并?未){_HOW}{_SAY}[。]?$"
)
_LEFT_OUT = re.compile(f"^(?:但|不过|而)?(?:是)?并?(?:没有|未)(?={_HOW}{_SAY})")  # of what, the part before has said


def unsaid(part: str) -> str:
    """What a claim, or one part of it, says the sources do not say; "" where it says no such thing."""
    told = _NOT_SAID.match(_LEFT_OUT.sub("资料没有", part.strip()))
    return next(filter(None, told.groups()), "") if told else ""
