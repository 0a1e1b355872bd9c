"""`python -m training.embeddings CORPUS --out FOLDER`: from plain text to a model folder."""

import argparse
from dataclasses import fields
from pathlib import Path

from tokenizers import Tokenizer

from training.embeddings.corpus import texts
from training.embeddings.export import export
from training.embeddings.pairs import Mix, Tokens
from training.embeddings.train import Course, train
from training.embeddings.vocabulary import train_tokenizer


def main() -> None:
    """Trains a tokenizer (unless one is given) and the vectors, and writes the model folder."""
    parser = argparse.ArgumentParser(prog="python -m training.embeddings", description=__doc__)
    parser.add_argument("corpus", type=Path, help="a .jsonl(.gz) file with the field text, a text file, or a folder")
    parser.add_argument("--out", type=Path, default=Path("training/out/embeddings"), help="the model folder to write")
    parser.add_argument("--name", default="wenju-static-zh-v1", help="the name an index remembers the model by")
    parser.add_argument("--tokenizer", type=Path, help="a tokenizer.json to use instead of training one")
    parser.add_argument("--pieces", type=int, default=64_000, help="pieces of the tokenizer")
    parser.add_argument("--longest", type=int, default=8, help="characters of its longest piece")
    parser.add_argument("--share", type=float, default=1.0, help="the share of the texts the tokenizer is trained on")
    for group in (Course, Mix):
        for field in fields(group):
            parser.add_argument(f"--{field.name.replace('_', '-')}", type=type(field.default), default=field.default)
    given = vars(parser.parse_args())
    course = Course(**{field.name: given[field.name] for field in fields(Course)})
    mix = Mix(**{field.name: given[field.name] for field in fields(Mix)})

    if given["tokenizer"]:
        tokenizer = Tokenizer.from_file(str(given["tokenizer"]))
    else:
        tokenizer = train_tokenizer(texts(given["corpus"]), given["pieces"], given["longest"], given["share"])
    tokens = Tokens.of(texts(given["corpus"]), tokenizer)
    print(f"{len(tokens.document_start) - 1} texts, {len(tokens.ids)} tokens", flush=True)
    for _, vectors in train(tokens, tokenizer, course, mix):
        export(given["out"], given["name"], tokenizer, vectors)


if __name__ == "__main__":
    main()
