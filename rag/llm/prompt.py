"""The messages of a request: `answering(...)`, `rewriting(...)`. The wording is in `prompts/`, which a user may replace."""

import re
from collections.abc import Sequence
from pathlib import Path

from rag.config import Settings
from rag.errors import SettingsError
from rag.llm.model import Message
from rag.llm.pack import Passage
from rag.types import Turn

_SHIPPED = Path(__file__).parent / "prompts"
_MARK = re.compile(r"\[\d+\]")  # of a citation: it means nothing in another request
_TURNS = 4  # how many earlier messages a request tells
_TURN_CHARS = 200  # and how much of each


def instructions(name: str, settings: Settings) -> str:
    """The prompt `name` of the user's folder, else the shipped one.

    Raises:
        SettingsError: there is a folder but it cannot be read.
    """
    own = Path(settings.llm_prompts).expanduser() / f"{name}.md" if settings.llm_prompts else None
    try:
        if own and not own.parent.is_dir():
            raise SettingsError(f"没有提示词文件夹 {own.parent}。")
        return (own if own and own.is_file() else _SHIPPED / f"{name}.md").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"无法读取提示词 {own}。") from error


def answering(system: str, question: str, passages: Sequence[Passage]) -> list[Message]:
    """The request to answer `question`, which stands alone, from `passages`."""
    listed = "\n\n".join(passage.shown() for passage in passages)
    return [("system", system), ("user", f"资料：\n\n{listed}\n\n问题：{question}")]


def rewriting(system: str, question: str, history: Sequence[Turn]) -> list[Message]:
    """The request to make `question` whole from what was said before."""
    told = [
        ("用户" if turn.role == "user" else "回答", _MARK.sub("", turn.text)[:_TURN_CHARS])
        for turn in history[-_TURNS:]
    ]
    said = "\n".join(f"{who}：{text}" for who, text in told)
    return [("system", system), ("user", f"对话：\n{said}\n\n最后的问题：{question}")]
