"""The model folder: what sentence-transformers and `rag.embed` both read.

corpus -> vocabulary -> pairs -> train -> [export]
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

_PACKAGE = "sentence_transformers.sentence_transformer.modules"
_MODULES = [
    {"idx": 0, "name": "0", "path": "", "type": f"{_PACKAGE}.StaticEmbedding"},
    {"idx": 1, "name": "1", "path": "1_Normalize", "type": f"{_PACKAGE}.Normalize"},
]


def export(folder: Path, name: str, tokenizer: Any, vectors: NDArray[np.float32]) -> None:
    """Writes the model: 8-bit rows and a factor per row (the names are model2vec's), a quarter of float32."""
    folder.mkdir(parents=True, exist_ok=True)
    scales = np.abs(vectors).max(axis=1) / 127
    safe = np.where(scales > 0, scales, 1)[:, None]
    rows = np.rint(vectors / safe).astype(np.int8)
    save_file({"embeddings": rows, "weights": scales.astype(np.float32)}, folder / "model.safetensors")
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    _write(folder / "modules.json", _MODULES)
    _write(folder / "wenju.json", {"name": name, "dimension": vectors.shape[1], "pieces": len(vectors)})
    (folder / "1_Normalize").mkdir(exist_ok=True)
    _write(folder / "1_Normalize" / "config.json", {})


def _write(file: Path, value: Any) -> None:
    file.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
