"""The search as a function of what is finished: extension at edges, choice, divergence, fairness."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from dlkit.comparing import search
from dlkit.comparing.plan import Cell, Contest, Plan
from dlkit.comparing.record import Outcome
from dlkit.comparing.tuning import Tuning, pending, tunings

Score = Callable[[Cell], float | None]


def finish(
    plan: Plan, score: Score, loss: Callable[[Cell], float] = lambda cell: 0.5
) -> dict[str, Outcome]:
    """Trains whatever is pending until nothing is, by formula; None diverges."""
    outcomes: dict[str, Outcome] = {}
    while cells := pending(tunings(plan, outcomes)):
        for cell in cells:
            outcome = Outcome(cell, "batched")
            value = score(cell)
            if value is None:
                outcome.diverged_at = 1
            else:
                outcome.note(10, 0.0, {"accuracy": value, "loss": loss(cell)})
            outcomes[cell.key] = outcome
    return outcomes


def peak(power: float) -> Score:
    """A score that is best at the default rate times 2 to the `power`."""
    return lambda cell: 1 - abs((cell.rate / search.default_rate(cell.rule)) - 2**power) / 1e4


@pytest.fixture
def plan(tiny_plan: Plan) -> Plan:
    return replace(tiny_plan, rules=("adam",), most_extensions=2)


def only(plan: Plan, outcomes: dict[str, Outcome]) -> Tuning:
    [tuning] = tunings(plan, outcomes)
    return tuning


def test_a_best_rate_inside_needs_no_extension(plan: Plan) -> None:
    """Adam's centre is 2^3 times its default; the grid is 2^2 to 2^4."""
    choice = only(plan, finish(plan, peak(3))).choice()
    assert (choice.knobs, choice.trials, choice.extensions, choice.edge) == (
        (("learning_rate", 0.008),), 3, 0, None,
    )  # fmt: skip


def test_a_best_rate_at_an_edge_is_followed(plan: Plan) -> None:
    """2^6 is found by three more rates, above; each rate has all tuning seeds."""
    outcomes = finish(plan, peak(6))
    choice = only(plan, outcomes).choice()
    assert (choice.knobs, choice.trials, choice.extensions) == ((("learning_rate", 0.064),), 6, 1)
    tuning_cells = [o.cell for o in outcomes.values() if o.cell.phase == "tuning"]
    assert len(tuning_cells) == 6 * plan.tuning_seeds


def test_extensions_are_capped_and_the_edge_is_told(plan: Plan) -> None:
    """2^20 is out of reach of two extensions: as many for every rule."""
    choice = only(plan, finish(plan, peak(20))).choice()
    assert (choice.trials, choice.extensions, choice.edge) == (9, 2, "high")


def test_a_rate_at_which_one_seed_diverged_is_not_chosen(plan: Plan) -> None:
    """Though its other seed was the best of all; it is counted."""
    wild = 0.008

    def score(cell: Cell) -> float | None:
        return 0.5 if cell.rate != wild else 1.0 if cell.seed else None

    choice = only(plan, finish(plan, score)).choice()
    assert choice.knobs != (("learning_rate", wild),)
    assert choice.diverged == 1


def test_a_rule_without_a_finite_run_is_not_reported(plan: Plan) -> None:
    """It has trials, no knobs, no reporting cells."""
    outcomes = finish(plan, lambda cell: None)
    choice = only(plan, outcomes).choice()
    assert (choice.knobs, choice.trials, choice.diverged) == (None, 3, 3)
    assert all(o.cell.phase == "tuning" for o in outcomes.values())


def test_reports_are_on_the_chosen_rate_only(plan: Plan) -> None:
    """One setting, all reporting seeds."""
    outcomes = finish(plan, peak(3))
    reported = [o.cell for o in outcomes.values() if o.cell.phase == "reporting"]
    assert {cell.rate for cell in reported} == {0.008}
    assert [cell.seed for cell in reported] == [*plan.seeds("reporting")]


def test_equal_scores_are_told_apart_by_the_loss(plan: Plan) -> None:
    """Accuracy on some hundred examples is often the same."""
    outcomes = finish(plan, lambda cell: 0.9, lambda cell: abs(cell.rate - 0.008))
    assert only(plan, outcomes).best() == (("learning_rate", 0.008),)


def test_the_default_track_tunes_nothing(plan: Plan) -> None:
    """Only reports, at the library's default."""
    plan = replace(plan, track="default")
    outcomes = finish(plan, peak(3))
    assert {o.cell.rate for o in outcomes.values()} == {1e-3}
    choice = only(plan, outcomes).choice()
    assert (choice.trials, choice.edge) == (0, None)


@pytest.mark.parametrize("rule", ["sgd", "adam", "muon"])
def test_the_full_track_adds_fifteen_trials_to_every_rule(plan: Plan, rule: str) -> None:
    """Around the best rate; one of them can win."""
    plan = replace(plan, rules=(rule,), axis_rule=rule, track="full")
    middle = search.CENTRES[rule]

    def better(cell: Cell) -> float:
        return (peak(middle)(cell) or 0.0) + (len(cell.knobs) > 1)

    choice = only(plan, finish(plan, better)).choice()
    assert choice.trials == 3 + 15
    assert choice.knobs is not None
    assert (len(choice.knobs) > 1) == (rule != "sgd")


def test_nothing_finished_is_pending_again(plan: Plan) -> None:
    """What a killed comparison had done is not done again: the rest is the rest."""
    outcomes = finish(plan, peak(6))
    some = dict([*outcomes.items()][:4])
    search_now = Tuning(plan, Contest("tiny", "128", "adam"), some)
    assert {cell.key for cell in search_now.pending()} == set([*outcomes][4:6])
