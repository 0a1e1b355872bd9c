"""What a model wrote, taken apart: `drafted(text)`. Part of `rag.llm`.

    答案：568.3亿元                      -> Draft.short
    2024年执行额为568.3亿元[2]，占四成[3]。  -> a Sentence of two claims: what each handle is to bear out

Thoughts in <think>, code fences, emphasis and other ways to write a handle ([2,3], 【2】) are read as what they mean.
"""

import re
from dataclasses import dataclass

# what opens a thought may stand in the template of the request: then the answer begins within it
_THOUGHT = re.compile(r"\A(?:(?!<think>).)*</think>|<think>.*?(?:</think>|$)", re.DOTALL)
_SHORT = re.compile(r"^\s*(?:最短|简短)?(?:答案|Answer)\s*[:：]\s*(?P<short>[^\n]*)(?:\n|$)", re.IGNORECASE)
_LABEL = re.compile(r"(?m)^\s*(?:说明|依据|解释|Explanation)\s*[:：]\s*")
_HANDLE = re.compile(r"\s*(?:\[\^?[\d\s,，、\-–]+\]|【[\d\s,，、\-–]+】)")
_MARKUP = re.compile(r"\*\*|__|`+|(?m:^#+\s*)")
_DIGITS = 3  # of a passage's number
_END = re.compile(r"(?:[。！？!?]|(?<!\d)\.(?=\s|$)|(?<![：:])\n+)[”』」’\"]?")
_NONE = re.compile(
    r"(?:资料|文档|材料|文中|原文)[^，。]{0,8}(?:没有|未(?:提|给|说|写|见|包含)|无法|不足以|并未|缺乏)|^(?:无法|不能)(?:确定|回答|得知)|"
    r"没有(?:相关|答案|提及|提供|说明)|(?:passages?|documents?|sources?|materials?)[^.]{0,24}(?:do|does) not|not (?:stated|mentioned|given|provided|found)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A part of a sentence and the numbers of the passages that it names as its sources."""

    text: str
    handles: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence: `text` without handles, and its claims, which together are the text."""

    text: str
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A model's answer. `declined` says that it found none in the passages."""

    short: str
    sentences: tuple[Sentence, ...]
    declined: bool


def drafted(text: str, *, whole: bool = True) -> Draft:
    """The draft that `text` is; of a text that still grows (not `whole`) only what is finished."""
    seen = "".join(c for c in text if c.isprintable() or c.isspace())  # no escapes, nothing invisible inside a number
    bare = _MARKUP.sub("", _THOUGHT.sub("", seen)).strip()
    found = _SHORT.match(bare)
    if found and not whole and not found.group().endswith("\n"):
        return Draft("", (), declined=False)
    short = _HANDLE.sub("", found["short"]).strip().rstrip("。") if found else ""
    body = _LABEL.sub("", bare[found.end() :] if found else bare)
    pieces = [piece for piece in _pieces(body) if piece.strip()]  # the last may still get a handle behind its full stop
    sentences = tuple(sentence for piece in (pieces if whole else pieces[:-1]) if (sentence := _sentence(piece)))
    said = short or (sentences[0].text if sentences else "")
    return Draft("" if _NONE.search(short) else short, sentences, declined=bool(_NONE.search(said)))


def _pieces(body: str) -> list[str]:
    """The sentences of `body` as written; handles behind the full stop belong to the sentence before them."""
    made, start = [], 0
    for match in _END.finditer(body):
        end = match.end()
        if end <= start or _inside_handle(body, match.start()):
            continue
        handle = _HANDLE.match(body, end)
        while handle:
            end = handle.end()
            handle = _HANDLE.match(body, end)
        made.append(body[start:end])
        start = end
    return [*made, body[start:]]


def _inside_handle(body: str, at: int) -> bool:
    return any(match.start() < at < match.end() for match in _HANDLE.finditer(body, max(0, at - 20), at + 20))


def _sentence(piece: str) -> Sentence | None:
    """The sentence that `piece` is, its claims cut at the handles; words behind the last handle rest on all of them."""
    text = _HANDLE.sub("", piece).strip()
    if not any(c.isalnum() for c in text):
        return None
    claims, start = [], 0
    for run in re.finditer(rf"(?:{_HANDLE.pattern})+", piece):
        claims.append(Claim(piece[start : run.start()], _numbers(run.group())))
        start = run.end()
    rest = piece[start:]
    if any(c.isalnum() for c in rest):
        claims.append(Claim(rest, tuple(dict.fromkeys(n for claim in claims for n in claim.handles))))
    elif claims:
        claims[-1] = Claim(claims[-1].text + rest, claims[-1].handles)
    return Sentence(text, tuple(claims))


def _numbers(handles: str) -> tuple[int, ...]:
    """The numbers of some handles: [2,3] and [1-3] name several; one of more digits than any passage has names none."""
    made: list[int] = []
    for part in re.findall(r"\d+\s*[-–]\s*\d+|\d+", handles):
        numbers = re.findall(r"\d+", part)
        if any(len(n) > _DIGITS for n in numbers):
            continue
        first, *last = map(int, numbers)
        made += range(first, (last[0] if last and 0 <= last[0] - first < 10 else first) + 1)
    return tuple(dict.fromkeys(made))
