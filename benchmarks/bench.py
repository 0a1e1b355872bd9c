"""Measures Wenju through its public interface and writes benchmarks/results/<commit>.json.

    python benchmarks/bench.py                 the seed questions, latency, build time, cold start
    python benchmarks/bench.py --readme        and puts the table into README.md and README.zh.md
    python benchmarks/bench.py --sets FOLDER   and every set in FOLDER

A set is a folder with `questions.jsonl` (the format of `wenju eval`) and either `corpus/`, a folder of documents, or
`documents.jsonl`, one `{"source", "text", "published"?}` a line; both JSON-lines files may be gzipped.
"""

import argparse
import gzip
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from langchain_core.documents import Document

import rag
from rag.evaluate import evaluate, read_rows, table

ROOT = Path(__file__).resolve().parents[1]
QUESTIONS = ROOT / "tests" / "data" / "seeds_questions.jsonl"
QUESTION = "2024年武汉服务外包执行额是多少"
LIBRARIES = ("torch", "sentence-transformers", "faiss-cpu", "bm25s", "numpy", "gradio")
RUNS = 5


def timed(run: Callable[[], Any]) -> tuple[Any, float]:
    """What `run` returns, and the seconds it took."""
    start = time.perf_counter()
    result = run()
    return result, time.perf_counter() - start


def process_seconds(*command: str) -> float:
    """The median wall-clock seconds of a fresh process over a few runs."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    runs = [
        timed(lambda: subprocess.run([sys.executable, *command], check=True, capture_output=True, env=environment))[1]
        for _ in range(RUNS)
    ]
    return statistics.median(runs)


def seeds(index: Path) -> tuple[dict[str, Any], str]:
    """The figures of the seed documents, and the accuracy table."""
    _, build = timed(lambda: rag.build_index(ROOT / "seeds", index))
    bot, load = timed(lambda: rag.ChatBot.from_index(index))
    bot.ask(QUESTION)
    rows = read_rows(QUESTIONS)
    report = evaluate(bot, rows)
    bare = process_seconds("-c", "pass")
    figures = {
        "accuracy": report.as_dict(),
        "build_seconds": build,
        "load_seconds": load,
        "import_rag_seconds": process_seconds("-c", "import rag") - bare,
        "cold_ask_seconds": process_seconds("-m", "rag.cli", "ask", QUESTION, "--index", str(index)),
        "help_seconds": process_seconds("-m", "rag.cli", "--help"),
        "info_seconds": process_seconds("-m", "rag.cli", "info", "--index", str(index)),
    }
    return figures, table(report)


def further(folder: Path, scratch: Path) -> tuple[dict[str, Any], str]:
    """The figures of one further set, and its accuracy table."""
    questions = next(folder.glob("questions.jsonl*"))
    if (folder / "corpus").is_dir():
        index = scratch / folder.name
        _, build = timed(lambda: rag.build_index(folder / "corpus", index))
        bot = rag.ChatBot.from_index(index)
    else:
        documents = read_documents(next(folder.glob("documents.jsonl*")))
        bot, build = timed(lambda: rag.ChatBot.from_documents(documents))
    report = evaluate(bot, read_rows(questions))
    return {"accuracy": report.as_dict(), "build_seconds": build}, table(report)


def read_documents(path: Path) -> list[Document]:
    """The documents of a JSON-lines file."""
    data = path.read_bytes()
    lines = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    return [Document(page_content=row.pop("text"), metadata=row) for row in rows]


def commit() -> str:
    """The short name of the commit that is measured, with "-dirty" where tracked files differ from it."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=7", "--exclude=*"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "cores": cores,
        "machine": platform.machine(),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in LIBRARIES},
    }


def readme_table(result: dict[str, Any]) -> str:
    """The table that the README shows: what was measured, on which commit and machine."""
    figures, at = result["seeds"], result["machine"]
    accuracy = figures["accuracy"]["all"]
    rows = [
        (f"right, {accuracy['count']} questions over the seeds", f"{accuracy['right']:.3f}"),
        ("evidence cited", f"{accuracy['evidence']:.3f}"),
        ("answered where there is an answer", f"{accuracy['kept']:.3f}"),
        ("refused where there is none", f"{accuracy['refused']:.3f}"),
        ("`ask`, p50 / p95", f"{accuracy['p50_ms']:.1f} / {accuracy['p95_ms']:.1f} ms"),
        ("`wenju ask`, cold start", f"{figures['cold_ask_seconds']:.2f} s"),
        ("`import rag`", f"{figures['import_rag_seconds']:.2f} s"),
        ("building the index of the seeds", f"{figures['build_seconds']:.1f} s"),
    ]
    note = f"Commit {result['commit']}, {result['date']}, {at['cores']} cores, Python {at['python']}."
    lines = ["| measured by `make bench` | |", "|---|---:|", *(f"| {name} | {value} |" for name, value in rows)]
    return "\n".join([*lines, "", note])


def put_into(path: Path, text: str) -> None:
    """Replace what stands between the two bench marks of a README."""
    before, rest = path.read_text(encoding="utf-8").split("<!-- bench -->\n", 1)
    _, after = rest.split("<!-- /bench -->", 1)
    path.write_text(f"{before}<!-- bench -->\n{text}\n<!-- /bench -->{after}", encoding="utf-8")


def main() -> None:
    """Measure, write the result, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=Path, help="a folder of further sets")
    parser.add_argument("--readme", action="store_true", help="put the table into the READMEs")
    options = parser.parse_args()
    result: dict[str, Any] = {
        "commit": commit(),
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "sets": {},
    }
    with tempfile.TemporaryDirectory() as name:
        result["seeds"], shown = seeds(Path(name) / "index")
        print(f"seeds\n\n{shown}\n")
        for folder in sorted(path for path in options.sets.iterdir() if path.is_dir()) if options.sets else ():
            result["sets"][folder.name], shown = further(folder, Path(name))
            print(f"{folder.name}\n\n{shown}\n")
    file = ROOT / "benchmarks" / "results" / f"{result['commit']}.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(readme_table(result))
    if options.readme:
        for path in (ROOT / "README.md", ROOT / "README.zh.md"):
            put_into(path, readme_table(result))


if __name__ == "__main__":
    main()
