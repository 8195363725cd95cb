"""Plain lines: the exact text, and what they do where writing is hard."""

import io
import math

from dlkit import events as happened
from dlkit.sinks.plain import PlainLines

GOLDEN = """\
run digits-cnn on cpu: 12,345 parameters; examples: 1,257 train, 270 validation, 270 test; \
10 epochs of 40 steps; monitor validation/accuracy (max)
epoch  1/10  train/loss     1.542  validation/loss     1.576  validation/accuracy    0.2635  \
learning_rate  0.001000      0:00 *
epoch  2/10  train/loss     1.033  validation/loss     1.130  validation/accuracy    0.4466  \
learning_rate  0.001000      0:00 *
epoch  3/10  train/loss    0.6927  validation/loss    0.8093  validation/accuracy    0.6321  \
learning_rate  0.001000      0:01 *
epoch  4/10  train/loss    0.4644  validation/loss    0.5799  validation/accuracy    0.7164  \
learning_rate  0.001000      0:01 *
epoch  5/10  train/loss    0.3113  validation/loss    0.4155  validation/accuracy    0.7711  \
learning_rate  0.001000      0:02 *
epoch  6/10  train/loss    0.2087  validation/loss    0.2977  validation/accuracy    0.8647  \
learning_rate  0.001000      0:02 *
epoch  7/10  train/loss    0.1399  validation/loss    0.2133  validation/accuracy    0.8830  \
learning_rate  0.001000      0:02 *
epoch  8/10  train/loss   0.09375  validation/loss    0.1529  validation/accuracy    0.8905  \
learning_rate  0.001000      0:03 *
epoch  9/10  train/loss   0.06284  validation/loss    0.1095  validation/accuracy    0.9502  \
learning_rate  0.001000      0:03 *
epoch 10/10  train/loss   0.04213  validation/loss   0.07848  validation/accuracy    0.9443  \
learning_rate  0.001000      0:04
warning: the gradient norm is 12 times its median
finished at step 400: all 10 epochs are done
test  loss    0.1100  accuracy    0.9810  (weights of step 360)
"""


def shown(events, **options):
    stream = io.StringIO()
    sink = PlainLines(stream, **options)
    for event in events:
        sink.handle(event)
    sink.close()
    return stream.getvalue()


def test_a_run_in_lines(recorded):
    """The whole text, column for column."""
    assert shown(recorded) == GOLDEN


def test_steps_are_told_between_epochs_at_most_every_interval(recorded):
    """Steps come every 0.2 s: an interval of 0.15 s tells each, one of 0.25 s every other."""
    lines = shown(recorded[:5], interval=0.15).splitlines()
    assert lines[1:] == [
        "epoch  1/10  step 20/40  loss     1.883  learning_rate  0.001000      0:00",
        "epoch  1/10  step 40/40  loss     1.542  learning_rate  0.001000      0:00",
        GOLDEN.splitlines()[1],
    ]
    assert len(shown(recorded[:5], interval=0.25).splitlines()) == 3


def test_an_interval_counts_from_the_last_line(recorded):
    """The lines of steps are at least the interval of training apart."""
    steps = [event for event in recorded if isinstance(event, happened.StepDone)]
    lines = shown([recorded[0], *steps], interval=1.0).splitlines()[1:]
    assert [line.split()[3] for line in lines] == ["20/40", "40/40", "20/40", "40/40"]
    assert [line.split()[1] for line in lines] == ["3/10", "5/10", "8/10", "10/10"]


def test_the_same_events_give_the_same_bytes(recorded):
    """No clock of its own: two displays of one run are equal."""
    assert shown(recorded, interval=0.1) == shown(recorded, interval=0.1)


def test_numbers_that_are_not_finite_keep_their_column(recorded):
    """A diverging loss is shown as what it is, and the columns stay."""
    scores = {"train/loss": math.nan, "validation/loss": math.inf, "validation/accuracy": 0.1}
    done = happened.EpochDone(40, 1, 0.41, scores, False)
    line = shown([recorded[0], recorded[1], done]).splitlines()[-1]
    assert "train/loss       nan  validation/loss       inf  validation" in line
    assert len(line) == len(GOLDEN.splitlines()[10])


def test_without_validation_the_training_loss_is_shown(recorded):
    """No validation split: the monitor is a training score, and it is there once."""
    done = happened.EpochDone(40, 1, 0.41, {"train/loss": 0.5, "train/gradient_norm": 1.0}, True)
    assert shown([recorded[0], done]).splitlines()[1] == (
        "epoch  1/10  train/loss    0.5000      0:00 *"
    )


def test_parts_have_a_loss_each_and_the_first_is_shown(recorded):
    """Two networks log `generator/loss` and the like."""
    scalars = {
        "discriminator/loss": 0.7,
        "generator/loss": 1.2,
        "discriminator/learning_rate": 2e-4,
    }
    line = shown([recorded[0], happened.StepDone(20, 1, 9.0, scalars)]).splitlines()[1]
    assert line == "epoch  1/10  step 20/40  loss    0.7000  learning_rate 0.0002000      0:09"


def test_a_resumed_run_says_where_it_goes_on(recorded):
    """The first line names the step, and the epoch's steps are counted from its beginning."""
    again = happened.RunStarted(
        60, "a", "a", "cpu", 1, 10, 40, {"train": 5}, "train/loss", "min", 60
    )
    lines = shown([again, happened.StepDone(80, 2, 100.0, {"loss": 1.0})]).splitlines()
    assert lines[0].endswith("monitor train/loss (min), resumed at step 60")
    assert lines[1].startswith("epoch  2/10  step 40/40  loss     1.000")


def test_colours_mark_what_matters(recorded):
    """On demand: green where the run improved, yellow warnings, and the same text within."""
    text = shown(recorded, colour=True)
    assert text.count("\x1b[32m") == 9
    assert text.count("\x1b[33mwarning:") == 1
    for code in ("\x1b[32m", "\x1b[33m", "\x1b[0m"):
        text = text.replace(code, "")
    assert text == GOLDEN


def test_an_encoding_that_lacks_a_character_is_no_error(recorded):
    """A Japanese name on an ASCII terminal is spelled out."""
    buffer = io.BytesIO()
    sink = PlainLines(io.TextIOWrapper(buffer, encoding="ascii", write_through=True))
    sink.handle(happened.Warned(1, "数"))
    assert buffer.getvalue() == b"warning: \\u6570\n"


class Gone(io.StringIO):
    """A stream whose reader has left."""

    attempts = 0

    def write(self, text):
        self.attempts += 1
        raise BrokenPipeError


def test_a_reader_that_leaves_does_not_end_the_training(recorded):
    """`dlkit train | head`: after the first failure nothing is tried again."""
    stream = Gone()
    sink = PlainLines(stream)
    for event in recorded:
        sink.handle(event)
    sink.close()
    assert stream.attempts == 1


def test_the_test_line_has_all_scores():
    """Without rivals, it is one line."""
    text = shown([happened.Tested(4, {"loss": 0.5, "ece": 0.02}, 4)])
    assert text == "test  loss    0.5000  ece   0.02000  (weights of step 4)\n"


def test_rivals_stand_below_the_test_scores():
    """Their names take the same columns, so that the numbers can be compared."""
    text = shown([happened.Tested(4, {"rmse": 0.5}, 4, {"persistence": {"rmse": 1.16}})])
    assert text.splitlines() == [
        "test         rmse    0.5000  (weights of step 4)",
        "persistence  rmse     1.160",
    ]


def test_a_text_is_written_as_it_is():
    """A sample of a language model, say."""
    assert shown([happened.TextTold(4, "sample", "the cat")]) == "sample: the cat\n"
