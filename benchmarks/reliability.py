"""How far `Reply.confidence` may be believed: `python benchmarks/reliability.py FOLDER MODELS`.

FOLDER and MODELS are those of `training.ranker.crossvalidate`: every question is read by models that never saw its document.
The answered questions, sorted by confidence, fall into ten bins of equal size. Prints the mean confidence of each and what its
answers were worth, and draws that as benchmarks/reliability.svg. A refusal withholds its answer, so that it has no point.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.chat import ChatBot
from training.ranker.crossvalidate import FoldReader, judged, load_reader
from training.ranker.pools import fold, make_index
from training.ranker.sets import load

Array = NDArray[np.float64]
DRAWING = Path(__file__).with_suffix(".svg")
EVERY = 3  # every third question, so that all documents have their share
BINS = 10
# What a wrong answer to an answerable question counts where the confidence is trained (training/ranker/calibrate.py).
PARTIAL = 0.6
SIDE, LEFT, TOP = 300, 60, 20  # pixels: the square of the plot, and what is left free beside it


def gathered(folder: Path, models: Path) -> tuple[Array, Array, Array]:
    """Confidence, 1.0 where the answer is right, and the credit it was trained on: shape (answered questions,) each."""
    documents, examples = load(folder, "newsqa")
    reader = FoldReader((load_reader(models, 0), load_reader(models, 1)))
    bot = ChatBot(make_index(documents), reader)
    rows = []
    for example in examples[::EVERY]:
        reader.fold = fold(example.document)
        reply = bot.ask(example.question)
        if reply.answered:
            right = judged(reply, example)["right"]  # 0 where the document does not answer
            rows.append((reply.confidence, right, max(right, PARTIAL * bool(example.answers))))
    confidence, right, credit = np.array(rows, dtype=np.float64).T
    return confidence, right, credit


def binned(confidence: Array, worth: Array) -> Array:
    """Size, mean confidence and mean worth of each bin, lowest confidence first, shape (BINS, 3)."""
    bins = np.array_split(np.argsort(confidence, kind="stable"), BINS)
    return np.array([(len(rows), confidence[rows].mean(), worth[rows].mean()) for rows in bins])


def calibration_error(bins: Array) -> float:
    """Expected calibration error (Naeini et al. 2015): mean |confidence - worth| of the bins, by size."""
    size, confidence, worth = bins.T
    return float(np.average(np.abs(confidence - worth), weights=size))


def drawn(right: Array, credit: Array) -> str:
    """The bins as an SVG: confidence from left to right, worth upwards, the diagonal where both are equal."""
    marks = [
        f'<rect width="{SIDE + 100}" height="{SIDE + 80}" fill="white"/>',
        f'<rect x="{LEFT}" y="{TOP}" width="{SIDE}" height="{SIDE}" fill="none" stroke="black"/>',
        f'<path d="M{_at(0, 0)} L{_at(1, 1)}" stroke="gray" stroke-dasharray="4"/>',
        f'<text x="{LEFT + SIDE / 2}" y="{TOP + SIDE + 42}" text-anchor="middle">confidence</text>',
    ]
    for tick in (0, 0.2, 0.4, 0.6, 0.8, 1):
        x, y = LEFT + SIDE * tick, TOP + SIDE * (1 - tick)
        marks.append(f'<text x="{x:.0f}" y="{TOP + SIDE + 20}" text-anchor="middle">{tick}</text>')
        marks.append(f'<text x="{LEFT - 8}" y="{y + 4:.0f}" text-anchor="end">{tick}</text>')
    for row, (bins, colour, name) in enumerate([(credit, "#d98200", "credit"), (right, "#1f5fa8", "right")]):
        points = [_at(x, y) for _, x, y in bins]
        marks.append(f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}"/>')
        marks += [f'<circle cx="{p.split(",")[0]}" cy="{p.split(",")[1]}" r="4" fill="{colour}"/>' for p in points]
        marks.append(f'<text x="{LEFT + 12}" y="{TOP + 22 + 18 * row}" fill="{colour}">● {name}</text>')
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIDE + 100}" height="{SIDE + 80}" font-family="sans-serif"'
    return "\n".join([f'{head} font-size="13">', *marks, "</svg>\n"])


def _at(x: float, y: float) -> str:
    return f"{LEFT + SIDE * x:.1f},{TOP + SIDE * (1 - y):.1f}"


def main() -> None:
    """Measures, prints a Markdown table, draws."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="holds eval/ and corpus/")
    parser.add_argument("models", type=Path)
    options = parser.parse_args()
    confidence, is_right, credits = gathered(options.folder, options.models)
    right, credit = binned(confidence, is_right), binned(confidence, credits)
    print("| answers | confidence | right | credit |\n|---:|---:|---:|---:|")
    for (size, mean, share), (_, _, worth) in zip(right, credit, strict=True):
        print(f"| {size:.0f} | {mean:.3f} | {share:.3f} | {worth:.3f} |")
    print(f"| {len(confidence)} | {confidence.mean():.3f} | {is_right.mean():.3f} | {credits.mean():.3f} |")
    print(f"ECE: right {calibration_error(right):.3f}, credit {calibration_error(credit):.3f}")
    DRAWING.write_text(drawn(right, credit), encoding="utf-8")


if __name__ == "__main__":
    main()
