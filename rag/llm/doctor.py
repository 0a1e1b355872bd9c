"""Whether a language model can be used: `examined(settings)`. Part of `rag.llm`; `wenju doctor --llm` prints it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from rag.config import Settings
from rag.llm.failure import ModelFailed, failed
from rag.llm.model import ChatModel, connect
from rag.llm.patience import patient


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried: whether it works, and what was seen."""

    what: str
    works: bool
    seen: str


def examined(settings: Settings) -> Iterator[Finding]:
    """What works of connection, streaming, token counts and structured output, as it is found; ends at a failed connection.

    Raises:
        SettingsError: the model cannot even be addressed.
    """
    model = connect(settings)
    start = time.perf_counter()
    pieces, tokens, first = 0, 0, 0.0
    try:
        for piece in model.stream([("user", "请从一数到十，用中文数字。")]):
            pieces += bool(piece.text)
            tokens = max(tokens, piece.input_tokens)
            first = first or time.perf_counter() - start
    except ModelFailed as error:
        yield Finding("连接", False, f"{error.reason}。")
        return
    yield Finding("连接", True, f"{model.name}，首字 {first:.1f} 秒，共 {time.perf_counter() - start:.1f} 秒。")
    yield Finding("流式输出", pieces > 1, f"分 {pieces} 段收到。")
    yield Finding("词元计数", tokens > 0, f"输入 {tokens} 个词元。" if tokens else "服务没有返回用量，改用估算。")
    yield _structured(model)


def _structured(model: ChatModel) -> Finding:
    """Whether the model answers in a form that was asked for; Wenju does not need it."""
    schema = {
        "title": "Capital", "description": "首都", "type": "object",
        "properties": {"name": {"type": "string", "description": "城市名"}}, "required": ["name"],
    }  # fmt: skip
    try:
        chat = model.chat.with_structured_output(schema)
        answer = patient(lambda: chat.astream("中国的首都是哪座城市？"), model.total_seconds, model.total_seconds)
        made = [part for part in answer if part is not None]
    except Exception as error:  # noqa: BLE001 whatever the integration raises, the finding is that it does not work
        return Finding("结构化输出", False, f"{failed(error).reason}（问据不依赖它）。")
    works = bool(made) and isinstance(made[-1], dict) and "name" in made[-1]
    return Finding("结构化输出", works, "可用。" if works else "没有按要求的格式回答（问据不依赖它）。")
