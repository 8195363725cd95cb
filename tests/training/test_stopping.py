"""Early stopping: verdicts on sequences worked out by hand, state, reasons, options."""

import inspect
import json
import math
import subprocess
import sys
from functools import partial
from typing import get_type_hints

import pytest

from dlkit.catalog import STOPPING
from dlkit.errors import OptionError
from dlkit.training.stopping import (
    Never,
    Verdict,
    generalization_loss,
    patience,
    progress_quotient,
)

NAN = math.nan


def judge(policy, scores, direction="min", losses=None):
    """The verdicts on the epochs 1, 2, ..., whether or not one of them says to stop."""
    losses = losses or [1.0] * len(scores)
    return [
        policy.judge(epoch, score, direction, loss)
        for epoch, (score, loss) in enumerate(zip(scores, losses, strict=True), 1)
    ]


def stops(verdicts):
    """The epochs after which a verdict says to stop."""
    return [epoch for epoch, verdict in enumerate(verdicts, 1) if verdict.stop]


def improved(verdicts):
    """The epochs that were the best so far."""
    return [epoch for epoch, verdict in enumerate(verdicts, 1) if verdict.improved]


def test_patience_stops_after_so_many_epochs_without_improvement():
    """Best at epoch 3; epochs 4, 5 and 6 are no better, an equal one included."""
    policy = patience(patience=3)
    verdicts = judge(policy, [0.5, 0.4, 0.123456789, 0.2, 0.123456789, 0.13])
    assert (improved(verdicts), stops(verdicts)) == ([1, 2, 3], [6])
    assert (policy.best, policy.best_epoch) == (0.123456789, 3)
    assert verdicts[-1].reason == (
        "the score has not improved by more than 0 for 3 epochs; best 0.123457 at epoch 3"
    )
    assert verdicts[4] == Verdict(improved=False, stop=False, reason="")


def test_patience_begins_anew_with_each_improvement():
    """Two bad epochs, a good one, then three bad ones."""
    assert stops(judge(patience(patience=3), [5, 6, 7, 4, 5, 6, 7, 3])) == [7]


def test_patience_goes_up_where_higher_is_better():
    """An accuracy: best at epoch 2, and the reason names the monitor in full."""
    policy = patience(patience=1, monitor="accuracy", min_delta=0.01)
    verdicts = judge(policy, [0.5, 0.75, 0.7], "max")
    assert (improved(verdicts), stops(verdicts)) == ([1, 2], [3])
    assert verdicts[-1].reason == (
        "validation/accuracy has not improved by more than 0.01 for 1 epoch; best 0.75 at epoch 2"
    )


def test_min_delta_counts_for_patience_and_not_for_the_best():
    """Steps of 0.1 are each a new best; only every third is 0.25 below the last that counted."""
    policy = patience(patience=3, min_delta=0.25)
    verdicts = judge(policy, [2.0, 1.9, 1.8, 1.7, 1.6, 1.5, 1.4, 1.39, 1.38, 1.37])
    assert improved(verdicts) == [*range(1, 11)]
    assert stops(verdicts) == [10]  # 1.4 counted last, after 1.7
    assert (policy.best, policy.best_epoch) == (1.37, 10)
    assert verdicts[-1].reason == (
        "the score has not improved by more than 0.25 for 3 epochs; best 1.37 at epoch 10"
    )


def test_an_improvement_by_min_delta_exactly_is_none():
    """0.5 below 2.0 is not more than 0.5 below it."""
    assert stops(judge(patience(patience=1, min_delta=0.5), [2.0, 1.5])) == [2]


@pytest.mark.parametrize("direction", ["min", "max"])
@pytest.mark.parametrize("score", [NAN, math.inf, -math.inf])
def test_a_score_that_is_not_finite_is_no_improvement(score, direction):
    """It neither becomes the best nor resets the patience; what is finite later still can."""
    policy = patience(patience=2)
    verdicts = judge(policy, [score, 1.0, score, score], direction)
    assert (improved(verdicts), stops(verdicts)) == ([2], [4])
    assert (policy.best, policy.best_epoch) == (1.0, 2)
    never_finite = judge(patience(patience=2), [score, score], direction)
    assert never_finite[-1].reason == (
        "the score has not improved by more than 0 for 2 epochs; it never was a finite number"
    )


def test_generalization_loss_stops_above_its_percentage():
    """Lowest 2.0: 2.5 is 25 % above it, and goes on; 2.51 is 25.5 % above it, and stops."""
    policy = generalization_loss(alpha=25.0, monitor="validation/loss")
    verdicts = judge(policy, [3.0, 2.0, 2.5, 2.2, 2.51, 1.9, 2.3, 2.4])
    assert (improved(verdicts), stops(verdicts)) == ([1, 2, 6], [5, 8])
    assert verdicts[4].reason == (
        "validation/loss is 25.5 % above its best 2 at epoch 2, more than 25 %"
    )
    assert (policy.best, policy.best_epoch) == (1.9, 6)


def test_generalization_loss_of_errors_that_reach_zero():
    """Above a lowest error of 0 any error is infinitely much; 0 itself is not."""
    verdicts = judge(generalization_loss(), [1.0, 0.0, 0.0, 0.1])
    assert stops(verdicts) == [4]
    assert verdicts[-1].reason == "the score is inf % above its best 0 at epoch 2, more than 5 %"


def test_generalization_loss_below_zero():
    """From -2.0, -1.9 is 5 % of 2.0 worse and goes on, -1.8 is 10 % worse."""
    assert stops(judge(generalization_loss(alpha=6.0), [-1.0, -2.0, -1.9, -1.8])) == [4]


@pytest.mark.parametrize("make", [generalization_loss, progress_quotient])
def test_a_score_that_is_no_number_stops_no_prechelt_policy(make):
    """Not-a-number is not above anything, before a best there is and after."""
    verdicts = judge(make(), [NAN, NAN, 1.0, NAN, NAN, NAN, NAN, NAN, NAN, NAN])
    assert (improved(verdicts), stops(verdicts)) == ([3], [])


def test_progress_quotient_weighs_the_loss_of_generalization_against_progress():
    """Strips of 2. Training losses 1.1 and 1.0 give 50 per mille: 40 % above the best is not more
    than that, in epoch 4. Then 1.01 and 1.0 give 5 per mille: 10 % is more, in epoch 6."""
    policy = progress_quotient(alpha=1.0, strip=2, monitor="loss")
    scores = [1.0, 0.5, 0.9, 0.7, 0.9, 0.55]
    losses = [3.0, 2.0, 1.1, 1.0, 1.01, 1.0]
    verdicts = judge(policy, scores, losses=losses)
    assert (improved(verdicts), stops(verdicts)) == ([1, 2], [6])
    assert verdicts[-1].reason == (
        "validation/loss is 10 % above its best 0.5 at epoch 2, more than 1 times the 5 per mille "
        "by which the training loss moved in 2 epochs"
    )


@pytest.mark.parametrize(("alpha", "stop"), [(0.5, [4]), (0.7, [4]), (0.9, [])])
def test_progress_quotient_compares_with_alpha(alpha, stop):
    """GL is 40 and P is 50, so that PQ is 0.8."""
    policy = progress_quotient(alpha=alpha, strip=2)
    assert stops(judge(policy, [1.0, 0.5, 0.9, 0.7], losses=[3.0, 2.0, 1.1, 1.0])) == stop


def test_progress_quotient_judges_only_the_ends_of_strips():
    """With a flat training loss any rise stops, but not before epoch 3, nor in 4 and 5."""
    verdicts = judge(progress_quotient(strip=3), [0.5, 0.6, 0.5, 0.6, 0.6, 0.51])
    assert stops(verdicts) == [6]


def test_progress_quotient_of_training_losses_that_reach_zero():
    """From above to 0 is infinite progress, which outweighs all; 0 throughout is none."""
    scores, losses = [1.0, 2.0, 2.0, 2.0], [1.0, 0.0, 0.0, 0.0]
    assert stops(judge(progress_quotient(strip=2), scores, losses=losses)) == [4]


@pytest.mark.parametrize("make", [generalization_loss, progress_quotient])
def test_prechelt_s_policies_refuse_scores_that_rise(make):
    """Their quotients are of errors: an accuracy is refused before training, at its option."""
    make().check("min")
    with pytest.raises(OptionError) as caught:
        make().check("max")
    assert (caught.value.option, caught.value.message, caught.value.hint) == (
        "monitor",
        "this policy compares errors, and the score it would judge is better when higher",
        "Monitor an error, such as loss.",
    )


@pytest.mark.parametrize("make", [Never, patience])
@pytest.mark.parametrize("direction", ["min", "max"])
def test_other_policies_judge_either_direction(make, direction):
    """Patience and Never compare scores only with each other."""
    assert make().check(direction) is None


def test_never_goes_on_and_still_knows_the_best():
    """Without early stopping the best epoch is noted, and the last weights are kept."""
    policy = Never()
    verdicts = judge(policy, [1.0, 0.5, NAN, *[0.7] * 50])
    assert (improved(verdicts), stops(verdicts)) == ([1, 2], [])
    assert (policy.best, policy.best_epoch, policy.monitor) == (0.5, 2, None)
    assert policy.restore_best is False


SEQUENCE = [0.9, 0.8, NAN, 0.85, 0.7, 0.72, 0.71, 0.8, 0.9, 0.95, 0.6, 0.9]
LOSSES = [1.0, 0.9, 0.8, 0.7, 0.69, 0.68, 0.68, 0.68, 0.68, 0.68, 0.5, 0.5]
POLICIES = [
    Never,
    partial(patience, patience=3, min_delta=0.05),
    generalization_loss,
    partial(progress_quotient, strip=3),
]


@pytest.mark.parametrize("make", POLICIES)
@pytest.mark.parametrize("at", range(1, 12))
def test_verdicts_after_a_resume_are_the_same(make, at):
    """A policy restored from JSON after any epoch judges like one that never was saved."""
    whole, resumed = make(), make()
    expected = judge(whole, SEQUENCE, losses=LOSSES)
    first = make()
    judge(first, SEQUENCE[:at], losses=LOSSES[:at])
    resumed.restore(json.loads(json.dumps(first.state(), allow_nan=False)))
    found = [resumed.judge(n + 1, SEQUENCE[n], "min", LOSSES[n]) for n in range(at, 12)]
    assert found == expected[at:]
    assert resumed.state() == whole.state()


@pytest.mark.parametrize("make", POLICIES[1:])
def test_the_sequence_above_stops_every_policy(make):
    """The comparison above is not one of policies that do nothing."""
    assert stops(judge(make(), SEQUENCE, losses=LOSSES))


@pytest.mark.parametrize("name", STOPPING.names())
def test_options_read_from_source_are_python_s(name):
    """Names, annotations and defaults agree, all are keyword-only, and the docstring has each."""
    component, read = STOPPING.load(name), STOPPING.signature(name)
    parameters = inspect.signature(component).parameters
    hints = get_type_hints(component, include_extras=True)

    assert {each.name: each.default for each in read.options} == {
        key: parameter.default for key, parameter in parameters.items()
    }
    assert all(each.annotation == hints[each.name] for each in read.options)
    assert all(each.kind is inspect.Parameter.KEYWORD_ONLY for each in parameters.values())
    assert all(f"- `{option}`: " in read.doc for option in read.names())


@pytest.mark.parametrize("name", STOPPING.names())
def test_options_reach_the_policy(name):
    """Every policy takes a monitor and whether the best weights are kept, which is the default."""
    make = STOPPING.load(name)
    assert (make().monitor, make().restore_best) == (None, True)
    policy = make(monitor="loss", restore_best=False)
    assert (policy.monitor, policy.restore_best) == ("loss", False)


def test_stopping_and_schedules_import_no_torch():
    """A config can be checked against them without torch."""
    program = (
        "import sys, dlkit.training.stopping, dlkit.optim.schedules\n"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
