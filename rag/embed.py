"""Unit vectors of texts: the dense half of the index, and of every question.

    split -> [embed] -> dense        question -> [embed] -> dense

The shipped model is a static one (a vector per token, averaged), in the layout of sentence-transformers; it is
read here with `tokenizers`, `safetensors` and numpy alone, which loads in 0.1 s where torch takes seconds. Any other
sentence-transformers model is handed to that library.
"""

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from rag.errors import ModelError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

SHIPPED = Path(__file__).parent / "model"
_BATCH = 1024  # texts tokenized at a time: bounds the memory of the encodings, not the result


class Embedder(Embeddings):
    """Texts to unit vectors; the public face is LangChain's `Embeddings`.

    Attributes:
        name: the model as the index manifest names it.
        dimension: the length of its vectors.
        query_prefix: put before a text by `embed_query`.
        passage_prefix: put before each text by `embed_documents`.
    """

    name: str
    dimension: int
    query_prefix: str = ""
    passage_prefix: str = ""

    def encode(self, texts: Sequence[str], prefix: str = "") -> NDArray[np.float32]:
        """Rows of length 1, shape (len(texts), dimension), float32; a row of zeros where a text has no known token."""
        raise NotImplementedError

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One unit vector for each passage."""
        rows: list[list[float]] = self.encode(texts, self.passage_prefix).tolist()
        return rows

    def embed_query(self, text: str) -> list[float]:
        """The unit vector of a question."""
        row: list[float] = self.encode([text], self.query_prefix)[0].tolist()
        return row


class StaticEmbedder(Embedder):
    """A static model: the mean of the token vectors, scaled to length 1."""

    def __init__(self, name: str, tokenizer: "Tokenizer", vectors: NDArray[Any], scales: NDArray[Any] | None) -> None:
        self.name = name
        self.dimension = int(vectors.shape[1])
        self._tokenizer = tokenizer
        self._vectors = vectors  # kept in the precision of the file; only the rows of a batch are widened
        self._scales = scales  # one factor per row where the rows are 8-bit integers

    def encode(self, texts: Sequence[str], prefix: str = "") -> NDArray[np.float32]:
        """Rows of length 1, shape (len(texts), dimension), float32; a row of zeros where a text has no known token."""
        made = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(texts), _BATCH):
            batch = [prefix + text for text in texts[start : start + _BATCH]]
            self._add_means(batch, made[start : start + _BATCH])
        norms = np.linalg.norm(made, axis=1, keepdims=True)
        np.divide(made, norms, out=made, where=norms > 0)
        return made

    def _add_means(self, texts: list[str], rows: NDArray[np.float32]) -> None:
        """Writes into `rows` the sum of the token vectors of each text (its direction is that of the mean)."""
        if len(texts) == 1:  # the batch call costs more than a question does
            encodings = [self._tokenizer.encode(texts[0], add_special_tokens=False)]
        else:
            encodings = self._tokenizer.encode_batch_fast(texts, add_special_tokens=False)
        for row, encoding in zip(rows, encodings, strict=True):
            ids = encoding.ids
            if not ids:
                continue
            vectors = self._vectors[ids]
            if self._scales is None:
                np.sum(vectors, axis=0, dtype=np.float32, out=row)
            else:
                np.matmul(self._scales[ids], vectors.astype(np.float32), out=row)


class TransformerEmbedder(Embedder):
    """Any other sentence-transformers model, encoded by that library."""

    def __init__(self, name: str, model: Any) -> None:
        self.name = name
        self._model = model
        self.dimension = int(model.get_embedding_dimension())

    def encode(self, texts: Sequence[str], prefix: str = "") -> NDArray[np.float32]:
        """Rows of length 1, shape (len(texts), dimension), float32."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        made = self._model.encode(
            [prefix + text for text in texts], normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        )
        return np.asarray(made, dtype=np.float32)


@lru_cache(maxsize=4)
def load_embedder(model: str = "") -> Embedder:
    """The embedder of a model: "" is the shipped one, else a local path or a hub name. Loaded once per process.

    Raises:
        ModelError: the model is missing or cannot be loaded.
    """
    folder = Path(model) if model else SHIPPED
    if not model and not (folder / "modules.json").is_file():
        raise ModelError(
            f"安装不完整：自带的向量模型不在 {folder}。请重新安装 wenju，或用 training/embeddings 重新训练。"
        )
    name = model or _shipped_name()
    static = _static_folder(folder)
    return _load_transformer(name) if static is None else _load_static(name, static)


def _shipped_name() -> str:
    """The name of the shipped model, from its configuration, so that an index knows when the model has changed."""
    try:
        return str(json.loads((SHIPPED / "wenju.json").read_text(encoding="utf-8"))["name"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"自带的向量模型已损坏：{SHIPPED / 'config.json'} 无法读取（{error}）。请重新安装 wenju。"
        ) from error


def _static_folder(folder: Path) -> Path | None:
    """The folder of the static module where that is all the model has (but for a normalising one), else None."""
    try:
        modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
        kinds = [str(module["type"]).rsplit(".", 1)[-1] for module in modules]
        first = folder / str(modules[0]["path"])
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return first if kinds in (["StaticEmbedding"], ["StaticEmbedding", "Normalize"]) else None


def _load_static(name: str, folder: Path) -> StaticEmbedder:
    """The static model of a folder: plain vectors, or 8-bit ones with a factor per row (model2vec's names)."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        arrays = load_file(folder / "model.safetensors")
        vectors = arrays["embedding.weight"] if "embedding.weight" in arrays else arrays["embeddings"]
    except (OSError, SafetensorError, KeyError) as error:
        raise ModelError(f"向量模型 {folder} 无法读取：{error}。请检查文件是否完整。") from error
    except Exception as error:  # tokenizers raises bare Exception for a file it cannot read
        raise ModelError(f"向量模型 {folder} 的分词器无法读取：{error}。请检查 tokenizer.json 是否完整。") from error
    if "mapping" in arrays:
        vectors = vectors[arrays["mapping"]]
    if vectors.ndim != 2 or len(vectors) < tokenizer.get_vocab_size():
        raise ModelError(
            f"向量模型 {folder} 的分词器与向量不符：{tokenizer.get_vocab_size()} 个词，{len(vectors)} 行向量。"
        )
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return StaticEmbedder(name, tokenizer, vectors, arrays.get("weights"))


def _load_transformer(name: str) -> TransformerEmbedder:
    """A model that needs torch, by local path or hub name."""
    try:
        from sentence_transformers import SentenceTransformer

        return TransformerEmbedder(name, SentenceTransformer(name))
    except ImportError as error:
        raise ModelError(f"加载向量模型 {name} 需要 sentence-transformers：{error}。") from error
    except Exception as error:  # the library, the hub and torch raise many kinds for one cause
        reason = str(error).strip().split("\n")[0]
        raise ModelError(
            f"无法加载向量模型 {name!r}：{reason}。请检查路径或名称；没有网络时只能使用本机已有的模型。"
        ) from error
