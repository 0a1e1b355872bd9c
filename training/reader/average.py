"""Average two models of one start (Wortsman et al. 2022): `python training/reader/average.py FIRST.npz SECOND.npz -o OUT.npz [--share 0.6]`.

Weights are averaged, `--share` of them the second's; what both have alike (words, vectors, scales) is kept.
"""

import argparse
from pathlib import Path

import numpy as np

KEPT = ("vocabulary", "characters", "idf", "vectors", "scale")


def averaged(first: dict[str, np.ndarray], second: dict[str, np.ndarray], share: float) -> dict[str, np.ndarray]:
    """The arrays of a model between two; `share` in [0, 1] is the second's."""
    return {
        name: value
        if name in KEPT
        else ((1 - share) * value.astype(np.float32) + share * second[name].astype(np.float32)).astype(np.float16)
        for name, value in first.items()
    }


def main() -> None:
    """Read the arguments and write the model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs=2, type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--share", type=float, default=0.6)
    options = parser.parse_args()
    first, second = (dict(np.load(path)) for path in options.models)
    np.savez(options.output, **averaged(first, second, options.share))


if __name__ == "__main__":
    main()
