"""Whether values of sentences with 分别 go to the items they belong to, on the pairings labelled in `pairs.jsonl`.

    python benchmarks/quantities/pairs.py --corpus news.jsonl.gz

A label is the value and a part of its item's name. A pairing is right when the item it is given to holds that part
and no other item of the sentence does.
"""

import argparse
from pathlib import Path
from typing import Any

from compare import rows

from rag.read.align import aligned
from rag.read.words import words


def judged(row: dict[str, Any]) -> tuple[int, int, int]:
    """Right, false and missed pairings of a sentence."""
    text = row["text"]
    found = list(aligned(words(text)))
    made = len(found)
    right = 0
    for value, item in row["pairs"]:
        for pair in found:
            held = [item in text[a:b] for a, b in (pair.own, *pair.others)]
            if text[pair.start : pair.end] == value and held[0] and not any(held[1:]):
                right += 1
                found.remove(pair)
                break
    return right, made - right, len(row["pairs"]) - right


def main() -> None:
    """Prints precision and recall for each part of the sentences."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path)
    labelled = list(rows("pairs.jsonl", parser.parse_args().corpus))
    parts = {
        "seeds": [row for row in labelled if row["document"].endswith(".txt")],
        "news": [row for row in labelled if not row["document"].endswith(".txt") and "held" not in row],
        "news, held out": [row for row in labelled if "held" in row],
    }
    for name, part in parts.items():
        right, false, missed = (sum(column) for column in zip(*map(judged, part), strict=True)) if part else (0, 0, 0)
        shares = [f"{100 * right / total:.1f}" if total else "–" for total in (right + false, right + missed)]
        print(f"{name}: {len(part)} sentences, {right + missed} pairings, precision {shares[0]}, recall {shares[1]}")


if __name__ == "__main__":
    main()
