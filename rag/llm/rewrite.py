"""A follow-up made whole by a model, where the rules are unsure: `rewritten(...)`. Part of `rag.llm`.

The rules of `rag.followup` are asked first. They are unsure when a question that points back (那个项目, 第二个, 前者) still
does after them. What the model makes of it is used only if it adds nothing that was not said before.
"""

import re
from collections.abc import Sequence

from rag.llm.draft import drafted
from rag.llm.model import Message, Model
from rag.periods import periods
from rag.quantities import quantities
from rag.tokens import cut, fold, tagged
from rag.types import Turn

_BACK = re.compile(
    "它|他们?|她们?|这[个些家项位两三里儿种]|那[个些家项位两三里儿种]|该|上述|前者|后者|其(?!中|他|它|实)|第[一二三四五]个|呢[？?]?$|还有|相比|同样"
)
_LONGEST = 200
_NEW_CHARS = 4  # 多少, 什么 and the like


def unsure(typed: str, standalone: str, history: Sequence[Turn]) -> bool:
    """Whether what the rules made of a question still points back."""
    return bool(history) and bool(_BACK.search(typed)) and bool(_BACK.search(standalone))


def rewritten(model: Model, messages: Sequence[Message], typed: str, history: Sequence[Turn]) -> str:
    """The question that the model makes of `typed`, "" where it is no question or says what was not said before."""
    text = drafted("".join(piece.text for piece in model.stream(messages))).sentences
    made = text[0].text.strip() if len(text) == 1 else ""
    return made if made and len(made) <= _LONGEST and _said_before(made, typed, history) else ""


def _said_before(made: str, typed: str, history: Sequence[Turn]) -> bool:
    """Whether each figure, date and noun stands in the question or the conversation, and hardly another word is new."""
    said = fold(" ".join([typed, *(turn.text for turn in history)]))
    fixed = [p.text for p in periods(made)] + [q.text for q in quantities(made)]
    new = [word for word in cut(fold(made)) if len(word) > 1 and word not in said]
    named = [word for word in new if tagged(word)[:1] in ("n", "x", "")]
    held = all(re.search(rf"(?<![\d.]){re.escape(fold(text))}(?!\d)", said) for text in fixed)  # 1月 is not of 11月
    return not named and held and sum(map(len, new)) <= _NEW_CHARS
