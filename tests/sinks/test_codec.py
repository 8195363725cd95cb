"""Every event survives the way to JSON and back."""

import json
import math
import re
from dataclasses import fields

import pytest

from dlkit import events as happened
from dlkit.events import (
    CheckpointDue,
    CheckpointSaved,
    EpochDone,
    Event,
    HistogramTaken,
    PictureSaved,
    RunStarted,
    StepDone,
    Stopped,
    Warned,
)
from dlkit.sinks.codec import KINDS, decode, encode, parse

EXAMPLES = [
    RunStarted(
        7,
        "ziffern-数字",
        "runs/a",
        "cuda:0",
        123,
        10,
        40,
        {"train": 5},
        "validation/loss",
        "min",
        resumed_from=7,
    ),
    StepDone(10, 1, 0.25, {"loss": 2.5, "learning_rate": 1e-3}),
    EpochDone(40, 1, 1.0, {"train/loss": 1.5}, True),
    HistogramTaken(40, "fc.weight", (-1.0, 0.0, 1.0), (3, 4), 0.5, 2.5),
    PictureSaved(40, "predictions", "pictures/predictions.png"),
    CheckpointDue(41, "every_steps"),
    CheckpointSaved(40, "checkpoints/step-40", "improved"),
    Warned(3, 'quotes " and\nline breaks'),
    Stopped(400, "early", "no better for 5 epochs", 10),
    happened.TextTold(40, "sample", "the cat\n sat"),
    happened.Tested(400, {"loss": 0.5}, 360, {"noise": {"loss": 1.0}}),
]


def through(event: Event) -> Event:
    return decode(parse(encode(event).encode()))


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: type(event).__name__)
def test_an_event_comes_back_equal(event):
    """Equal, of the same class, and with the same types in its fields."""
    again = through(event)
    assert again == event
    assert type(again) is type(event)
    for field in fields(event):
        assert type(getattr(again, field.name)) is type(getattr(event, field.name)), field.name


def test_the_examples_leave_no_kind_out():
    """Who adds an event is told to add an example here."""
    own = {name for name, kind in KINDS.items() if kind.__module__ == "dlkit.events"}
    assert own == {type(event).__name__ for event in EXAMPLES}


def test_a_line_is_strict_json_with_kind_and_time_first():
    """Readers in other languages need no more than JSON; a line break in a text stays inside it."""
    line = encode(EXAMPLES[7])
    assert "\n" not in line
    record = json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert list(record) == ["event", "time", "step", "message"]
    assert record["event"] == "Warned"
    assert len(record["time"]) == len("2025-01-31T12:00:00+00:00")
    assert record["time"].endswith("+00:00")


def test_numbers_that_are_not_finite_are_strings():
    """JSON has no NaN; as a string it survives, in a mapping, a tuple and a field alike."""
    scores = {"a": math.nan, "b": math.inf, "c": -math.inf, "d": 1.0}
    line = encode(EpochDone(1, 1, math.inf, scores, False))
    record = json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert record["scores"] == {"a": "nan", "b": "inf", "c": "-inf", "d": 1.0}
    again = through(EpochDone(1, 1, math.inf, scores, False))
    assert repr(again.scores) == repr(scores)
    assert again.seconds == math.inf


def test_a_number_comes_back_bit_for_bit():
    """The shortest decimal that names a float names no other."""
    values = {"third": 1 / 3, "tiny": 5e-324, "large": 1.7976931348623157e308, "negative": -0.0}
    assert repr(through(StepDone(1, 1, 0.1 + 0.2, values)).scalars) == repr(values)


def test_a_field_that_an_older_version_did_not_write_gets_its_default():
    """`extra` has a default: a file from before it was added still reads."""
    line = b'{"event": "Tested", "step": 4, "scores": {"a": 1}, "weights_step": 4}'
    assert decode(parse(line)) == happened.Tested(4, {"a": 1.0}, 4)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"", "not an event"),
        (b"[]", "not an event"),
        (b"\xff", "not an event"),
        (b'{"event": "Warned"}', "not an event"),
        (b'{"event": "Warned", "step": "1"}', "not an event"),
        (b'{"event": "Rained", "step": 1}', "no event is called 'Rained'"),
        (b'{"event": ["Warned"], "step": 1}', "no event is called ['Warned']"),
        (b'{"event": "Warned", "step": 1}', "not a Warned"),
        (b'{"event": "Warned", "step": 1, "message": "", "more": 1}', "not a Warned"),
        (
            b'{"event": "StepDone", "step": 1, "epoch": 1, "seconds": 1, "scalars": [1]}',
            "not a StepDone",
        ),
        (
            b'{"event": "StepDone", "step": 1, "epoch": 1, "seconds": [], "scalars": {}}',
            "not a StepDone",
        ),
    ],
)
def test_what_is_not_an_event_is_refused(line, message):
    """Damage of any kind is one error class with words of ours."""
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        decode(parse(line))
