"""The dependency rows: a module imports only from rows below its own, so that stages never meet; `import rag` is cheap."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROWS = (
    "types errors arrays",
    "config",
    "quantities clean",
    "tokens periods arithmetic",
    "coordinate",
    "question",  # a stage like those above it, but what it makes is given to the reader
    "load split embed dense sparse plan reckon figures apposition read verify cite",
    "store",
    "retrieve wordings",
    "retriever",
    "derive dispute",
    "implied",
    "combine",
    "llm",
    "chat",
    "evaluate conversation",
    "report render",
    "cli",
    "ui",
)
ROW = {name: row for row, names in enumerate(ROWS) for name in names.split()}
# What grew out of a module's file belongs to its row; the two may import each other.
PARTS = {
    "articles": "clean",
    "asked": "question",
    "aside": "question",
    "several": "coordinate",
    "names": "verify",
    "paraphrase": "verify",
    "followup": "question",
    "named": "question",
    "spelling": "wordings",
    "english": "wordings",
    "layout": "clean",
    "manifest": "store",
    "records": "store",
    "swap": "store",
}
FILES = [*sorted((ROOT / "rag").rglob("*.py")), ROOT / "ui.py"]


def module(path):
    """The module of the dependency rows that a file belongs to: "read" for rag/read/spans.py."""
    return path.relative_to(ROOT / "rag").with_suffix("").parts[0] if path != ROOT / "ui.py" else "ui"


def imported(path):
    """The modules of `rag` that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "rag":
            parts = node.module.split(".")[1:]
            yield from parts[:1] or [alias.name for alias in node.names]
        elif isinstance(node, ast.Import):
            yield from (alias.name.split(".")[1] for alias in node.names if alias.name.startswith("rag."))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_imports_only_from_rows_below_its_own(path):
    own = module(path)
    if own in ("__init__", "__main__"):
        return
    whole = PARTS.get(own, own)
    for name in imported(path):
        if not (ROOT / "rag" / f"{name}.py").exists() and not (ROOT / "rag" / name).is_dir():
            continue  # a name of the package itself
        other = PARTS.get(name, name)
        assert ROW[other] < ROW[whole] or other == whole, f"{own} imports {name}"


def test_importing_the_package_loads_no_heavy_library():
    heavy = ["torch", "gradio", "faiss", "sentence_transformers", "jieba", "langchain_core", "numpy", "opencc"]
    script = f"import sys, rag; print(*[name for name in {heavy} if name in sys.modules])"
    made = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert made.stdout.split() == []
