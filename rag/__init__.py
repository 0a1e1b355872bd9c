"""问据 (Wenju): answers over a folder of Chinese documents, each with the sentence it stands in.

    build:  load -> clean -> split -+-> embed  -> dense  -+-> store -> index/
                                    +-> tokens -> sparse -+
    ask:    history + question -> question -> plan -+-> retrieve(dense|sparse -> fuse) -> read -> verify -+-> cite -> Reply
                                                    +-> the same for each part -> put together, verify ---+
            with a language model: Reply, then llm(pack -> prompt -> model -> support -> decide) -> cite -> Reply as it grows
    edges:  ui.py | cli | ask() | evaluate

    >>> from rag import ask
    >>> ask("2024年武汉服务外包执行额是多少").short
    '568.3亿元'

Importing the package is cheap: torch, faiss, gradio and the models are loaded where they are first needed.
"""

from typing import TYPE_CHECKING

from rag.config import Settings
from rag.errors import RagError
from rag.types import Chunk, Citation, Hit, Reply, Turn

if TYPE_CHECKING:
    from rag.chat import ChatBot, ask
    from rag.store import build_index

__all__ = ["ChatBot", "Chunk", "Citation", "Hit", "RagError", "Reply", "Settings", "Turn", "ask", "build_index"]


def __getattr__(name: str) -> object:
    """The parts that need libraries, imported when first asked for."""
    if name in ("ChatBot", "ask"):
        from rag import chat

        return getattr(chat, name)
    if name == "build_index":
        from rag.store import build_index

        return build_index
    raise AttributeError(f"module 'rag' has no attribute {name!r}")
