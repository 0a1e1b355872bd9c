"""The texts that are trained on, from whatever the user has.

[corpus] -> vocabulary -> pairs -> train -> export
"""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

SUFFIXES = (".txt", ".md", ".jsonl", ".jsonl.gz")


def texts(path: Path) -> Iterator[str]:
    """Each text of a `.jsonl(.gz)` file (field "text"), a text file, or a folder of such files, in a fixed order."""
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.name.endswith(SUFFIXES):
                yield from texts(file)
    elif path.name.endswith((".jsonl", ".jsonl.gz")):
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rt", encoding="utf-8") as lines:
            yield from (json.loads(line)["text"] for line in lines if line.strip())
    else:
        yield path.read_text(encoding="utf-8")
