"""A language model as a stream of pieces: `connect(settings).stream(messages)`. Part of `rag.llm`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from rag.config import Settings
from rag.errors import SettingsError
from rag.llm.failure import ModelFailed
from rag.llm.patience import patient
from rag.llm.providers import arguments, named

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessageChunk

Message = tuple[Literal["system", "user", "assistant"], str]
_ENDS = ("finish_reason", "stop_reason", "done_reason")
_CUT = ("length", "max_tokens", "MAX_TOKENS")
_REFUSED = ("content_filter", "refusal", "sensitive", "SAFETY")
_NO_USAGE = {"input_tokens": 0, "output_tokens": 0}


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an answer as it comes, without text while it is waited for. The counts are of the whole request, 0 until the model says them."""

    text: str
    input_tokens: int = 0
    output_tokens: int = 0
    cut: bool = False


class Model(Protocol):
    """What answers messages; `name` as the user wrote it."""

    @property
    def name(self) -> str:
        """How the model is called in settings and replies."""
        ...

    def stream(self, messages: Sequence[Message]) -> Iterator[Piece]:
        """The answer in pieces.

        Raises:
            ModelFailed: there is no answer, or no more of it.
        """
        ...


@dataclass(frozen=True, slots=True)
class ChatModel:
    """A chat model of LangChain, with how long its next piece and its whole answer are waited for, in seconds."""

    name: str
    chat: "BaseChatModel"
    wait_seconds: float
    total_seconds: float

    def stream(self, messages: Sequence[Message]) -> Iterator[Piece]:
        """The answer in pieces."""
        some, end = False, ""
        for chunk in patient(lambda: self.chat.astream(list(messages)), self.wait_seconds, self.total_seconds):
            if chunk is None:
                yield Piece("")
                continue
            end = _ended(chunk) or end
            text, usage = str(chunk.text), chunk.usage_metadata or _NO_USAGE
            some = some or bool(text.strip())
            yield Piece(text, usage["input_tokens"], usage["output_tokens"], end in _CUT)
        if end in _REFUSED or not some:  # a refusal told apart from the text does not come through as a stream
            raise ModelFailed("模型没有给出内容，可能拒绝回答")
        if not end:  # a connection that breaks at the right place raises nothing
            raise ModelFailed("模型的回答中途断开")


def _ended(chunk: "AIMessageChunk") -> str:
    """Why the answer ended, as the provider calls it, "" while it goes on."""
    metadata = chunk.response_metadata
    return str(next((metadata[name] for name in _ENDS if metadata.get(name)), ""))


def connect(settings: Settings) -> ChatModel:
    """The model that `settings.llm` names; nothing is contacted yet.

    Raises:
        SettingsError: the name, the key or the package that speaks to the provider is missing or unknown.
    """
    provider, _ = named(settings)
    values = arguments(settings)
    try:
        from langchain.chat_models import init_chat_model

        chat = init_chat_model(**values)
    except ImportError as error:
        missing = _package(error)
        raise SettingsError(
            f"使用 {settings.llm} 需要另行安装：pip install 'wenju[{provider.extra}]'{missing}。"
        ) from error
    except ValueError as error:
        raise SettingsError(f"无法使用模型 {settings.llm}：提供方未知，或它的设置不完整。") from error
    return ChatModel(settings.llm, chat, settings.llm_wait_seconds, settings.llm_total_seconds)


def _package(error: ImportError) -> str:
    return f"（缺少 {error.name}）" if error.name else ""
