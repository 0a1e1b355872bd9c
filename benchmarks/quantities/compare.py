"""Figures and dates found by 问据 and by libraries, on the sentences labelled by hand in `labels.jsonl`.

    python benchmarks/quantities/compare.py --corpus news.jsonl.gz [--held] [--show wenju]

A library that is not installed is left out. The news sentences are not part of this project: `--corpus` names the
file of CRUD_RAG documents ({"id", "text"} a line, .gz) that they are read from; without it only those of the seed
documents are scored. See README.md for what is counted.
"""

import argparse
import gzip
import json
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from libraries import SYSTEMS, Figure, Found, Span

HERE = Path(__file__).parent
_SAME = {"名": "人", "位": "人", "日": "天", "毫米": "mm", "摄氏度": "℃"}
_KINDS = {
    "money": {"元", "美元", "日元", "新台币"},
    "percent": {"%", "个百分点"},
    "rank": {"第"},
    "time": {"年", "个月", "周", "天", "小时", "分钟", "岁", "周年"},
}


def kind(unit: str) -> str:
    """The row of the table a unit belongs to."""
    return next((name for name, units in _KINDS.items() if unit in units), "count, measure")


def rows(labelled: str, corpus: Path | None) -> Iterator[dict[str, Any]]:
    """The sentences of a file of labels whose text is at hand."""
    labels = [json.loads(line) for line in (HERE / labelled).read_text(encoding="utf-8").splitlines()]
    wanted = {row["document"] for row in labels if "text" not in row}
    texts: dict[str, str] = {}
    if corpus:
        with gzip.open(corpus, "rt", encoding="utf-8") as lines:
            texts = {d["id"]: d["text"] for d in map(json.loads, lines) if d["id"] in wanted}
    for row in labels:
        if "text" not in row and row["document"] in texts:
            row["text"] = texts[row["document"]][row["start"] : row["end"]]
        if "text" in row:
            yield row


def _over(a: tuple[Any, ...] | dict[str, Any], b: tuple[Any, ...] | dict[str, Any]) -> bool:
    (s, e), (t, f) = ((x["start"], x["end"]) if isinstance(x, dict) else (x[0], x[1]) for x in (a, b))
    return bool(s < f and t < e)


def score(row: dict[str, Any], found: Found, count: Counter[tuple[str, str]]) -> list[str]:
    """Adds one sentence's hits, misses and false finds to `count`; what went wrong in words."""
    text, wrong = row["text"], []
    figures, dates = found
    dates = [d for d in dates if not any(o != d and o.start <= d.start and d.end <= o.end for o in dates)]
    gold = [q for q in row["quantities"] if "unit" in q]
    spare = [q for q in row["quantities"] if "unit" not in q]
    kept = [f for f in figures if f.unit and not any(d.start <= f.start and f.end <= d.end for d in dates)]
    used: set[Figure] = set()
    for q in gold:
        unit = _SAME.get(q["unit"], q["unit"])
        near = [f for f in kept if f not in used and _over(f, q)]
        right = [f for f in near if abs(f.value - q["value"]) <= 1e-6 * abs(q["value"])]
        exact = [f for f in right if text[f.start : f.end].strip() == q["text"]]
        both = [f for f in right if _SAME.get(f.unit, f.unit) == unit]
        used |= set((both or right or near)[:1])
        count["figure, span", "hit" if exact else "miss"] += 1
        count["figure, unit", "hit" if both else "miss"] += 1
        count[kind(unit), "hit" if both else "miss"] += 1
        if not exact or not both:
            wrong.append(
                f"  - {q['text']} = {q['value']:g} {q['unit']}: {[(text[f.start : f.end], *f[2:]) for f in near]}"
            )
            if near:
                count["figure, span", "false"] += not exact
                count["figure, unit", "false"] += not both
                count[kind(unit), "false"] += not both
    for f in kept:
        article = text[f.start : f.end].strip()[:1] == "一" and f.value == 1
        if not article and f not in used and not any(_over(f, q) for q in gold + spare):
            wrong.append(f"  + {text[f.start : f.end]} = {f.value:g} {f.unit}")
            for name in ("figure, span", "figure, unit", kind(_SAME.get(f.unit, f.unit))):
                count[name, "false"] += 1
    return wrong + _score_dates(row, dates, count)


def _score_dates(row: dict[str, Any], dates: list[Span], count: Counter[tuple[str, str]]) -> list[str]:
    """Likewise for dates: whether one is found at its place, and whether its interval is right; lengths of time (近15年),
    which some take for dates, are left out.
    """
    text, wrong = row["text"], []
    spare = [p for p in row["periods"] if "first" not in p] + row["quantities"]
    placed: set[Span] = set()
    right: set[Span] = set()
    for p in (p for p in row["periods"] if "first" in p):
        interval = date.fromisoformat(p["first"]), date.fromisoformat(p["last"])
        near = {d for d in dates if _over(d, p)}
        hits = {d for d in near if interval in d.readings}
        placed, right = placed | near, right | hits
        count["date, place", "hit" if near else "miss"] += 1
        count["date", "hit" if hits else "miss"] += 1
        if not hits:
            wrong.append(f"  - {p['text']} = {p['first']}..{p['last']}")
    for d in dates:
        if d in right or (d not in placed and any(_over(d, p) for p in spare)):
            continue
        count["date", "false"] += 1
        count["date, place", "false"] += d not in placed
        wrong.append(f"  + {text[d.start : d.end]} = {[f'{a}..{b}' for a, b in d.readings]}")
    return wrong


def main() -> None:
    """Scores every system that is installed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--show", default="", help="a system whose mistakes are printed")
    parser.add_argument("--held", action="store_true", help="only the sentences labelled after the code was written")
    options = parser.parse_args()
    labelled = [row for row in rows("labels.jsonl", options.corpus) if row.get("held", False) or not options.held]
    names = ("figure, span", "figure, unit", *_KINDS, "count, measure", "date, place", "date")
    print(
        f"{len(labelled)} sentences; precision / recall / F1 in per cent\n| | import, s | ms a sentence | {' | '.join(names)} |"
    )
    print("|" + "---|" * (len(names) + 3))
    for name, load in SYSTEMS.items():
        began = time.perf_counter()
        try:
            find = load()
        except ImportError:
            continue
        imported = time.perf_counter() - began
        count: Counter[tuple[str, str]] = Counter()
        find(labelled[0]["text"], date(2025, 1, 1))
        spent = 0.0
        for row in labelled:
            reference = date.fromisoformat(row["published"]) if row["published"] else None
            began = time.process_time()
            found = find(row["text"], reference)
            spent += time.process_time() - began
            wrong = score(row, found, count)
            if wrong and name == options.show:
                print(row["text"], *wrong, sep="\n")
        cells = [_cell(*(count[column, x] for x in ("hit", "false", "miss"))) for column in names]
        print(f"| {name} | {imported:.2f} | {1000 * spent / len(labelled):.2f} | {' | '.join(cells)} |")


def _cell(hit: int, false: int, miss: int) -> str:
    if not hit:
        return "–"
    precision, recall = hit / (hit + false), hit / (hit + miss)
    return f"{100 * precision:.1f} / {100 * recall:.1f} / {200 * precision * recall / (precision + recall):.1f}"


if __name__ == "__main__":
    main()
