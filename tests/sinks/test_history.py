"""What displays know of a run: position, speed, time left, curves."""

import pytest

from dlkit import events as happened
from dlkit.sinks.history import RECENT, History, scores_shown


def run(resumed_from=None):
    return happened.RunStarted(
        resumed_from or 0, "a", "a", "cpu", 1, 10, 40, {}, "validation/loss", "min", resumed_from
    )


def history(*events):
    made = History()
    for event in events:
        made.take(event)
    return made


def test_speed_and_time_left_are_steps_over_seconds():
    """40 of 400 steps in 2 s: 20 steps a second, 18 s left."""
    made = history(run(), happened.StepDone(40, 1, 2.0, {}))
    assert made.speed() == 20
    assert made.seconds_left() == 18


def test_a_resumed_run_does_not_count_earlier_sessions():
    """Step 200 was reached after 1000 s long ago; since then 20 steps took 1 s."""
    made = history(run(200), happened.StepDone(220, 6, 1001.0, {}))
    assert made.speed() is made.seconds_left() is None
    made.take(happened.StepDone(240, 6, 1002.0, {}))
    assert made.speed() == 20
    assert made.seconds_left() == 8


def test_speed_is_of_late_and_time_left_of_the_whole_session():
    """After a slow start the speed is the new one, the estimate is in between."""
    slow = [happened.StepDone(1, 1, 100.0, {})]
    fast = [happened.StepDone(1 + n, 1, 100.0 + n, {}) for n in range(1, RECENT + 1)]
    made = history(run(), *slow, *fast)
    assert made.speed() == 1
    assert made.seconds_left() == pytest.approx((400 - 21) * 120 / 21)


def test_no_events_are_no_error():
    """A display may be drawn before the run has started."""
    made = History()
    assert (made.speed(), made.seconds_left(), made.rate(), made.loss()) == (None,) * 4
    assert made.step_in_epoch() == 0


@pytest.mark.parametrize(
    ("step", "epoch", "inside"), [(0, 1, 0), (60, 2, 20), (80, 3, 0), (400, 10, 40)]
)
def test_where_a_run_begins(step, epoch, inside):
    """Before its first step a run stands in the epoch that it goes on with."""
    made = history(happened.RunStarted(step, "a", "a", "cpu", 1, 10, 40, {}, "", "min", step))
    assert (made.epoch, made.step_in_epoch()) == (epoch, inside)


def test_rows_carry_the_learning_rate_of_their_epoch():
    """The rate is that of the last step before the epoch's end."""
    made = history(run())
    for epoch, rate in ((1, 0.1), (2, 0.05)):
        made.take(happened.StepDone(40 * epoch, epoch, epoch, {"learning_rate": rate}))
        made.take(
            happened.EpochDone(40 * epoch, epoch, epoch, {"validation/loss": 1 / epoch}, True)
        )
    assert [row.rate for row in made.rows] == [0.1, 0.05]
    assert made.curves["validation/loss"].values() == [1, 0.5]
    assert made.best is made.rows[1].done


def test_scores_shown_are_the_training_loss_the_monitor_and_validation():
    """Norms of the training are not worth a column; the training loss comes first."""
    names = ["validation/loss", "validation/accuracy", "train/loss", "train/gradient_norm"]
    assert scores_shown(names, "validation/loss") == [
        "train/loss",
        "validation/loss",
        "validation/accuracy",
    ]
    assert scores_shown(["train/loss", "train/accuracy"], "train/accuracy") == [
        "train/loss",
        "train/accuracy",
    ]
