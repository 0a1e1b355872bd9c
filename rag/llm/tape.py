"""Requests and answers kept as files: `Tape(folder, mode, model)`. A model to the rest of `rag.llm`.

    record   the model is asked; each request and its answer are kept (without a model: the requests alone)
    replay   answers come from the folder; a request without one is kept there, to be answered elsewhere
    cache    from the folder where it has an answer, else from the model

A file is one JSON object: `request` (role and content of each message), `answer` (null as long as there is none), tokens. Its
name is made of the request, so that an equal one finds it; no key and no address is written. Which index was
asked is told by the passages in the request.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import get_ident
from typing import Any, Literal

from rag.errors import SettingsError
from rag.llm.failure import ModelFailed
from rag.llm.model import Message, Model, Piece

Mode = Literal["record", "replay", "cache"]


@dataclass(frozen=True, slots=True)
class Tape:
    """A folder of exchanges; `model` is asked where the mode says so and may be None."""

    folder: Path
    mode: Mode
    model: Model | None = None

    @property
    def name(self) -> str:
        """The model's name."""
        return self.model.name if self.model else self.mode

    def stream(self, messages: Sequence[Message]) -> Iterator[Piece]:
        """The answer in pieces, from the folder or from the model."""
        path = self.file(messages)
        known = self._known(path)
        if known.get("answer") is not None:
            yield Piece(known["answer"], known.get("input_tokens", 0), known.get("output_tokens", 0))
            return
        if self.model is None or self.mode == "replay":
            if not path.is_file():
                _write(path, messages, None, 0, 0)
            raise ModelFailed("这个请求还没有回答", missing=True)
        text, tokens_in, tokens_out, cut = "", 0, 0, False
        for piece in self.model.stream(messages):
            text, cut = text + piece.text, cut or piece.cut
            tokens_in, tokens_out = max(tokens_in, piece.input_tokens), max(tokens_out, piece.output_tokens)
            yield piece
        # half an answer is none to answer from again; a cache that cannot be written costs no answer
        with suppress(SettingsError) if self.mode == "cache" else nullcontext():
            if not cut:
                _write(path, messages, text, tokens_in, tokens_out)

    def _known(self, path: Path) -> dict[str, Any]:
        """What the folder holds of a request; a damaged file of a cache is as none."""
        if self.mode == "record" or not path.is_file():
            return {}
        try:
            return _read(path)
        except SettingsError:
            if self.mode == "cache":
                return {}
            raise

    def holds(self, messages: Sequence[Message]) -> bool:
        """Whether the folder has an answer to the messages that may be used."""
        return self._known(self.file(messages)).get("answer") is not None

    def file(self, messages: Sequence[Message]) -> Path:
        """Where the exchange of these messages is kept."""
        asked = [*messages, self.name] if self.mode == "cache" else list(messages)  # another model may answer otherwise
        written = json.dumps(asked, ensure_ascii=False).encode(errors="replace")
        return self.folder / f"{sha256(written).hexdigest()[:16]}.json"


def unanswered(folder: Path) -> list[Path]:
    """The files of a folder that have no answer yet."""
    return [path for path in sorted(folder.glob("*.json")) if _read(path).get("answer") is None]


def _read(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"无法读取 {path}：应为一个 JSON 对象。") from error
    if not isinstance(values, dict) or not isinstance(values.get("answer"), (str, type(None))):
        raise SettingsError(f"{path} 的 answer 应为文字或 null。")
    if any(type(values.get(name, 0)) is not int for name in ("input_tokens", "output_tokens")):
        raise SettingsError(f"{path} 的 input_tokens 和 output_tokens 应为整数。")
    return values


def _write(path: Path, messages: Sequence[Message], answer: str | None, tokens_in: int, tokens_out: int) -> None:
    request = [{"role": role, "content": content} for role, content in messages]
    values = {"request": request, "answer": answer, "input_tokens": tokens_in, "output_tokens": tokens_out}
    part = path.with_suffix(f".{get_ident()}.part")  # two may ask the same at once
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(values, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", errors="replace")
        part.replace(path)
    except OSError as error:
        raise SettingsError(f"无法写入 {path.parent}。") from error
