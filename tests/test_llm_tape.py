"""Requests and answers kept as files: recorded once, replayed as often as wanted, listed where the answer is missing."""

import json

import pytest

from rag.errors import SettingsError
from rag.llm.failure import ModelFailed
from rag.llm.model import Piece
from rag.llm.tape import Tape, unanswered

MESSAGES = [("system", "只根据资料回答。"), ("user", "多少？")]


class Says:
    """A model that says one thing, and counts how often it was asked."""

    name = "says"

    def __init__(self, *pieces):
        self.pieces, self.asked = pieces, 0

    def stream(self, _messages):
        self.asked += 1
        yield from self.pieces


def said(tape, messages=MESSAGES):
    return "".join(piece.text for piece in tape.stream(messages))


def test_what_was_recorded_is_replayed(tmp_path):
    model = Says(Piece("568"), Piece("亿元", 10, 3))
    assert said(Tape(tmp_path, "record", model)) == "568亿元"
    assert list(Tape(tmp_path, "replay").stream(MESSAGES)) == [Piece("568亿元", 10, 3)]
    assert model.asked == 1


def test_a_file_reads_as_request_and_answer(tmp_path):
    said(Tape(tmp_path, "record", Says(Piece("甲"))))
    [path] = tmp_path.iterdir()
    values = json.loads(path.read_text(encoding="utf-8"))
    assert values["request"][1] == {"role": "user", "content": "多少？"}
    assert values["answer"] == "甲"


def test_a_request_without_an_answer_is_kept_and_listed(tmp_path):
    with pytest.raises(ModelFailed) as caught:
        said(Tape(tmp_path, "replay"))
    assert caught.value.missing
    [path] = unanswered(tmp_path)
    values = json.loads(path.read_text(encoding="utf-8")) | {"answer": "乙"}
    path.write_text(json.dumps(values), encoding="utf-8")
    assert said(Tape(tmp_path, "replay")) == "乙"
    assert unanswered(tmp_path) == []


def test_recording_without_a_model_keeps_the_requests(tmp_path):
    with pytest.raises(ModelFailed):
        said(Tape(tmp_path, "record"))
    assert len(unanswered(tmp_path)) == 1


def test_recording_again_without_a_model_keeps_the_answers(tmp_path):
    said(Tape(tmp_path, "record", Says(Piece("甲"))))
    with pytest.raises(ModelFailed):
        said(Tape(tmp_path, "record"))
    assert unanswered(tmp_path) == []


def test_a_cache_asks_once(tmp_path):
    model = Says(Piece("甲"))
    tape = Tape(tmp_path, "cache", model)
    assert [said(tape), said(tape)] == ["甲", "甲"]
    assert model.asked == 1
    said(tape, [*MESSAGES, ("user", "别的")])
    assert model.asked == 2


def test_half_an_answer_is_not_kept(tmp_path):
    said(Tape(tmp_path, "cache", Says(Piece("甲", cut=True))))
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_none_is_named(tmp_path):
    tape = Tape(tmp_path, "replay")
    tape.file(MESSAGES).write_text("[]", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"\.json"):
        said(tape)
