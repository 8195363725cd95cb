"""Schedules against torch's schedulers, and what does not fit the training."""

import json
import math
from functools import partial

import pytest
import torch
from torch.optim import lr_scheduler

from dlkit.errors import OptionError
from dlkit.optim.schedules import Steps, constant, cosine, one_cycle, plateau, step

STEPS = Steps(per_epoch=7, total=70)


def rates(schedule, steps=STEPS):
    """The multiplier of every update of the training."""
    return [schedule.factor(done) for done in range(steps.total)]


def torch_rates(make, count, base=1.0):
    """The same from a torch scheduler that is stepped after each of `count` updates."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=base)
    scheduler, found = make(optimizer), []
    for _ in range(count):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


def test_constant_is_one():
    """The base rate throughout."""
    assert rates(constant(STEPS)) == [1.0] * 70


@pytest.mark.parametrize(("every", "factor"), [(1, 0.1), (3, 0.5), (9, 0.1)])
def test_step_is_torch_s(every, factor):
    """`StepLR`, whose period is in epochs here."""
    expected = torch_rates(lambda each: lr_scheduler.StepLR(each, 7 * every, factor), 70)
    assert rates(step(STEPS, every_epochs=every, factor=factor)) == pytest.approx(
        expected, rel=1e-12
    )


@pytest.mark.parametrize("final", [0.0, 0.1, 1.0])
def test_cosine_is_torch_s(final):
    """`CosineAnnealingLR` over all updates."""
    expected = torch_rates(lambda each: lr_scheduler.CosineAnnealingLR(each, 70, final), 70)
    assert rates(cosine(STEPS, final_factor=final)) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("annealing", "torch_s"), [("cosine", "cos"), ("linear", "linear")])
@pytest.mark.parametrize("steps", [STEPS, Steps(1, 4), Steps(50, 350)], ids=str)
@pytest.mark.parametrize("rise", [0.3, 0.5, 0.9])
def test_one_cycle_is_torch_s(annealing, torch_s, steps, rise):
    """`OneCycleLR` with the config's rate as its peak, every update of the training."""

    def make(optimizer):
        return lr_scheduler.OneCycleLR(
            optimizer,
            0.5,
            total_steps=steps.total,
            pct_start=rise,
            anneal_strategy=torch_s,
            cycle_momentum=False,
        )

    found = [0.5 * f for f in rates(one_cycle(steps, rise=rise, annealing=annealing), steps)]
    assert found == pytest.approx(torch_rates(make, steps.total), rel=1e-9)


def test_one_cycle_s_factors_are_its_start_and_end():
    """Starts at `start_factor` of the base rate and ends at `final_factor` of that."""
    steps = Steps(10, 100)
    found = rates(one_cycle(steps, rise=0.5, start_factor=0.2, final_factor=0.01), steps)
    assert found[49] == max(found) == 1.0
    assert (found[0], found[99]) == pytest.approx((0.2, 0.002), rel=1e-12)


SCORES = [
    0.9,
    0.5,
    0.51,
    0.49996,
    0.6,
    0.7,
    0.4,
    0.41,
    0.41,
    0.41,
    0.41,
    math.nan,
    math.nan,
    math.nan,
    0.39,
    0.38,
]


@pytest.mark.parametrize("patience", [0, 1, 2])
@pytest.mark.parametrize("threshold", [0.0, 1e-4, 0.1])
@pytest.mark.parametrize("direction", ["min", "max"])
def test_plateau_is_torch_s(patience, threshold, direction):
    """`ReduceLROnPlateau` after each of a list of scores, not-a-number among them."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    theirs = lr_scheduler.ReduceLROnPlateau(
        optimizer, mode=direction, factor=0.5, patience=patience, threshold=threshold
    )
    ours = plateau(STEPS, factor=0.5, patience=patience, threshold=threshold)
    found = []
    for score in SCORES if direction == "min" else [1 - each for each in SCORES]:
        theirs.step(score)
        ours.observe(score, direction)
        found.append(ours.factor(35))
        assert found[-1] == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-12)
    assert found[-1] < 1.0


def test_plateau_measures_its_threshold_by_the_size_of_a_negative_best():
    """From -1, a score must fall below -1.1 with threshold 0.1; torch would accept -0.95."""
    schedule = plateau(STEPS, patience=0, threshold=0.1, factor=0.5)
    for score, expected in ((-1.0, 1.0), (-1.05, 0.5), (-1.2, 0.5), (-0.95, 0.25)):
        schedule.observe(score, "min")
        assert schedule.factor(0) == expected


def test_plateau_waits_for_a_first_finite_score():
    """Scores that are not finite are no improvement, and never become the best."""
    schedule = plateau(STEPS, patience=1, factor=0.5)
    for score, expected in ((math.nan, 1.0), (math.inf, 0.5), (3.0, 0.5), (2.0, 0.5)):
        schedule.observe(score, "min")
        assert schedule.factor(0) == expected
    assert schedule.state() == {"scale": 0.5, "best": 2.0, "bad_epochs": 0}


@pytest.mark.parametrize("at", range(len(SCORES)))
def test_plateau_resumes_where_it_was(at):
    """Restored from JSON after any score, it goes on to the same rates."""
    whole, resumed = (plateau(STEPS, patience=1, factor=0.5) for _ in range(2))
    for number, score in enumerate(SCORES):
        if number == at:
            resumed.restore(json.loads(json.dumps(whole.state(), allow_nan=False)))
        whole.observe(score, "min")
        if number >= at:
            resumed.observe(score, "min")
            assert resumed.factor(3) == whole.factor(3)


@pytest.mark.parametrize(
    "make", [constant, cosine, one_cycle, plateau, partial(step, every_epochs=3)]
)
def test_warm_up_rises_linearly_and_the_schedule_runs_over_the_rest(make):
    """Two and a half epochs are 18 of 70 updates; what follows is the schedule of 52 updates."""
    warm, rest = make(STEPS, warmup_epochs=2.5), make(Steps(7, 52))
    found = rates(warm)
    assert found[:18] == pytest.approx(
        [rest.factor(0) * (n + 1) / 18 for n in range(18)], rel=1e-12
    )
    assert found[18:] == pytest.approx([rest.factor(n) for n in range(52)], rel=1e-12)


def test_warm_up_is_torch_s():
    """`SequentialLR` of `LinearLR` and `CosineAnnealingLR`, of which the latter starts at 1."""

    def make(optimizer):
        linear = lr_scheduler.LinearLR(optimizer, 1 / 14, 1.0, total_iters=13)
        rest = lr_scheduler.CosineAnnealingLR(optimizer, 56)
        return lr_scheduler.SequentialLR(optimizer, [linear, rest], [14])

    expected = torch_rates(make, 70)
    assert rates(cosine(STEPS, warmup_epochs=2.0)) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("make", [constant, cosine, one_cycle])
def test_schedules_of_the_step_have_no_state(make):
    """Scores change nothing, and a resumed run has nothing to restore."""
    schedule = make(STEPS)
    before = rates(schedule)
    schedule.observe(1.0, "min")
    assert schedule.state() == {}
    schedule.restore({})
    assert rates(schedule) == before


REFUSALS = [
    (
        lambda: step(STEPS, every_epochs=30),
        "every_epochs",
        "the first drop would come after 30 epochs, and 'fit.epochs' is 10",
        "Drop earlier, or train longer.",
    ),
    (
        lambda: step(STEPS, every_epochs=10),
        "every_epochs",
        "the first drop would come after 10 epochs, and 'fit.epochs' is 10",
        "Drop earlier, or train longer.",
    ),
    (
        lambda: step(STEPS, every_epochs=8, warmup_epochs=2.5),
        "every_epochs",
        "the first drop would come after 8 epochs and 2.5 of warm-up, and 'fit.epochs' is 10",
        "Drop earlier, or train longer.",
    ),
    (
        lambda: one_cycle(Steps(1, 3)),
        "rise",
        "0.3 of the training's 3 updates leaves none to rise in",
        "Raise 'fit.epochs' or 'rise'.",
    ),
    (
        lambda: one_cycle(Steps(1, 2), rise=0.5),
        "rise",
        "0.5 of the training's 2 updates leaves none to rise in",
        "Raise 'fit.epochs' or 'rise'.",
    ),
    (
        lambda: one_cycle(Steps(1, 1), rise=0.9),
        "rise",
        "0.9 of the training's 1 updates leaves none to rise in",
        "Raise 'fit.epochs' or 'rise'.",
    ),
    *(
        (
            lambda make=make: make(STEPS, warmup_epochs=10.0),
            "warmup_epochs",
            "10 epochs of warm-up leave none to train in: 'fit.epochs' is 10",
            "Shorten the warm-up, or train longer.",
        )
        for make in (constant, cosine, one_cycle, plateau)
    ),
]


@pytest.mark.parametrize(("make", "option", "message", "hint"), REFUSALS)
def test_what_does_not_fit_the_training_is_refused(make, option, message, hint):
    """A drop, a rise or a warm-up that no update would see names its option and `fit.epochs`."""
    with pytest.raises(OptionError) as caught:
        make()
    assert (caught.value.option, caught.value.message, caught.value.hint) == (option, message, hint)


def test_the_longest_that_fits_is_taken():
    """One update after the drop, or after the warm-up, is enough."""
    assert rates(step(Steps(1, 10), every_epochs=9), Steps(1, 10))[-1] == 0.1
    assert rates(constant(Steps(1, 10), warmup_epochs=9.0), Steps(1, 10))[-2:] == [1.0, 1.0]
